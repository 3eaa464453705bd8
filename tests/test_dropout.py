"""Dropout and rrelu beside PyTorch: masks, values, gradients, errors."""

import warnings

import pytest

import torchlike
from torchlike import _config
from torchlike._engine import stats

from .random_beside import BOTH, errors_agree, same, skip_if_mkl

FAMILY = {
    "dropout": lambda t, x: t.nn.functional.dropout(x),
    "dropout_p": lambda t, x: t.nn.functional.dropout(x, 0.1),
    "dropout_third": lambda t, x: t.nn.functional.dropout(x, p=1 / 3),
    "dropout_none": lambda t, x: t.nn.functional.dropout(x, 0.0),
    "dropout_all": lambda t, x: t.nn.functional.dropout(x, 1.0),
    "dropout_eval": lambda t, x: t.nn.functional.dropout(x, training=False),
    "torch_dropout": lambda t, x: t.dropout(x, 0.3, True),
    "feature_dropout": lambda t, x: t.feature_dropout(x, 0.3, True),
    "alpha": lambda t, x: t.nn.functional.alpha_dropout(x, training=True),
    "alpha_p": lambda t, x: t.nn.functional.alpha_dropout(x, 0.2, True),
    "alpha_default": lambda t, x: t.nn.functional.alpha_dropout(x),
    "feature_alpha": lambda t, x: t.nn.functional.feature_alpha_dropout(x, 0.3, True),
    "torch_alpha": lambda t, x: t.alpha_dropout(x, 0.3, True),
    "dropout1d": lambda t, x: t.nn.functional.dropout1d(x[0]),
    "dropout1d_matrix": lambda t, x: t.nn.functional.dropout1d(x[0, 0]),
    "dropout2d": lambda t, x: t.nn.functional.dropout2d(x, 0.3),
    "dropout2d_3d": lambda t, x: t.nn.functional.dropout2d(x[0], 0.3),
    "dropout2d_2d": lambda t, x: t.nn.functional.dropout2d(x[0, 0], 0.3),
    "dropout3d": lambda t, x: t.nn.functional.dropout3d(x, 0.3),
    "dropout3d_batched": lambda t, x: t.nn.functional.dropout3d(x.unsqueeze(0), 0.3),
    "rrelu": lambda t, x: t.nn.functional.rrelu(x, training=True),
    "rrelu_bounds": lambda t, x: t.rrelu(x, 0.2, 0.4, True),
    "rrelu_eval": lambda t, x: t.nn.functional.rrelu(x),
}


def ulps(name):
    """rrelu multiplies float32 by a float64 slope in PyTorch, here by a rounded one."""
    return 4 if "alpha" in name or "rrelu" in name else 0


@pytest.mark.filterwarnings("ignore:dropout")
@pytest.mark.parametrize("dtype", ("float32", "float64", "bfloat16", "float16"))
@pytest.mark.parametrize("name", FAMILY)
def test_values(name, dtype):
    skip_if_mkl(name)
    if dtype == "float16" and "rrelu" in name:
        pytest.skip("PyTorch has no float16 rrelu on the CPU")

    def call(t):
        x = t.rand(3, 4, 2, 5, dtype=getattr(t, dtype)) - 0.5
        return FAMILY[name](t, x)

    same(call, ulps=ulps(name) or (1 if dtype in ("float16", "bfloat16") else 0))


@pytest.mark.filterwarnings("ignore:dropout")
@pytest.mark.parametrize("name", FAMILY)
def test_gradients(name):
    skip_if_mkl(name)

    def call(t):
        x = t.rand(3, 4, 2, 5, dtype=t.float64) - 0.5
        weight = t.rand(3, 4, 2, 5, dtype=t.float64)
        x.requires_grad_()
        y = FAMILY[name](t, x)
        while weight.ndim > y.ndim:
            weight = weight[0]
        y.backward(weight.expand(y.shape))
        return x.grad

    same(call, ulps=4)


def test_a_transposed_view_is_masked_in_the_order_of_its_memory():
    skip_if_mkl()
    same(lambda t: t.nn.functional.dropout(t.rand(3, 4).t()))
    same(lambda t: t.nn.functional.dropout(t.rand(2, 3, 4).permute(1, 0, 2)))
    same(lambda t: t.rrelu((t.rand(3, 4) - 0.5).t(), training=True), ulps=1)


