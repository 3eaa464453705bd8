"""Tensor text against PyTorch's, character for character."""

import itertools
import math

import ml_dtypes
import numpy as np
import pytest
import torch

from torchlike import _dtypes, _printing

inf, nan = math.inf, math.nan


@pytest.fixture(autouse=True)
def _default_options():
    yield
    for side in (torch, _printing):
        side.set_printoptions(profile="default")
    torch.set_default_dtype(torch.float32)
    _dtypes.set_default_dtype(_dtypes.float32)


def to_numpy(t: torch.Tensor) -> np.ndarray:
    """The values as the NumPy or ml_dtypes array that JAX would give."""
    t = t.detach().resolve_conj()
    name = str(t.dtype).removeprefix("torch.")
    if name == "bfloat16":
        return t.float().numpy().astype(ml_dtypes.bfloat16)
    if name.startswith("float8"):
        return t.view(torch.uint8).numpy().view(getattr(ml_dtypes, name))
    return t.numpy()


def ours(t: torch.Tensor) -> str:
    meta = t.is_meta
    return _printing.tensor_text(
        None if meta else to_numpy(t),
        shape=tuple(t.shape),
        dtype=_dtypes._by_name(str(t.dtype).removeprefix("torch.")),
        device=str(t.device),
        requires_grad=t.requires_grad,
        grad_fn_name=type(t.grad_fn).__name__ if t.grad_fn else None,
        is_parameter=isinstance(t, torch.nn.Parameter),
    )


def both_options(**options):
    torch.set_printoptions(**options)
    _printing.set_printoptions(**options)


VALUES = [
    [],
    [[]],
    0.0,
    -0.0,
    1.5,
    nan,
    inf,
    -inf,
    1e10,
    123456789.0,
    1e-5,
    3,
    True,
    1 + 2j,
    -1.5 - 0.0j,
    [1.0, 2.0, 3.0],
    [1.0, nan, inf],
    [0.0, -0.0],
    [nan, nan],
    [1.5, nan, -inf],
    [1e-5, 1.0],
    [1e9, 1.0],
    [1e8, 1.0],
    [1000.0, 1.0],
    [1001.0, 1.0],
    [1000.5, 1.0],
    [1e-4, 1e-4],
    [0.99e-4, 1e-4],
    [1e38, 1e-38],
    [1e-45, 1.0],
    [5e-324, 1e308],
    [-1e5, 0.0, nan, 2.25],
    [True, False],
    [[1, -2], [300, 4]],
    [[[1.0, -2.0], [0.5, 4.0]], [[1, 2], [3, 4]]],
    [1e5 + 1j, 1 - 1e-5j],
    [complex(nan, inf), complex(-inf, -0.0), 1j],
    [[1 + 1j, 2.5 - 3j]],
    [2**62, -1],
    [0.1 * i for i in range(40)],
    list(range(60)),
    [i % 3 == 0 for i in range(30)],
    [complex(i, -i / 7) for i in range(12)],
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: repr(v)[:40])
def test_values(value):
    assert ours(torch.tensor(value)) == repr(torch.tensor(value))


FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
EIGHTS = [torch.float8_e4m3fn, torch.float8_e5m2]
INTS = [getattr(torch, f"{u}int{n}") for u in ("", "u") for n in (8, 16, 32, 64)]
COMPLEX = [torch.complex64, torch.complex128]
ALL = FLOATS + EIGHTS + INTS + COMPLEX + [torch.bool]


@pytest.mark.parametrize("dtype", ALL, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0), (2, 3), (1, 2, 2), (50,)])
def test_every_dtype(dtype, shape):
    t = (torch.arange(math.prod(shape)).reshape(shape) * 1.25).to(dtype)
    assert ours(t) == repr(t)
    assert ours(t.to("meta")) == repr(t.to("meta"))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_default_dtype(dtype):
    torch.set_default_dtype(dtype)
    _dtypes.set_default_dtype(_dtypes._by_name(str(dtype).removeprefix("torch.")))
    for other, shape in itertools.product(ALL, [(2,), (0,)]):
        t = torch.ones(shape).to(other)
        assert ours(t) == repr(t)


