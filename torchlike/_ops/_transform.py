"""The Fourier transform under torch.fft and stft: sizes, norms, XLA's calls."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from .._errors import wrap_dim
from ._check import is_complex, is_inexact, scalar_name

_AT_ONCE = 3  # XLA transforms at most so many dimensions in one operation
_HALF = (jnp.float16, jnp.bfloat16)


def inexact(x):
    """Integers in the default float; half precision has no transform."""
    if x.dtype in _HALF:
        raise RuntimeError(f"Unsupported dtype {scalar_name(x)}")
    if is_inexact(x):
        return x
    return x.astype(_dtypes.get_default_dtype().numpy_dtype)


def complexed(x):
    """The complex numbers of x."""
    x = inexact(x)
    return x if is_complex(x) else lax.complex(x, jnp.zeros_like(x))


def points(n: int) -> int:
    """A length that can be transformed."""
    if n < 1:
        raise RuntimeError(f"Invalid number of data points ({n}) specified")
    return n


def axis_of(x, dim: int) -> int:
    """The dimension of a one-dimensional transform."""
    if not x.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return wrap_dim(dim, x.ndim)


def axes_of(x, s, dim) -> tuple[tuple[int, ...], list[int | None]]:
    """Dimensions and wanted lengths (None: as they are) of an n-d transform."""
    if dim is not None:
        axes = tuple(axis_of(x, d) for d in dim)
        if len(set(axes)) < len(axes):
            raise RuntimeError("FFT dims must be unique")
    elif s is None:
        axes = tuple(range(x.ndim))
    else:
        if len(s) > x.ndim:
            raise RuntimeError(
                f"Got shape with {len(s)} values but input tensor only has {x.ndim} "
                "dimensions."
            )
        axes = tuple(range(x.ndim - len(s), x.ndim))
    if s is not None and len(s) != len(axes):
        raise RuntimeError(
            "When given, dim and shape arguments must have the same length"
        )
    return axes, [None if n == -1 else n for n in s or [-1] * len(axes)]


def scale(norm: str | None, lengths, forward: bool) -> float:
    """The factor of a transform over ``lengths`` under a name of a normalisation."""
    count = math.prod(lengths)
    if norm == "ortho":
        return 1 / math.sqrt(count)
    if norm not in (None, "backward", "forward"):
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    return 1 / count if (norm == "forward") is forward else 1.0


def resized(x, axes, lengths):
    """x cut or padded with zeros to ``lengths`` along ``axes``."""
    for axis, n in zip(axes, lengths, strict=True):
        have = x.shape[axis]
        if n < have:
            x = lax.slice_in_dim(x, 0, n, axis=axis)
        elif n > have:
            widths = [(0, n - have if i == axis else 0) for i in range(x.ndim)]
            x = jnp.pad(x, widths)
    return x


def c2c(x, axes, factor: float, forward: bool):
    """Complex to complex."""
    for start in range(0, len(axes), _AT_ONCE):
        x = _transform(x, "FFT" if forward else "IFFT", axes[start : start + _AT_ONCE])
    if not forward:
        factor *= math.prod(x.shape[a] for a in axes)
    return x if factor == 1 else x * factor


def r2c(x, axes, factor: float, forward: bool = True):
    """Real to the first half of complex along the last of ``axes``."""
    made = _transform(x, "RFFT", axes[-1:])
    if not forward:
        made = jnp.conj(made)
    made = c2c_factor(made, axes[:-1], forward)
    return made if factor == 1 else made * factor


def c2r(x, axes, last: int, factor: float, forward: bool = False):
    """The first half of complex to ``last`` real numbers along the last axis."""
    x = c2c_factor(x, axes[:-1], forward)
    if forward:
        x = jnp.conj(x)
    made = _transform(x, "IRFFT", axes[-1:], last)
    factor *= last
    return made if factor == 1 else made * factor


def c2c_factor(x, axes, forward: bool):
    """Complex to complex without a factor."""
    return c2c(x, axes, 1.0, forward) if axes else x


def _transform(x, kind: str, axes, last: int | None = None):
    """One XLA operation; the transformed dimensions are put at the end and back."""
    ends = tuple(range(x.ndim - len(axes), x.ndim))
    moved = jnp.moveaxis(x, axes, ends)
    lengths = list(moved.shape[x.ndim - len(axes) :])
    if last is not None:
        lengths[-1] = last
    if moved.size == 0:
        return jnp.moveaxis(_empty(moved, kind, lengths), ends, axes)
    return jnp.moveaxis(lax.fft(moved, kind, tuple(lengths)), ends, axes)


def _empty(x, kind: str, lengths):
    """The transform of a batch of none."""
    shape = (*x.shape[: x.ndim - len(lengths)], *lengths)
    if kind == "RFFT":
        shape = (*shape[:-1], lengths[-1] // 2 + 1)
    real = jnp.finfo(x.dtype).dtype
    if kind == "IRFFT":
        return jnp.zeros(shape, real)
    return lax.complex(jnp.zeros(shape, real), jnp.zeros(shape, real))
