"""Random functions and methods beside PyTorch: numbers, shapes, dtypes, errors."""

import warnings

import numpy as np
import pytest
import torch

import torchlike

from .random_beside import BOTH, errors_agree, same, skip_if_mkl

FACTORIES = {
    "rand": lambda t: t.rand(2, 3),
    "rand_tuple": lambda t: t.rand((2, 3)),
    "rand_list": lambda t: t.rand([2, 3]),
    "rand_size": lambda t: t.rand(size=(2, 3)),
    "rand_of_a_shape": lambda t: t.rand(t.rand(4, 2).shape),
    "rand_scalar": lambda t: t.rand(()),
    "rand_empty": lambda t: t.rand(0, 3),
    "rand_float64": lambda t: t.rand(3, dtype=t.float64),
    "rand_float16": lambda t: t.rand(30, dtype=t.float16),
    "rand_bfloat16": lambda t: t.rand(30, dtype=t.bfloat16),
    "rand_complex": lambda t: t.rand(3, dtype=t.complex64),
    "rand_device": lambda t: t.rand(3, device="cpu"),
    "rand_out": lambda t: t.rand(3, out=t.zeros(3)),
    "rand_out_float64": lambda t: t.rand(3, out=t.zeros(3, dtype=t.float64)),
    "randn": lambda t: t.randn(2, 3),
    "randn_float64": lambda t: t.randn(5, dtype=t.float64),
    "randn_complex": lambda t: t.randn(5, dtype=t.complex128),
    "randint": lambda t: t.randint(10, (4,)),
    "randint_low": lambda t: t.randint(-3, 10, (4, 2)),
    "randint_names": lambda t: t.randint(low=2, high=5, size=(4,)),
    "randint_high_named": lambda t: t.randint(high=5, size=(4,)),
    "randint_low_first": lambda t: t.randint(2, high=5, size=(4,)),
    "randint_wide": lambda t: t.randint(0, 2**60, (5,)),
    "randint_float": lambda t: t.randint(0, 9, (5,), dtype=t.float16),
    "randint_bool": lambda t: t.randint(0, 2, (5,), dtype=t.bool),
    "randint_int8": lambda t: t.randint(-128, 128, (50,), dtype=t.int8),
    "randint_out": lambda t: t.randint(0, 7, (5,), out=t.zeros(5, dtype=t.int32)),
    "randperm": lambda t: t.randperm(10),
    "randperm_int32": lambda t: t.randperm(10, dtype=t.int32),
    "randperm_float": lambda t: t.randperm(300, dtype=t.float32),
    "randperm_empty": lambda t: t.randperm(0),
    "rand_like": lambda t: t.rand_like(t.zeros(3, 2)),
    "rand_like_dtype": lambda t: t.rand_like(t.zeros(3, 2), dtype=t.float64),
    "rand_like_transposed": lambda t: t.rand_like(t.zeros(3, 4).t()),
    "rand_like_contiguous": lambda t: t.rand_like(
        t.zeros(3, 4).t(), memory_format=t.contiguous_format
    ),
    "rand_like_permuted": lambda t: t.rand_like(t.zeros(2, 3, 4).permute(2, 0, 1)),
    "rand_like_expanded": lambda t: t.rand_like(t.zeros(4, 1).expand(4, 5)),
    "randn_like": lambda t: t.randn_like(t.zeros(3, 2)),
    "randn_like_transposed": lambda t: t.randn_like(t.zeros(30, 4).t()),
    "randint_like": lambda t: t.randint_like(t.zeros(3, 2), 5),
    "randint_like_low": lambda t: t.randint_like(t.zeros(3, 2), 2, 5, dtype=t.int64),
    "normal_size": lambda t: t.normal(2.0, 3.0, (2, 3)),
    "normal_ints": lambda t: t.normal(2, 3, (2, 3)),
    "normal_named": lambda t: t.normal(mean=2.0, std=3.0, size=(2, 3)),
    "normal_mean": lambda t: t.normal(t.ones(4)),
    "normal_mean_number": lambda t: t.normal(t.ones(4), 2.0),
    "normal_std": lambda t: t.normal(1.5, t.ones(4) * 2),
    "normal_zero_std": lambda t: t.normal(0.0, t.ones(4) * 2),
    "normal_both": lambda t: t.normal(t.ones(3, 1), t.ones(4) * 2),
    "normal_dtypes": lambda t: t.normal(t.ones(3), t.ones(3, dtype=t.float64)),
    "bernoulli": lambda t: t.bernoulli(t.ones(3, 4) * 0.3),
    "bernoulli_float64": lambda t: t.bernoulli(t.ones(9, dtype=t.float64) * 0.3),
    "bernoulli_transposed": lambda t: t.bernoulli(t.rand(3, 4).t()),
    "normal_transposed": lambda t: t.normal(t.rand(3, 4).t(), 0.5),
    "poisson_transposed": lambda t: t.poisson(t.rand(3, 4).t() * 5),
    "bernoulli_number": lambda t: t.bernoulli(t.zeros(9), 0.3),
    "bernoulli_number_of_ints": lambda t: t.bernoulli(t.zeros(9, dtype=t.int64), 0.3),
    "bernoulli_method": lambda t: (t.ones(9) * 0.4).bernoulli(),
    "multinomial": lambda t: t.multinomial(t.ones(5), 3),
    "multinomial_rows": lambda t: t.multinomial(t.rand(4, 5), 3),
    "multinomial_one": lambda t: t.multinomial(t.rand(4, 5), 1),
    "multinomial_replaced": lambda t: t.multinomial(t.rand(4, 5), 30, True),
    "multinomial_method": lambda t: t.rand(5).multinomial(2, replacement=True),
    "multinomial_no_rows": lambda t: t.multinomial(t.ones(0, 3), 2),
    "multinomial_few": lambda t: t.multinomial(t.tensor([0.0, 1, 0, 3]), 4)[:2],
    "poisson": lambda t: t.poisson(t.rand(30) * 20),
    "random_float_31": lambda t: t.zeros(9).random_(0, 2**31),
    "random_float_28": lambda t: t.zeros(9).random_(0, 2**28),
    "random_float_inexact": lambda t: t.zeros(9).random_(0, 2**28 - 1),
    "random_float_62": lambda t: t.zeros(9).random_(-5, 2**62),
    "random_bfloat16": lambda t: t.zeros(9, dtype=t.bfloat16).random_(-1000, 1001),
    "normal_bfloat16": lambda t: t.normal(t.rand(30).bfloat16(), t.rand(30).bfloat16()),
    "normal_of_many": lambda t: t.normal(t.rand(500), t.rand(500)),
    "rrelu": lambda t: t.rrelu(t.randn(300), training=True),
    "native_dropout_result": lambda t: t.native_dropout(t.rand(30), 0.3, True)[0],
    "native_dropout_mask": lambda t: t.native_dropout(t.rand(30), 0.3, True)[1],
    "native_dropout_off": lambda t: t.native_dropout(t.rand(30), 0.3, False)[1],
    "native_dropout_all": lambda t: t.native_dropout(t.rand(30), 1.0, True)[0],
}
FILLS = {
    "uniform": lambda x: x.uniform_(),
    "uniform_bounds": lambda x: x.uniform_(-0.3, 0.7),
    "uniform_named": lambda x: x.uniform_(to=2),
    "uniform_one_bound": lambda x: x.uniform_(-2),
    "normal": lambda x: x.normal_(),
    "normal_scaled": lambda x: x.normal_(2, std=3),
    "random": lambda x: x.random_(),
    "random_to": lambda x: x.random_(100),
    "random_from_to": lambda x: x.random_(3, 50),
    "random_named": lambda x: x.random_(to=50, **{"from": 3}),
    "random_from": lambda x: x.random_(5, None),
    "exponential": lambda x: x.exponential_(),
    "exponential_rate": lambda x: x.exponential_(lambd=2.5),
    "geometric": lambda x: x.geometric_(0.2),
    "cauchy": lambda x: x.cauchy_(),
    "cauchy_scaled": lambda x: x.cauchy_(1, sigma=3),
    "log_normal": lambda x: x.log_normal_(),
    "log_normal_scaled": lambda x: x.log_normal_(0.5, 0.25),
    "bernoulli": lambda x: x.bernoulli_(),
    "bernoulli_p": lambda x: x.bernoulli_(0.2),
}
SHAPES = {
    "plain": lambda t, d: t.zeros(3, 4, dtype=d),
    "scalar": lambda t, d: t.zeros((), dtype=d),
    "empty": lambda t, d: t.zeros(0, 2, dtype=d),
    "transposed": lambda t, d: t.zeros(3, 4, dtype=d).t(),
    "row": lambda t, d: t.zeros(3, 4, dtype=d)[1],
    "column": lambda t, d: t.zeros(20, 4, dtype=d)[:, 1],
    "strided": lambda t, d: t.zeros(2, 3, 8, dtype=d).permute(2, 0, 1)[::2],
}