SHAPES = [(1001,), (2000, 2), (2, 2000), (40, 40), (7, 7, 30), (1, 1, 1, 1500)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("options", [{}, {"edgeitems": 1}, {"edgeitems": 0}], ids=str)
def test_summary(shape, options):
    both_options(**options)
    n = math.prod(shape)
    for t in (torch.arange(n), torch.arange(n) / 7, torch.arange(n) * (1 - 2j)):
        t = t.reshape(shape)
        assert ours(t) == repr(t)
    assert ours(t.real.requires_grad_()) == repr(t.real.requires_grad_())


OPTIONS = [
    {"precision": 0},
    {"precision": 10},
    {"linewidth": 20},
    {"linewidth": 5},
    {"linewidth": 200},
    {"threshold": 5, "edgeitems": 2},
    {"profile": "short"},
    {"profile": "full"},
    {"profile": "short", "precision": 6},
    {"profile": "no such"},
    {"sci_mode": True},
    {"sci_mode": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options(options):
    both_options(**options)
    for value in VALUES:
        t = torch.tensor(value)
        assert ours(t) == repr(t)
    assert _printing.get_printoptions() == torch._tensor_str.get_printoptions()


def test_options_of_a_block():
    with _printing.printoptions(precision=1, sci_mode=True):
        assert ours(torch.tensor(1.25)) == "tensor(1.2e+00)"
    assert ours(torch.tensor(1.25)) == "tensor(1.2500)"


def test_autograd_notes():
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    half = torch.ones(2, dtype=torch.float16, requires_grad=True)
    long = torch.ones(30, requires_grad=True)
    cases = [leaf, leaf + 1, leaf.sum(), half, half * 2, long, long.exp()]
    cases += [long[:n] * 1.5 for n in range(5, 12)]
    cases += [torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2, 0))]
    cases += [torch.nn.Parameter(torch.ones(2), requires_grad=False)]
    for t in cases:
        assert ours(t) == repr(t)


def test_cuda_note():
    one = np.ones(1, np.float16)
    text = _printing.tensor_text(
        one, dtype=_dtypes.float16, device="cuda:0", grad_fn_name="AddBackward0"
    )
    assert text == (
        "tensor([1.], device='cuda:0', dtype=torch.float16, grad_fn=<AddBackward0>)"
    )


def random_tensor(rng: np.random.Generator) -> torch.Tensor:
    shape = tuple(rng.integers(0, 6, rng.integers(0, 5)))
    values = rng.standard_normal(shape) * 10.0 ** rng.integers(-6, 10)
    if rng.random() < 0.5:
        values = values * 10.0 ** rng.integers(-3, 4, shape)
    if rng.random() < 0.3:
        values = np.round(values)
    odd = rng.choice([nan, inf, -inf, 0.0, -0.0], shape)
    values = np.where(rng.random(shape) < 0.1, odd, values)
    return torch.tensor(values)


@pytest.mark.parametrize("seed", range(8))
def test_random(seed):
    rng = np.random.default_rng(seed)
    for _ in range(120):
        t = random_tensor(rng)
        if rng.random() < 0.3:
            t = torch.complex(t, t.flip(tuple(range(t.ndim))))
        else:
            t = t.to(FLOATS[rng.integers(4)])
        if rng.random() < 0.3:
            t.requires_grad_()
        both_options(
            precision=int(rng.integers(0, 8)),
            threshold=int(rng.choice([5, 1000])),
            edgeitems=int(rng.integers(1, 4)),
            linewidth=int(rng.choice([20, 40, 80, 120])),
            sci_mode=rng.choice([None, None, True, False]),
        )
        assert ours(t) == repr(t)
