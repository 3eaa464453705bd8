"""The host generator's streams, draw by draw beside PyTorch's."""

import copy
import pickle
import threading

import ml_dtypes
import numpy as np
import pytest
import torch

from torchlike import _dtypes
from torchlike._generator import Generator

from .random_beside import skip_if_mkl

SIZES = (0, 1, 15, 16, 17, 31, 100, 5003)
FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = ("int8", "uint8", "int16", "int32", "int64")
EXACT = 0
# The last bits of large float64 arrays depend on whose log and cosine it is.
ULPS = 8


def to_numpy(tensor):
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    return tensor.numpy()


def empty(n, name):
    return torch.empty(n, dtype=getattr(torch, name))


def of(name):
    return getattr(_dtypes, {"bool": "bool_"}.get(name, name))


def agree(theirs, ours, ulps=EXACT, seed=11):
    """Run both from the same seed; compare the numbers and the state after them."""
    torch.manual_seed(seed)
    generator = Generator().manual_seed(seed)
    expected, got = to_numpy(theirs()), ours(generator)
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
    if ulps == EXACT:
        np.testing.assert_array_equal(got, expected)
    else:
        scale = float(np.abs(expected.astype(np.float64)).max(initial=1.0))
        bound = ulps * float(ml_dtypes.finfo(expected.dtype).eps) * scale
        np.testing.assert_allclose(
            got.astype(np.float64), expected.astype(np.float64), rtol=0, atol=bound
        )
    np.testing.assert_array_equal(generator.get_state(), torch.get_rng_state().numpy())