@pytest.mark.parametrize("name", FACTORIES)
def test_factory(name):
    skip_if_mkl(name)
    same(FACTORIES[name])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FILLS)
def test_fill(name, shape):
    skip_if_mkl(name)
    fill, make = FILLS[name], SHAPES[shape]
    same(lambda t: fill(make(t, t.float32)), ulps=0 if "cauchy" not in name else 8)


@pytest.mark.parametrize("dtype", ("float64", "float16", "bfloat16"))
@pytest.mark.parametrize("name", FILLS)
def test_fill_dtypes(name, dtype):
    skip_if_mkl(name)
    same(lambda t: FILLS[name](t.zeros(3, 4, dtype=getattr(t, dtype))))


@pytest.mark.parametrize("dtype", ("int64", "int32", "uint8", "bool"))
@pytest.mark.parametrize("name", ("random", "bernoulli", "bernoulli_p", "geometric"))
def test_fill_integers(name, dtype):
    skip_if_mkl(name)
    if (name, dtype) == ("geometric", "bool"):
        return errors_agree(lambda t: t.zeros(3, dtype=t.bool).geometric_(0.2))
    same(lambda t: FILLS[name](t.zeros(3, 4, dtype=getattr(t, dtype))))


def test_a_fill_of_a_view_writes_its_base():
    def fill(t):
        base = t.zeros(3, 4)
        base.t()[1:3].uniform_()
        base[0, :2].normal_()
        return base

    same(fill)


