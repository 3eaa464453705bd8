"""Matrix products by our own function: PyTorch's numbers, whatever the layout."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import torchlike
from torchlike import _config, _kernels
from torchlike._engine import products

from ..programs_beside import compare

built = pytest.mark.skipif(
    not _kernels.available, reason="not built (no C compiler, or no AVX2)"
)
needs_traces = pytest.mark.skipif(
    _config.flush_every_op, reason="a flush after every op compiles each alone"
)

SIZES = {
    "one tile": (6, 16, 16),
    "less than a tile": (3, 5, 7),
    "one number": (1, 1, 1),
    "odd everywhere": (23, 41, 77),
    "several depths": (17, 33, 600),
    "rows in two tasks": (401, 48, 30),
    "columns in several packs": (20, 300, 65),
    "cut among threads": (129, 260, 290),
}
FORMS = {
    "as they are": ("bmk,bkn->bmn", (0, 1), (0, 1)),
    "second transposed": ("bmk,bnk->bmn", (0, 1), (1, 0)),
    "first transposed": ("bkm,bkn->bmn", (1, 0), (0, 1)),
    "both transposed": ("bkm,bnk->bmn", (1, 0), (1, 0)),
}


def random(*shape) -> np.ndarray:
    numbers = np.random.default_rng(len(shape) + sum(shape))
    return numbers.standard_normal(shape, np.float32)


def all_of_them(product) -> bool:
    return True


def bound(k: int) -> float:
    """What sums of so many products of normal numbers may differ by."""
    return 4e-7 * k + 1e-6


@built
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", SIZES)
def test_function(form, size):
    """Every product of a batch, by our function, beside NumPy in double precision."""
    (m, n, k), (formula, first, second) = SIZES[size], FORMS[form]
    a = random(3, *((m, k)[i] for i in first))
    b = random(3, *((k, n)[i] for i in second))
    lowered = jax.jit(lambda a, b: jnp.einsum(formula, a, b)).lower(a, b)
    products.take_ours(lowered.compiler_ir(), all_of_them)
    assert _kernels.target("product") in lowered.as_text()
    found = np.asarray(lowered.compile()(a, b))
    expected = np.einsum(formula, a.astype(float), b.astype(float))
    np.testing.assert_allclose(found, expected, rtol=0, atol=bound(k))


@built
def test_result_turned():
    """The transposition of a result is part of the product."""
    a, b = random(40, 50), random(50, 60)
    lowered = jax.jit(lambda a, b: (a @ b).T).lower(a, b)
    products.take_ours(lowered.compiler_ir(), all_of_them)
    text = lowered.as_text()
    assert _kernels.target("product") in text and "transpose" not in text
    np.testing.assert_allclose(lowered.compile()(a, b), (a @ b).T, atol=bound(50))


@built
def test_not_finite():
    """Infinities and NaN come where they belong, and nowhere else."""
    a, b = random(21, 35), random(35, 19)
    a[4, 3], b[7, 11] = np.inf, np.nan
    lowered = jax.jit(jnp.matmul).lower(a, b)
    products.take_ours(lowered.compiler_ir(), all_of_them)
    found, expected = np.asarray(lowered.compile()(a, b)), a @ b
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_array_equal(np.isinf(found), np.isinf(expected))


def heads(lib, length=40):
    """Attention by hand, heads cut out of one projection as GPTs do it."""
    x = lib.linspace(-1, 1, 192 * length).sin().view(2, length, 96).requires_grad_()
    weight = lib.linspace(0, 9, 288 * 96).cos().view(288, 96).mul(0.05).requires_grad_()
    parts = (x @ weight.T).chunk(3, -1)
    q, k, v = (p.view(2, length, 3, 32).transpose(1, 2) for p in parts)
    out = ((q @ k.transpose(-1, -2)) / 32**0.5).softmax(-1) @ v
    (out.transpose(1, 2).reshape(2, length, 96) ** 2).sum().backward()
    return [out.detach(), x.grad, weight.grad]


def layers(lib, batch=64):
    """Small dense layers, forward and backward."""
    x = lib.linspace(-2, 2, batch * 48).cos().view(batch, 48).requires_grad_()
    first = lib.linspace(0, 7, 64 * 48).sin().view(64, 48).mul(0.3).requires_grad_()
    second = lib.linspace(1, 8, 40 * 64).sin().view(40, 64).mul(0.3).requires_grad_()
    out = lib.nn.functional.linear(lib.nn.functional.linear(x, first).relu(), second)
    out.square().mean().backward()
    return [out.detach(), x.grad, first.grad, second.grad]


def wide_layers(lib):
    """A dense layer whose products are large."""
    x = lib.linspace(-2, 2, 90 * 130).cos().view(90, 130).requires_grad_()
    weight = lib.linspace(0, 7, 110 * 130).sin().view(110, 130).div(9).requires_grad_()
    out = lib.nn.functional.linear(x, weight)
    out.square().mean().backward()
    return [out.detach(), x.grad, weight.grad]


def broadcast(lib):
    """A batch of products with one matrix, and batches in two dimensions."""
    a = lib.linspace(-1, 1, 3 * 2 * 36 * 40).sin().view(3, 2, 36, 40)
    b = lib.linspace(-1, 3, 2 * 40 * 34).cos().view(2, 40, 34)
    c = lib.linspace(-1, 3, 40 * 33).cos().view(40, 33)
    return [a @ b, a @ c, lib.einsum("abij,bjk->baik", a, b), a.mT @ a]


@pytest.mark.parametrize("program", [heads, layers, wide_layers, broadcast])
def test_programs(program):
    compare(program)


@built
@needs_traces
@pytest.mark.parametrize(("program", "least"), [(heads, 6), (layers, 6)])
def test_who_computes(program, least, monkeypatch):
    """The products of attention and of small layers are ours, in sizes not met yet."""
    calls = []
    monkeypatch.setattr(_config, "cache_folder", None)
    real = products._call
    monkeypatch.setattr(products, "_call", lambda *x: calls.append(x) or real(*x))
    for x in program(torchlike, 56):
        x.numpy()
    assert len(calls) >= least


@pytest.mark.parametrize("wide", [False, True])
def test_large_products(wide, monkeypatch):
    """One whose left operand lies transposed is ours, where vectors are of 512 bits."""
    monkeypatch.setattr(_kernels, "wide", wide)
    size, b = ((1, 1), 512, 512, 128), (1, 1, 512, 1)
    assert products.Product(*size, (1, 1, 1, 512), b).is_ours() == wide
    assert not products.Product(*size, (1, 1, 128, 1), b).is_ours()


def test_double_precision_is_left_to_xla():
    a, b = random(2, 40, 40).astype(float), random(2, 40, 40).astype(float)
    lowered = jax.jit(jnp.matmul).lower(a, b)
    products.take_ours(lowered.compiler_ir())
    assert _kernels.target("product") not in lowered.as_text()


@built
def test_wrong_calls_are_refused():
    call = jax.ffi.ffi_call(
        _kernels.target("product"), jax.ShapeDtypeStruct((2, 2), np.float32)
    )
    x = jnp.ones((2, 2))
    with pytest.raises(Exception, match="13 numbers"):
        jax.jit(call)(x, x)
    with pytest.raises(Exception, match="float32 arrays"):
        numbers = np.ones(13, np.int64)
        jax.jit(lambda a, b: call(a, b, numbers=numbers))(x, x.astype(np.float16))
