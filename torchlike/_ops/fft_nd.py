"""torch.fft: transforms of two and more dimensions."""

from __future__ import annotations

from ._check import is_complex, scalar_name
from ._op import Array, Ints, op
from ._transform import axes_of, c2c, c2r, complexed, inexact, points, r2c, resized
from ._transform import scale as scale_of

_C2C, _C2R, _R2C = ("Fft" + kind + "Backward0" for kind in ("C2C", "C2R", "R2C"))
_LAST_TWO = (-2, -1)


def _sized(x, s, dim):
    """The input cut or padded to the wanted lengths, its axes and its lengths."""
    axes, wanted = axes_of(x, s, dim)
    lengths = _lengths(x, axes, wanted)
    return resized(x, axes, lengths), axes, lengths


def _lengths(x, axes, wanted) -> list[int]:
    pairs = zip(axes, wanted, strict=True)
    return [points(x.shape[axis] if n is None else n) for axis, n in pairs]


def _complex(x, s, dim, norm, forward: bool):
    x, axes, lengths = _sized(complexed(x), s, dim)
    return c2c(x, axes, scale_of(norm, lengths, forward), forward)


def _some(axes, name: str) -> None:
    if not axes:
        raise RuntimeError(f"{name} must transform at least one axis")


def _to_half(x, s, dim, norm, forward: bool, name: str):
    x, axes, lengths = _sized(inexact(x), s, dim)
    _some(axes, name)
    return r2c(x, axes, scale_of(norm, lengths, forward), forward)


def _from_half(x, s, dim, norm, forward: bool, name: str):
    x = complexed(x)
    axes, wanted = axes_of(x, s, dim)
    _some(axes, name)
    last = points(2 * (x.shape[axes[-1]] - 1) if wanted[-1] is None else wanted[-1])
    lengths = [*_lengths(x, axes[:-1], wanted[:-1]), last]
    x = resized(x, axes, [*lengths[:-1], last // 2 + 1])
    return c2r(x, axes, last, scale_of(norm, lengths, forward), forward)


def _real(x):
    if is_complex(x):
        raise RuntimeError(
            f"rfftn expects a real-valued input tensor, but got {scalar_name(x)}"
        )
    return x


def _floating(x):
    if is_complex(x):
        raise RuntimeError(
            f"Only supports floating-point dtypes, but found: {scalar_name(x)}"
        )
    return x


@op(scope="fft", method=False, out=True, backward=_C2C)
def fftn(
    input: Array,
    s: Ints | None = None,
    dim: Ints | None = None,
    norm: str | None = None,
) -> Array:
    """The transform over ``dim``, of ``s`` points (cut or padded with zeros)."""
    return _complex(input, s, dim, norm, forward=True)


@op(scope="fft", method=False, out=True, backward=_C2C)
def ifftn(
    input: Array,
    s: Ints | None = None,
    dim: Ints | None = None,
    norm: str | None = None,
) -> Array:
    """The inverse of ``fftn``."""
    return _complex(input, s, dim, norm, forward=False)


@op(scope="fft", method=False, out=True, backward=_R2C)
def rfftn(
    input: Array,
    s: Ints | None = None,
    dim: Ints | None = None,
    norm: str | None = None,
) -> Array:
    """The transform of real numbers; the last dimension of its result is halved."""
    return _to_half(_real(input), s, dim, norm, True, "rfftn")


@op(scope="fft", method=False, out=True, backward=_C2R)
def irfftn(
    input: Array,
    s: Ints | None = None,
    dim: Ints | None = None,
    norm: str | None = None,
) -> Array:
    """The inverse of ``rfftn``."""
    return _from_half(input, s, dim, norm, False, "irfftn")


@op(scope="fft", method=False, out=True, backward=_C2R)
def hfftn(
    input: Array,
    s: Ints | None = None,
    dim: Ints | None = None,
    norm: str | None = None,
) -> Array:
    """The transform, real, of a signal that is Hermitian in the last of ``dim``."""
    return _from_half(input, s, dim, norm, True, "hfftn")


@op(scope="fft", method=False, out=True, backward=_C2C)
def ihfftn(
    input: Array,
    s: Ints | None = None,
    dim: Ints | None = None,
    norm: str | None = None,
) -> Array:
    """The inverse of ``hfftn``."""
    return _to_half(_floating(input), s, dim, norm, False, "ihfftn")


# ----- two dimensions ----------------------------------------------------------------


@op(scope="fft", method=False, out=True, backward=_C2C)
def fft2(
    input: Array,
    s: Ints | None = None,
    dim: Ints = _LAST_TWO,
    norm: str | None = None,
) -> Array:
    """``fftn`` of the last two dimensions."""
    return _complex(input, s, dim, norm, forward=True)


@op(scope="fft", method=False, out=True, backward=_C2C)
def ifft2(
    input: Array,
    s: Ints | None = None,
    dim: Ints = _LAST_TWO,
    norm: str | None = None,
) -> Array:
    """``ifftn`` of the last two dimensions."""
    return _complex(input, s, dim, norm, forward=False)


@op(scope="fft", method=False, out=True, backward=_R2C)
def rfft2(
    input: Array,
    s: Ints | None = None,
    dim: Ints = _LAST_TWO,
    norm: str | None = None,
) -> Array:
    """``rfftn`` of the last two dimensions."""
    return _to_half(_real(input), s, dim, norm, True, "rfftn")


@op(scope="fft", method=False, out=True, backward=_C2R)
def irfft2(
    input: Array,
    s: Ints | None = None,
    dim: Ints = _LAST_TWO,
    norm: str | None = None,
) -> Array:
    """``irfftn`` of the last two dimensions."""
    return _from_half(input, s, dim, norm, False, "irfftn")


@op(scope="fft", method=False, out=True, backward=_C2R)
def hfft2(
    input: Array,
    s: Ints | None = None,
    dim: Ints = _LAST_TWO,
    norm: str | None = None,
) -> Array:
    """``hfftn`` of the last two dimensions."""
    return _from_half(input, s, dim, norm, True, "hfftn")


@op(scope="fft", method=False, out=True, backward=_C2C)
def ihfft2(
    input: Array,
    s: Ints | None = None,
    dim: Ints = _LAST_TWO,
    norm: str | None = None,
) -> Array:
    """``ihfftn`` of the last two dimensions."""
    return _to_half(_floating(input), s, dim, norm, False, "ihfftn")