def test_bernoulli_of_tensors():
    same(lambda t: t.zeros(3, 4).bernoulli_(t.rand(4)))
    same(lambda t: t.zeros(3, 4, dtype=t.int64).bernoulli_(t.rand(3, 1)))
    same(lambda t: t.zeros(3, 4, dtype=t.float64).bernoulli_(t.tensor(0.3)))


def test_large_normals():
    same(lambda t: t.randn(1000))
    same(lambda t: t.zeros(33, 7).normal_(0.5, 2.0))
    same(lambda t: t.randn(50, dtype=t.complex64))
    same(lambda t: t.randn(1000, dtype=t.float64), ulps=4)


@pytest.mark.parametrize("name", ("uniform", "normal", "random_to", "bernoulli_p"))
def test_generators_keep_their_own_stream(name):
    skip_if_mkl(name)
    fills = {
        "uniform": lambda t, g: t.zeros(5).uniform_(generator=g),
        "normal": lambda t, g: t.randn(5, generator=g),
        "random_to": lambda t, g: t.randint(9, (5,), generator=g),
        "bernoulli_p": lambda t, g: t.bernoulli(t.ones(5) * 0.4, generator=g),
    }

    def draw(t):
        own = t.Generator().manual_seed(9)
        first = fills[name](t, own)
        t.rand(2)
        return t.stack([first.float(), fills[name](t, own).float()])

    same(draw)