IN_PLACE = {
    "dropout": lambda t, x: t.nn.functional.dropout(x, 0.3, inplace=True),
    "dropout_": lambda t, x: t.dropout_(x, 0.3, True),
    "alpha": lambda t, x: t.nn.functional.alpha_dropout(x, 0.3, True, True),
    "dropout2d": lambda t, x: t.nn.functional.dropout2d(x, 0.3, inplace=True),
    "dropout3d": lambda t, x: t.nn.functional.dropout3d(x, 0.3, inplace=True),
    "feature_alpha": lambda t, x: t.feature_alpha_dropout_(x, 0.3, True),
    "rrelu": lambda t, x: t.nn.functional.rrelu(x, training=True, inplace=True),
    "rrelu_": lambda t, x: t.rrelu_(x, 0.2, 0.4, True),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place(name):
    skip_if_mkl(name)

    def call(t):
        x = t.rand(2, 4, 3, 3) - 0.5
        result = IN_PLACE[name](t, x)
        assert result is x
        return x

    same(call, ulps=ulps(name))


def test_nothing_to_drop_gives_the_input_itself():
    for t in BOTH:
        x = t.rand(3)
        assert t.nn.functional.dropout(x, 0.0) is x or t.__name__ == "torch"
        state = t.get_rng_state().numpy().copy()
        t.nn.functional.dropout(x, 0.5, training=False)
        assert (t.get_rng_state().numpy() == state).all()


ERRORS = {
    "p": lambda t: t.nn.functional.dropout(t.rand(3), 2.0),
    "alpha_p": lambda t: t.nn.functional.alpha_dropout(t.rand(3), -1.0),
    "torch_p": lambda t: t.dropout(t.rand(3), 2.0, True),
    "ints": lambda t: t.nn.functional.dropout(t.randint(3, (3,))),
    "dropout1d": lambda t: t.nn.functional.dropout1d(t.rand(2, 2, 2, 2)),
    "feature_vector": lambda t: t.nn.functional.feature_alpha_dropout(
        t.rand(2), training=True
    ),
    "leaf": lambda t: t.nn.functional.dropout(
        t.rand(2, requires_grad=True), inplace=True
    ),
    "rrelu_bounds": lambda t: t.rrelu(t.rand(3), 0.5, 0.1, True),
    "rrelu_ints": lambda t: t.rrelu(t.randint(3, (3,)), training=True),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name):
    errors_agree(ERRORS[name])


@pytest.mark.parametrize("rank", (2, 3))
def test_warnings(rank):
    texts = []
    for t in BOTH:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            t.nn.functional.dropout2d(
                t.rand(2, 2, 2)[0] if rank == 2 else t.rand(2, 2, 2)
            )
        texts.append(str(caught[0].message))
    assert texts[0] == texts[1]


LOOPS = {
    "dropout": lambda t, p: t.nn.functional.dropout(t.rand(5, 7), p),
    "alpha_dropout": lambda t, p: t.nn.functional.alpha_dropout(t.rand(5, 7), p, True),
    "dropout2d": lambda t, p: t.nn.functional.dropout2d(t.rand(2, 3, 4, 4), p),
    "noise": lambda t, p: t.rand(5, 7) + p * t.randn(5, 7),
    "bernoulli": lambda t, p: t.bernoulli(t.rand(5, 7) * p),
    "normal": lambda t, p: t.normal(p, t.rand(5, 7)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_steady_loop_compiles_once(name):
    """Numbers drawn and rates are inputs of the program, never constants in it."""
    for _ in range(2):  # the first may follow ops of another test in its trace
        LOOPS[name](torchlike, 0.25).numpy()
    before = stats().compiles
    shown = [LOOPS[name](torchlike, 0.1 * step).numpy() for step in (1, 2, 3)]
    assert stats().compiles == before
    assert (shown[0] != shown[1]).any()


def _training(width: int, rate: float | None, steps: int = 6) -> list[int]:
    """Programs compiled by each step of a loop of training, evaluation and prediction.

    The width is of no other test, so that every program is new.
    """
    nn = torchlike.nn
    torchlike.manual_seed(0)
    middle = [nn.Dropout(rate), nn.AlphaDropout(rate)] if rate is not None else []
    model = nn.Sequential(nn.Linear(width, 12), nn.ReLU(), *middle, nn.Linear(12, 3))
    optimizer = torchlike.optim.SGD(model.parameters(), lr=0.1)
    counts = []
    for _ in range(steps):
        before = stats().compiles
        x = torchlike.randn(5, width)
        loss = model.train()(x).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
        with torchlike.no_grad():
            model(x).sum().item()  # masks are drawn here too
            model.eval()(x).sum().item()
        counts.append(stats().compiles - before)
    return counts


def test_a_training_with_dropout_compiles_no_more_programs():
    without, with_masks = _training(41, None), _training(43, 0.3)
    assert not any(with_masks[1:])
    if not _config.flush_every_op:  # else a mask's product is a program of its own
        # One more: the call in training mode and that in eval mode are alike without.
        assert sum(with_masks) <= sum(without) + 1