# name: (PyTorch, ours)
CONTINUOUS = {
    "uniform": (lambda t: t.uniform_(), lambda g, *a: g.uniform(*a)),
    "uniform_range": (
        lambda t: t.uniform_(-0.123, 0.123),
        lambda g, *a: g.uniform(*a, -0.123, 0.123),
    ),
    "normal": (lambda t: t.normal_(), lambda g, *a: g.normal(*a)),
    "normal_scaled": (
        lambda t: t.normal_(0.3, 1.7),
        lambda g, *a: g.normal(*a, 0.3, 1.7),
    ),
    "exponential": (
        lambda t: t.exponential_(1.7),
        lambda g, *a: g.exponential(*a, 1.7),
    ),
    "log_normal": (
        lambda t: t.log_normal_(0.3, 0.7),
        lambda g, *a: g.log_normal(*a, 0.3, 0.7),
    ),
    "full_range": (lambda t: t.random_(), lambda g, *a: g.full_range(*a)),
    "geometric": (
        lambda t: t.geometric_(0.3),
        lambda g, shape, d: g.geometric(shape, 0.3, d),
    ),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("name", CONTINUOUS)
def test_float_draws(name, n, dtype):
    skip_if_mkl(name)
    theirs, ours = CONTINUOUS[name]
    whole = name in ("full_range", "geometric")
    ulps = EXACT if n < 16 or whole or dtype != "float64" else ULPS
    agree(lambda: theirs(empty(n, dtype)), lambda g: ours(g, (n,), of(dtype)), ulps)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", (1, 15, 100, 5003))
def test_cauchy(n, dtype):
    torch.manual_seed(3)
    expected = to_numpy(empty(n, dtype).cauchy_(0.3, 1.7)).astype(np.float64)
    got = Generator().manual_seed(3).cauchy((n,), of(dtype), 0.3, 1.7)
    rtol = 4e-14 if dtype == "float64" else 0
    np.testing.assert_allclose(got.astype(np.float64), expected, rtol=rtol, atol=0)


@pytest.mark.parametrize("n", (1, 15, 16, 33, 1001))
def test_normal_not_contiguous_is_drawn_in_pairs(n):
    agree(
        lambda: torch.empty(2 * n)[::2].normal_(0.3, 1.7),
        lambda g: g.normal((n,), mean=0.3, std=1.7, contiguous=False),
    )


RANGES = [
    (0, 10),
    (-5, 5),
    (3, 2**28 + 2),
    (0, 2**28),
    (0, 2**32 + 5),
    (-(2**40), 2**50),
    (-(2**62), 2**62),
    (-(2**63), 2**63 - 1),
]


@pytest.mark.parametrize("low, high", RANGES)
@pytest.mark.parametrize("n", SIZES)
def test_integers(n, low, high):
    agree(lambda: torch.randint(low, high, (n,)), lambda g: g.integers(low, high, (n,)))


@pytest.mark.parametrize("n", SIZES)
def test_integers_of_all_64_bits(n):
    agree(
        lambda: empty(n, "int64").random_(-(2**63), None),
        lambda g: g.integers(-(2**63), 2**63, (n,)),
    )


@pytest.mark.parametrize("dtype", (*INTEGERS, "bool"))
@pytest.mark.parametrize("n", (1, 100, 5003))
def test_full_range_integers(n, dtype):
    agree(lambda: empty(n, dtype).random_(), lambda g: g.full_range((n,), of(dtype)))


@pytest.mark.parametrize("dtype", INTEGERS)
def test_geometric_integers(dtype):
    agree(
        lambda: empty(500, dtype).geometric_(0.4),
        lambda g: g.geometric((500,), 0.4, of(dtype)),
    )


@pytest.mark.parametrize("p", (0.0, 1e-300, 0.1, 0.5, 0.999, 1.0))
@pytest.mark.parametrize("n", SIZES)
def test_bernoulli_of_a_number(n, p):
    skip_if_mkl("bernoulli")
    agree(lambda: empty(n, "bool").bernoulli_(p), lambda g: g.bernoulli((n,), p))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("n", SIZES)
def test_bernoulli_of_an_array(n, dtype):
    p = torch.rand(n, generator=torch.Generator().manual_seed(1))
    p = p.to(getattr(torch, dtype))
    agree(lambda: torch.bernoulli(p).bool(), lambda g: g.bernoulli((n,), to_numpy(p)))


@pytest.mark.parametrize("dtype", ("int64", "int32", "int16"))
@pytest.mark.parametrize("n", (0, 1, 2, 10, 255, 256, 257, 5003, 30011))
def test_permutation(n, dtype):
    agree(
        lambda: torch.randperm(n, dtype=getattr(torch, dtype)),
        lambda g: g.permutation(n, of(dtype)),
    )


def weights(dtype):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(7, 50, generator=generator).to(getattr(torch, dtype))


@pytest.mark.parametrize("dtype", ("bfloat16", "float32", "float64"))
@pytest.mark.parametrize("replacement", (False, True))
@pytest.mark.parametrize("samples", (1, 2, 5, 20))
def test_multinomial(samples, replacement, dtype):
    skip_if_mkl("multinomial")
    if dtype == "bfloat16" and not replacement and samples > 1:
        pytest.skip("PyTorch's topk leaves the order of equal bfloat16 values open")
    w = weights(dtype)
    agree(
        lambda: torch.multinomial(w, samples, replacement),
        lambda g: g.multinomial(to_numpy(w), samples, replacement),
    )


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("top", (2.0, 9.9, 12.0, 300.0))
def test_poisson(top, dtype):
    rates = torch.rand(900, generator=torch.Generator().manual_seed(2)) * top
    rates[::50] = 0
    rates = rates.to(getattr(torch, dtype))
    agree(lambda: torch.poisson(rates), lambda g: g.poisson(to_numpy(rates)))


@pytest.mark.parametrize(
    "name, draw",
    [
        ("uniform", (lambda: torch.rand(1000003), lambda g: g.uniform((1000003,)))),
        ("normal", (lambda: torch.randn(1000003), lambda g: g.normal((1000003,)))),
        ("perm", (lambda: torch.randperm(1000003), lambda g: g.permutation(1000003))),
        (
            "bernoulli",
            (
                lambda: torch.empty(1000003, dtype=torch.bool).bernoulli_(0.3),
                lambda g: g.bernoulli((1000003,), 0.3),
            ),
        ),
    ],
)
def test_a_million(name, draw):
    skip_if_mkl(name)
    agree(*draw)


def test_mixed_calls_share_one_stream_and_its_spare_normal():
    torch.manual_seed(5)
    generator = Generator().manual_seed(5)
    pairs = [
        (torch.randn(3), generator.normal((3,))),
        (torch.rand(7), generator.uniform((7,))),
        (torch.randn(2, 2), generator.normal((2, 2))),
        (torch.randint(0, 9, (4,)), generator.integers(0, 9, (4,))),
        (torch.randn(40) * 0, generator.normal((40,)) * 0),
        (torch.randn(1), generator.normal((1,))),
        (torch.randperm(9), generator.permutation(9)),
        (torch.randn(5, dtype=torch.float64), generator.normal((5,), _dtypes.float64)),
    ]
    for expected, got in pairs:
        np.testing.assert_array_equal(got, expected.numpy())


SEEDS = (0, 1, -1, 2**32, 2**32 + 7, 2**63, 2**64 - 1, -(2**63))


@pytest.mark.parametrize("seed", SEEDS)
def test_seeds(seed):
    theirs, ours = torch.Generator().manual_seed(seed), Generator().manual_seed(seed)
    assert ours.initial_seed() == theirs.initial_seed()
    np.testing.assert_array_equal(ours.get_state(), theirs.get_state().numpy())
    expected = torch.rand(9, generator=theirs).numpy()
    np.testing.assert_array_equal(ours.uniform((9,)), expected)


@pytest.mark.parametrize(
    "seed", (2**64, -(2**63) - 1, 1.5, True, "a", None, np.int64(3))
)
def test_bad_seeds(seed):
    with pytest.raises(Exception) as expected:
        torch.Generator().manual_seed(seed)
    with pytest.raises(type(expected.value)) as got:
        Generator().manual_seed(seed)
    assert str(got.value) == str(expected.value)


@pytest.mark.parametrize("draws", (0, 1, 622, 623, 624, 625, 1248, 2000))
@pytest.mark.parametrize("normals", (0, 1, 2))
def test_state_round_trips_both_ways(draws, normals):
    theirs, ours = torch.Generator().manual_seed(4), Generator().manual_seed(4)
    torch.rand(draws, generator=theirs)
    ours.uniform((draws,))
    torch.randn(normals, generator=theirs)
    ours.normal((normals,))
    state = ours.get_state()
    np.testing.assert_array_equal(state, theirs.get_state().numpy())
    back = torch.Generator()
    back.set_state(torch.from_numpy(state.copy()))
    again = Generator()
    again.set_state(theirs.get_state().numpy())
    expected = torch.randn(700, generator=theirs, dtype=torch.float64)[:3]
    assert torch.equal(
        torch.randn(700, generator=back, dtype=torch.float64)[:3], expected
    )
    again.normal((700,), _dtypes.float64)
    np.testing.assert_array_equal(again.get_state(), theirs.get_state().numpy())


@pytest.mark.parametrize("size", (0, 5, 5057))
def test_state_of_the_wrong_size(size):
    with pytest.raises(RuntimeError) as expected:
        torch.Generator().set_state(torch.zeros(size, dtype=torch.uint8))
    with pytest.raises(RuntimeError) as got:
        Generator().set_state(np.zeros(size, np.uint8))
    assert str(got.value) == str(expected.value)


def test_state_that_no_twister_has():
    with pytest.raises(RuntimeError, match="Invalid mt19937 state"):
        Generator().set_state(np.zeros(5056, np.uint8))
    with pytest.raises(TypeError, match="RNG state must be a torch.ByteTensor"):
        Generator().set_state(np.zeros(5056, np.float32))


@pytest.mark.parametrize(
    "copier",
    (copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g)), Generator.clone_state),
    ids=("deepcopy", "pickle", "clone_state"),
)
def test_copies_continue_alone(copier):
    generator = Generator().manual_seed(8)
    generator.normal((3,))
    other = copier(generator)
    np.testing.assert_array_equal(generator.normal((4,)), other.normal((4,)))
    generator.uniform((2,))
    assert generator.uniform((1,)) != other.uniform((1,))


def test_seed_is_new_and_kept():
    generator = Generator()
    assert generator.initial_seed() == torch.Generator().initial_seed()
    seeds = {generator.seed() for _ in range(3)}
    assert len(seeds) == 3 and generator.initial_seed() in seeds


def test_offsets_belong_to_cuda():
    for act in (lambda g: g.get_offset(), lambda g: g.set_offset(1)):
        with pytest.raises(RuntimeError, match="CPU Generator does not use offset"):
            act(Generator())


def test_threads_share_a_generator_without_losing_words():
    generator = Generator().manual_seed(1)
    drawn = []

    def work():
        for _ in range(50):
            drawn.append(generator.uniform((7,), _dtypes.float64))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    single = Generator().manual_seed(1).uniform((1400,), _dtypes.float64)
    np.testing.assert_array_equal(np.sort(np.concatenate(drawn)), np.sort(single))