ERRORS = {
    "rand_of_ints": lambda t: t.rand(3, dtype=t.int64),
    "randn_of_ints": lambda t: t.randn(3, dtype=t.int64),
    "negative": lambda t: t.rand(2, -1),
    "text": lambda t: t.rand("a"),
    "float_size": lambda t: t.rand(1.5),
    "no_size": lambda t: t.rand(),
    "randint_empty": lambda t: t.randint(5, 5, (3,)),
    "randint_zero": lambda t: t.randint(0, (3,)),
    "randint_float": lambda t: t.randint(1.5, (3,)),
    "randint_grad": lambda t: t.randint(3, (3,), requires_grad=True),
    "randint_uint8": lambda t: t.randint(0, 300, (3,), dtype=t.uint8),
    "randperm_negative": lambda t: t.randperm(-1),
    "randperm_uint16": lambda t: t.randperm(3, dtype=t.uint16),
    "randperm_bool": lambda t: t.randperm(3, dtype=t.bool),
    "randperm_uint8": lambda t: t.randperm(300, dtype=t.uint8),
    "randperm_half": lambda t: t.randperm(3000, dtype=t.float16),
    "randperm_text": lambda t: t.randperm("a"),
    "rand_like_ints": lambda t: t.rand_like(t.zeros(3, dtype=t.int64)),
    "normal_no_size": lambda t: t.normal(0.0, 1.0),
    "normal_negative": lambda t: t.normal(t.zeros(3), -1.0),
    "normal_shapes": lambda t: t.normal(t.zeros(3), t.ones(4)),
    "uniform_ints": lambda t: t.zeros(3, dtype=t.int64).uniform_(),
    "uniform_swapped": lambda t: t.zeros(3).uniform_(2, 1),
    "uniform_wide": lambda t: t.zeros(3).uniform_(-3e38, 3e38),
    "uniform_half": lambda t: t.zeros(3, dtype=t.float16).uniform_(0, 1e6),
    "normal_ints": lambda t: t.zeros(3, dtype=t.int64).normal_(),
    "normal_std": lambda t: t.zeros(3).normal_(0, -1),
    "exponential_ints": lambda t: t.zeros(3, dtype=t.int64).exponential_(),
    "exponential_zero": lambda t: t.zeros(3).exponential_(0),
    "geometric_zero": lambda t: t.zeros(3).geometric_(0),
    "geometric_one": lambda t: t.zeros(3).geometric_(1),
    "cauchy_ints": lambda t: t.zeros(3, dtype=t.int64).cauchy_(),
    "cauchy_zero": lambda t: t.zeros(3).cauchy_(0, 0),
    "log_normal_ints": lambda t: t.zeros(3, dtype=t.int64).log_normal_(),
    "log_normal_zero": lambda t: t.zeros(3).log_normal_(0, 0),
    "random_complex": lambda t: t.zeros(3, dtype=t.complex64).random_(),
    "random_equal": lambda t: t.zeros(3).random_(5, 5),
    "random_zero": lambda t: t.zeros(3).random_(0),
    "random_uint8": lambda t: t.zeros(3, dtype=t.uint8).random_(300),
    "random_uint8_negative": lambda t: t.zeros(3, dtype=t.uint8).random_(-1, 5),
    "random_half": lambda t: t.zeros(3, dtype=t.float16).random_(0, 100000),
    "random_bool": lambda t: t.zeros(3, dtype=t.bool).random_(3),
    "random_float": lambda t: t.zeros(3).random_(1.5),
    "bernoulli_2": lambda t: t.zeros(3).bernoulli_(2),
    "bernoulli_complex": lambda t: t.zeros(3, dtype=t.complex64).bernoulli_(),
    "bernoulli_shape": lambda t: t.zeros(3).bernoulli_(t.zeros(4)),
    "bernoulli_ints": lambda t: t.bernoulli(t.zeros(3, dtype=t.int64)),
    "multinomial_none": lambda t: t.multinomial(t.ones(3), 0),
    "multinomial_many": lambda t: t.multinomial(t.ones(3), 5),
    "multinomial_ints": lambda t: t.multinomial(t.ones(3, dtype=t.int64), 1),
    "multinomial_3d": lambda t: t.multinomial(t.ones(2, 2, 2), 1),
    "multinomial_negative": lambda t: t.multinomial(t.tensor([-1.0, 1]), 1),
    "multinomial_negative_replaced": lambda t: t.multinomial(
        t.tensor([-1.0, 1]), 2, True
    ),
    "multinomial_nan": lambda t: t.multinomial(t.tensor([float("nan"), 1]), 1),
    "multinomial_inf": lambda t: t.multinomial(t.tensor([float("inf"), 1]), 2, True),
    "multinomial_zero": lambda t: t.multinomial(t.zeros(3), 1),
    "multinomial_out": lambda t: t.multinomial(t.ones(3), 2, out=t.zeros(2)),
    "poisson_ints": lambda t: t.poisson(t.zeros(3, dtype=t.int64)),
    "poisson_negative": lambda t: t.poisson(-t.ones(3)),
    "leaf": lambda t: t.zeros(3, requires_grad=True).uniform_(),
    "seed": lambda t: t.manual_seed(2**64),
    "seed_text": lambda t: t.manual_seed("a"),
    "generator": lambda t: t.Generator("foo"),
    "state": lambda t: t.set_rng_state(3),
    "state_dtype": lambda t: t.set_rng_state(t.zeros(5056)),
    "state_size": lambda t: t.set_rng_state(t.zeros(5, dtype=t.uint8)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name):
    errors_agree(ERRORS[name])


def test_requires_grad():
    x = torchlike.randn(3, requires_grad=True)
    (x * 2).sum().backward()
    assert x.is_leaf and x.grad.tolist() == [2, 2, 2]


def test_meta_tensors_have_no_numbers():
    state = torchlike.get_rng_state()
    x = torchlike.randn(3, 4, device="meta")
    assert x.is_meta and tuple(x.shape) == (3, 4)
    assert (torchlike.get_rng_state() == state).all()


def test_a_float_range_too_wide_to_be_exact_warns():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torchlike.zeros(3).random_(0, 2**25)
    assert "Due to precision limitations float can support" in str(caught[0].message)


# ----- torch.random ------------------------------------------------------------------


@pytest.mark.parametrize("seed", (0, -1, 1.5, "7", np.int64(4), True, 2**64 - 1))
def test_manual_seed(seed):
    for t in BOTH:
        t.manual_seed(seed)
    assert torch.initial_seed() == torchlike.initial_seed()
    np.testing.assert_array_equal(torch.rand(3), torchlike.rand(3).numpy())


def test_states_travel_between_both():
    torch.manual_seed(3)
    torch.randn(5)
    torchlike.set_rng_state(torchlike.tensor(torch.get_rng_state().numpy()))
    np.testing.assert_array_equal(torch.randn(3), torchlike.randn(3).numpy())
    torchlike.rand(700)
    torch.set_rng_state(torch.tensor(torchlike.get_rng_state().numpy()))
    np.testing.assert_array_equal(torch.randn(3), torchlike.randn(3).numpy())


def test_seed_changes_the_seed():
    first, second = torchlike.seed(), torchlike.seed()
    assert first != second and torchlike.initial_seed() == second


def test_fork_rng_restores():
    torchlike.manual_seed(1)
    with torchlike.random.fork_rng():
        inside = torchlike.rand(3)
    after = torchlike.rand(3)
    assert (inside == after).all()
    with torchlike.random.fork_rng(enabled=False):
        inside = torchlike.rand(3)
    assert not (inside == torchlike.rand(3)).all()


def test_default_generator_is_the_stream_of_the_functions():
    torchlike.manual_seed(2)
    expected = torchlike.rand(3)
    torchlike.default_generator.manual_seed(2)
    assert (torchlike.rand(3, generator=torchlike.default_generator) == expected).all()
    clone = torchlike.default_generator.clone_state()
    assert (torchlike.rand(3, generator=clone) == torchlike.rand(3)).all()
