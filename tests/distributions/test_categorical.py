"""``Categorical`` beside PyTorch: what is one op here is several functions there."""

import numpy as np
import pytest
import torch
import torch.overrides

import torchlike
import torchlike.overrides
from torchlike.distributions import Categorical

from .beside import agree, answer, compare

SHAPES = ((3,), (2, 3), (2, 1, 4), (1,), (5, 1))


def weights(t, shape, dtype="float32"):
    numbers = np.linspace(0.1, 2, int(np.prod(shape))).reshape(shape)
    return t.tensor(numbers, dtype=getattr(t, dtype), requires_grad=True)


@pytest.mark.parametrize("dtype", ("float32", "float64"))
@pytest.mark.parametrize("given", ("probs", "logits"))
@pytest.mark.parametrize("shape", SHAPES)
def test_an_episode(shape, given, dtype):
    """Samples, chances and the gradients of the weights, twice."""

    def ask(t, d):
        t.manual_seed(1)
        w, total = weights(t, shape, dtype), 0.0
        for _ in range(3):
            chosen = d.Categorical(**{given: w * 1})
            action = chosen.sample()
            total = total + (chosen.log_prob(action) * chosen.entropy()).sum()
        (first,) = t.autograd.grad(total, w, create_graph=True)
        (second,) = t.autograd.grad(first.square().sum(), w)
        found = [action, chosen.logits, chosen.probs, total, first, second]
        return [*found, repr(chosen)]

    agree(ask)


@pytest.mark.parametrize("dtype", ("bfloat16", "float16"))
def test_half_precision(dtype):
    """PyTorch's checks want sums of 1 to six digits."""

    def ask(t, d):
        w = weights(t, (2, 3), dtype)
        chosen = d.Categorical(w, validate_args=False)
        chance = chosen.log_prob(t.tensor([2, 0]))
        chance.sum().backward()
        found = [chosen.probs, chosen.logits, chance, w.grad]
        return [*[x.float() for x in found], *[str(x.dtype) for x in found]]

    agree(ask, 2e-2, 2e-2)


SAMPLE_SHAPES = ((), (1,), (1, 1), (4,), (2, 3), (0,))


@pytest.mark.parametrize("sample_shape", SAMPLE_SHAPES)
@pytest.mark.parametrize("shape", [*SHAPES, (0, 3)])
def test_samples(shape, sample_shape):
    def ask(t, d):
        t.manual_seed(2)
        drawn = d.Categorical(weights(t, shape)).sample(sample_shape)
        strides = list(drawn.stride()) if drawn.numel() else None
        return [drawn, strides, drawn.requires_grad, t.rand(2)]

    agree(ask)


@pytest.mark.parametrize("index", (1, [0], [2, 0], [[1], [0]], [[0, 1], [2, 2]], 1.0))
def test_values_of_any_shape(index):
    def ask(t, d):
        chosen = d.Categorical(weights(t, (2, 3)))
        return chosen.log_prob(t.tensor(index))

    agree(ask)


@pytest.mark.parametrize("index", (3, -1, [0, 7]))
@pytest.mark.parametrize("checks", (True, False))
def test_values_out_of_range(index, checks):
    def ask(t, d):
        shape = (3,) if isinstance(index, int) else (2, 3)
        chosen = d.Categorical(weights(t, shape), validate_args=checks)
        return chosen.log_prob(t.tensor(index))

    (kind, message), (got, found) = (answer(ask, t, t.distributions) for t in BOTH)
    assert got is kind
    assert (
        found.split(" of size")[0].split(" with")[0]
        == (message.split(" of size")[0].split(" with")[0])
    )


BOTH = torch, torchlike
BAD = ([-0.5, 1.5], [0.0, 0.0], [float("nan"), 1.0], [float("inf"), 1.0])


@pytest.mark.parametrize("numbers", BAD)
def test_bad_weights_are_refused_by_the_constructor(numbers):
    def ask(t, d, **options):
        return d.Categorical(t.tensor(numbers) * 1, **options).sample()

    agree(ask)
    agree(lambda t, d: ask(t, d, validate_args=False))
    agree(lambda t, d: d.Categorical(logits=t.tensor([numbers]) * 1))


def test_names_on_the_graph():
    def ask(t, d):
        chosen = d.Categorical(weights(t, (3,)))
        chance = chosen.log_prob(t.tensor(1))
        tensors = chosen.probs, chosen.logits, chance
        return [x.grad_fn.name() for x in tensors]

    agree(ask)


def test_a_mode_sees_pytorchs_functions():
    def ask(t, d):
        seen = []

        class Seeing(t.overrides.TorchFunctionMode):
            def __torch_function__(self, func, types, args=(), kwargs=None):
                seen.append(func.__name__)
                return func(*args, **(kwargs or {}))

        w = weights(t, (3,))
        with Seeing():
            d.Categorical(w, validate_args=False).log_prob(t.tensor(1))
        return [name for name in ("sum", "log", "gather") if name in seen]

    assert agree(ask) == ["sum", "log", "gather"]


def test_no_gradient_and_integers():
    def ask(t, d):
        with t.no_grad():
            chosen = d.Categorical(weights(t, (3,)))
            chance = chosen.log_prob(t.tensor(2))
        later = d.Categorical(t.tensor([1, 2, 5]))
        return [chance, chosen.logits.requires_grad, later.log_prob(t.tensor(0))]

    agree(ask)


def test_within_vmap():
    rows = np.linspace(0.1, 1, 6, dtype=np.float32).reshape(2, 3)

    def chance(t):
        def of(row, index):
            chosen = t.distributions.Categorical(row, validate_args=False)
            return chosen.log_prob(index)

        return t.vmap(of)(t.tensor(rows), t.tensor([0, 2]))

    compare(*[answer(lambda t, d: chance(t), t, None) for t in BOTH])


def test_the_same_numbers_whatever_is_watched():
    """One op, or the functions one by one under a mode."""

    class Watching(torchlike.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            return func(*args, **(kwargs or {}))

    def found():
        torchlike.manual_seed(3)
        w = weights(torchlike, (4, 5))
        chosen = Categorical(w)
        chance = chosen.log_prob(chosen.sample())
        chance.sum().backward()
        return [chance.tolist(), w.grad.tolist()]

    plain = found()
    with Watching():
        assert found() == plain
