"""torch.signal.windows: windows of M points, symmetric or periodic (``sym=False``)."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable

import jax.numpy as jnp
from jax.scipy import special as jsp

from .. import _dtypes
from ..autograd.apply import apply
from ._forms import overloaded
from ._op import Array, Dtype, op
from .creation import finish, place_of

_SCOPE = "signal.windows"


def _line(start: float, end: float, count: int, dtype):
    return jnp.linspace(start, end, count, dtype=dtype.numpy_dtype)


@op(name="exponential", scope=None, method=False, differentiable=False)
def _exponential(start: float, end: float, count: int, dtype: Dtype) -> Array:
    return jnp.exp(-jnp.abs(_line(start, end, count, dtype)))


@op(name="cosine", scope=None, method=False, differentiable=False)
def _cosine(start: float, end: float, count: int, dtype: Dtype) -> Array:
    return jnp.sin(_line(start, end, count, dtype))


@op(name="gaussian", scope=None, method=False, differentiable=False)
def _gaussian(start: float, end: float, count: int, dtype: Dtype) -> Array:
    return jnp.exp(-(_line(start, end, count, dtype) ** 2))


@op(name="bartlett", scope=None, method=False, differentiable=False)
def _bartlett(start: float, end: float, count: int, dtype: Dtype) -> Array:
    return 1 - jnp.abs(_line(start, end, count, dtype))


@op(name="kaiser", scope=None, method=False, differentiable=False)
def _kaiser(start: float, end: float, count: int, dtype: Dtype) -> Array:
    beta = jnp.asarray(-start, dtype.numpy_dtype)
    inside = beta * beta - _line(start, end, count, dtype) ** 2
    # The last point may exceed beta by a rounding.
    return jsp.i0(jnp.sqrt(jnp.maximum(inside, 0))) / jsp.i0(beta)


@op(name="general_cosine", scope=None, method=False, differentiable=False)
def _cosines(
    start: float, end: float, count: int, dtype: Dtype, weights: tuple
) -> Array:
    signed = [(-1) ** i * w for i, w in enumerate(weights)]
    turns = jnp.arange(len(signed), dtype=dtype.numpy_dtype)[:, None]
    signed = jnp.asarray(signed, dtype.numpy_dtype)[:, None]
    return (signed * jnp.cos(turns * _line(start, end, count, dtype))).sum(0)


def _checked(name: str, M: int, dtype, layout):
    M = operator.index(M)
    dtype = _dtypes.get_default_dtype() if dtype is None else _dtypes.as_dtype(dtype)
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if layout not in (None, _dtypes.strided):
        raise ValueError(
            f"{name} is implemented for strided tensors only, got: {layout}"
        )
    if dtype not in (_dtypes.float32, _dtypes.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {dtype}")
    return dtype


def _made(maker, start, step, M, dtype, device, requires_grad, *extra):
    """A window over the line of M points from ``start``, ``step`` apart."""
    ends = (float(start), float(start + (M - 1) * step))
    static = (*ends, M, dtype, *extra)
    (made,) = apply(maker.op, static, (), place_of(device))
    return finish(made, None, requires_grad)


def _one(M, dtype, device, requires_grad):
    """The window of no or one point."""
    return _made(_gaussian, 0, 0, M, dtype, device, requires_grad)


def _spans(M: int, sym: bool) -> int:
    """The number of steps from the first point to the mirror of it."""
    return M - 1 if sym or M <= 1 else M


@overloaded(scope=_SCOPE, method=False)
def exponential(
    M,
    *,
    center=None,
    tau=1.0,
    sym=True,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
):
    """e^(-|n - center| / tau)."""
    dtype = _checked("exponential", M, dtype, layout)
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")
    center = _spans(M, sym) / 2 if center is None else center
    step = 1 / tau
    return _made(_exponential, -center * step, step, M, dtype, device, requires_grad)


@overloaded(scope=_SCOPE, method=False)
def cosine(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """sin π(n + ½)/M."""
    dtype = _checked("cosine", M, dtype, layout)
    step = math.pi / max(_spans(M, sym) + 1, 1)
    return _made(_cosine, 0.5 * step, step, M, dtype, device, requires_grad)


@overloaded(scope=_SCOPE, method=False)
def gaussian(
    M,
    *,
    std=1.0,
    sym=True,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
):
    """e^(-(n - middle)² / 2 std²)."""
    dtype = _checked("gaussian", M, dtype, layout)
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")
    step = 1 / (std * math.sqrt(2))
    start = -_spans(M, sym) / 2 * step
    return _made(_gaussian, start, step, M, dtype, device, requires_grad)


@overloaded(scope=_SCOPE, method=False)
def kaiser(
    M,
    *,
    beta=12.0,
    sym=True,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
):
    """i0(β √(1 - x²)) / i0(β), x from -1 to 1."""
    dtype = _checked("kaiser", M, dtype, layout)
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")
    if M <= 1:
        return _one(M, dtype, device, requires_grad)
    step = 2 * beta / _spans(M, sym)
    return _made(_kaiser, -beta, step, M, dtype, device, requires_grad)


@overloaded(scope=_SCOPE, method=False)
def bartlett(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """A triangle: 1 - |2n/(M - 1) - 1|."""
    dtype = _checked("bartlett", M, dtype, layout)
    if M <= 1:
        return _one(M, dtype, device, requires_grad)
    step = 2 / _spans(M, sym)
    return _made(_bartlett, -1, step, M, dtype, device, requires_grad)


# ----- sums of cosines ---------------------------------------------------------------


@overloaded(scope=_SCOPE, method=False)
def general_cosine(
    M, *, a, sym=True, dtype=None, layout=None, device=None, requires_grad=False
):
    """Σ (-1)^i a[i] cos 2πin/(M - 1)."""
    dtype = _checked("general_cosine", M, dtype, layout)
    if M <= 1:
        return _one(M, dtype, device, requires_grad)
    if not isinstance(a, Iterable):
        raise TypeError("Coefficients must be a list/tuple")
    weights = tuple(float(w) for w in a)
    if not weights:
        raise ValueError("Coefficients cannot be empty")
    step = 2 * math.pi / _spans(M, sym)
    return _made(_cosines, 0, step, M, dtype, device, requires_grad, weights)


@overloaded(scope=_SCOPE, method=False)
def general_hamming(M, *, alpha=0.54, **options):
    """alpha - (1 - alpha) cos 2πn/(M - 1)."""
    return general_cosine(M, a=(alpha, 1 - alpha), **options)


@overloaded(scope=_SCOPE, method=False)
def hamming(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """0.54 - 0.46 cos 2πn/(M - 1)."""
    options = _options(sym, dtype, layout, device, requires_grad)
    return general_hamming(M, **options)


@overloaded(scope=_SCOPE, method=False)
def hann(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """½ (1 - cos 2πn/(M - 1))."""
    options = _options(sym, dtype, layout, device, requires_grad)
    return general_hamming(M, alpha=0.5, **options)


@overloaded(scope=_SCOPE, method=False)
def blackman(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """0.42 - ½ cos 2πn/(M - 1) + 0.08 cos 4πn/(M - 1)."""
    _checked("blackman", M, dtype, layout)
    options = _options(sym, dtype, layout, device, requires_grad)
    return general_cosine(M, a=(0.42, 0.5, 0.08), **options)


@overloaded(scope=_SCOPE, method=False)
def nuttall(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """The minimum 4-term Blackman-Harris window of Nuttall.

    **Source** A. Nuttall, "Some windows with very good sidelobe behavior", IEEE
    Transactions on Acoustics, Speech, and Signal Processing 29 (1981).
    """
    weights = (0.3635819, 0.4891775, 0.1365995, 0.0106411)
    options = _options(sym, dtype, layout, device, requires_grad)
    return general_cosine(M, a=weights, **options)


def _options(sym, dtype, layout, device, requires_grad) -> dict:
    return {
        "sym": sym,
        "dtype": dtype,
        "layout": layout,
        "device": device,
        "requires_grad": requires_grad,
    }
