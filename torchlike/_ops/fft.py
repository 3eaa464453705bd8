"""torch.fft: transforms of one dimension, and the frequencies of their results."""

from __future__ import annotations

import jax.numpy as jnp

from .. import _dtypes
from .._errors import wrap_dim
from ._check import is_complex, scalar_name
from ._forms import overloaded
from ._op import Array, Ints, op
from ._transform import axis_of, c2c, c2r, complexed, inexact, points, r2c, resized
from ._transform import scale as scale_of
from .creation import arange, finish


def c2c_name(static, plan) -> str:
    """The node of a transform to complex: of real numbers it is another kernel's."""
    real = not plan.signature[0].dtype.is_complex
    return "FftR2CBackward0" if real else "FftC2CBackward0"


_C2R, _R2C = "FftC2RBackward0", "FftR2CBackward0"


def _sized(x, n, dim):
    """The input cut or padded to ``n`` points, its axis and its length."""
    axis = axis_of(x, dim)
    n = points(x.shape[axis] if n is None else n)
    return resized(x, (axis,), (n,)), (axis,), n


def _complex(x, n, dim, norm, forward: bool):
    x, axes, n = _sized(complexed(x), n, dim)
    return c2c(x, axes, scale_of(norm, (n,), forward), forward)


def _to_half(x, n, dim, norm, forward: bool, name: str):
    if is_complex(x):
        raise RuntimeError(
            f"{name} expects a real input tensor, but got {scalar_name(x)}"
        )
    x, axes, n = _sized(inexact(x), n, dim)
    return r2c(x, axes, scale_of(norm, (n,), forward), forward)


def _from_half(x, n, dim, norm, forward: bool):
    x, axis = complexed(x), axis_of(x, dim)
    n = points(2 * (x.shape[axis] - 1) if n is None else n)
    x = resized(x, (axis,), (n // 2 + 1,))
    return c2r(x, (axis,), n, scale_of(norm, (n,), forward), forward)


@op(scope="fft", method=False, out=True, backward=c2c_name)
def fft(
    input: Array, n: int | None = None, dim: int = -1, norm: str | None = None
) -> Array:
    """Σ x[j] e^(-2πi jk/n), of ``n`` points (cut or padded with zeros)."""
    return _complex(input, n, dim, norm, forward=True)


@op(scope="fft", method=False, out=True, backward=c2c_name)
def ifft(
    input: Array, n: int | None = None, dim: int = -1, norm: str | None = None
) -> Array:
    """The inverse of ``fft``."""
    return _complex(input, n, dim, norm, forward=False)


@op(scope="fft", method=False, out=True, backward=_R2C)
def rfft(
    input: Array, n: int | None = None, dim: int = -1, norm: str | None = None
) -> Array:
    """The first n/2 + 1 numbers of the transform of real ones."""
    return _to_half(input, n, dim, norm, True, "rfft")


@op(scope="fft", method=False, out=True, backward=_C2R)
def irfft(
    input: Array, n: int | None = None, dim: int = -1, norm: str | None = None
) -> Array:
    """The inverse of ``rfft``; ``n`` is the length of the result (default: even)."""
    return _from_half(input, n, dim, norm, forward=False)


@op(scope="fft", method=False, out=True, backward=_C2R)
def hfft(
    input: Array, n: int | None = None, dim: int = -1, norm: str | None = None
) -> Array:
    """The transform, real, of a Hermitian signal given by its first half."""
    return _from_half(input, n, dim, norm, forward=True)


@op(scope="fft", method=False, out=True, backward=_R2C)
def ihfft(
    input: Array, n: int | None = None, dim: int = -1, norm: str | None = None
) -> Array:
    """The inverse of ``hfft``."""
    return _to_half(input, n, dim, norm, False, "ihfft")


# ----- frequencies -------------------------------------------------------------------


def _steps(name: str, start: int, count: int, length: float, dtype, device):
    dtype = _dtypes.get_default_dtype() if dtype is None else _dtypes.as_dtype(dtype)
    if dtype.category < 2:
        raise RuntimeError(f"{name} requires a floating point or complex dtype")
    if count < 0:
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {count}: [{count}]"
        )
    return arange(start, start + count, dtype=dtype, device=device) * _rate(length)


def _rate(length: float) -> float:
    return 1 / length if length else float("inf")


@overloaded(scope="fft", method=False)
def fftfreq(
    n, d=1.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False
):
    """The frequencies of ``fft`` of ``n`` points ``d`` apart, in cycles per unit."""
    steps = _steps("fftfreq", -(n // 2), n, n * d, dtype, device)
    return finish(ifftshift(steps), out, requires_grad)


@overloaded(scope="fft", method=False)
def rfftfreq(
    n, d=1.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False
):
    """The frequencies of ``rfft`` of ``n`` points ``d`` apart, in cycles per unit."""
    steps = _steps("rfftfreq", 0, int(n / 2) + 1, n * d, dtype, device)
    return finish(steps, out, requires_grad)


def _rolled(x, dim, divide):
    axes = range(x.ndim) if dim is None else [wrap_dim(d, x.ndim) for d in dim]
    if not x.ndim:
        raise RuntimeError("`shifts` required")
    for axis in axes:
        x = jnp.roll(x, divide(x.shape[axis]), axis)
    return x


@op(scope="fft", method=False, backward="RollBackward0")
def fftshift(input: Array, dim: Ints | None = None) -> Array:
    """The zero frequency moved to the middle."""
    return _rolled(input, dim, lambda n: n // 2)


@op(scope="fft", method=False, backward="RollBackward0")
def ifftshift(input: Array, dim: Ints | None = None) -> Array:
    """The inverse of ``fftshift``."""
    return _rolled(input, dim, lambda n: (n + 1) // 2)
