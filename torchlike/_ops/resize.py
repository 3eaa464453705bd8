"""interpolate, and its old names."""

from __future__ import annotations

import warnings

import jax.numpy as jnp

from . import _resample
from ._check import scalar_name
from ._compute import widen
from ._op import Array, Ints, composite, op
from .adaptive_pool import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

_RANKS = {"linear": 3, "bilinear": 4, "bicubic": 4, "trilinear": 5}
_WEIGHTS = {"bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}
_OF_BYTES = ("bilinear", "bicubic", "lanczos")
_ALL = "nearest | linear | bilinear | bicubic | trilinear | lanczos | area"
_AREA = {3: adaptive_avg_pool1d, 4: adaptive_avg_pool2d, 5: adaptive_avg_pool3d}


def _name(static, plan) -> str:
    mode, n = static["mode"], len(static["sizes"])
    kind = "NearestExact" if mode == "nearest-exact" else mode.capitalize()
    smooth = "Aa" if static["antialias"] else ""
    return f"Upsample{kind}{n}D{smooth}Backward0"


@op(name="interpolate", scope=None, method=False, backward=_name)
def _interpolate(
    input: Array,
    mode: str,
    sizes: Ints,
    factors: object,
    align_corners: bool,
    antialias: bool,
) -> Array:
    """Axis by axis; ``factors`` are scale factors where they place the elements."""
    _check_sizes(input, sizes)
    exact = mode in ("nearest", "nearest-exact")
    if input.dtype == jnp.uint8 and mode in _OF_BYTES:
        return _of_bytes(input, mode, sizes, factors, align_corners, antialias)
    x = input if exact else widen(input)
    if not exact and not jnp.issubdtype(x.dtype, jnp.floating):
        kernel = f"compute_indices_weights_{_WEIGHTS.get(mode, mode)}"
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{scalar_name(input)}'"
        )
    for i, size in enumerate(sizes):
        axis = 2 + i
        factor = None if factors is None else factors[i]
        if exact:
            x = _resample.nearest(x, axis, size, factor, mode == "nearest-exact")
        elif antialias:
            x = _resample.smoothed(x, axis, size, factor, align_corners, mode)
        else:
            kernel = _resample.cubic if mode == "bicubic" else _resample.linear
            x = kernel(x, axis, size, factor, align_corners)
    return x.astype(input.dtype)


def _of_bytes(x, mode: str, sizes, factors, align_corners, antialias):
    """The last axis first: in between it is rounded."""
    for i in reversed(range(len(sizes))):
        factor = None if factors is None else factors[i]
        x = _resample.of_bytes(
            x, 2 + i, sizes[i], factor, align_corners, mode, antialias
        )
    return x


def _check_sizes(input, sizes) -> None:
    lengths = input.shape[2:]
    if min(*lengths, *sizes) > 0:
        return
    letters = "DHW"[-len(sizes) :]
    old, new = (
        ", ".join(f"{a}: {s}" for a, s in zip(letters, group, strict=True))
        for group in (lengths, sizes)
    )
    raise RuntimeError(
        f"Input and output sizes should be greater than 0, but got input ({old}) "
        f"output ({new})"
    )


def _each(value, n: int, lengths, what: str) -> tuple:
    if not isinstance(value, (tuple, list)):
        return (value,) * n
    if len(value) != n:
        kind, shape, letter = (
            ("output size", "output size of", "o")
            if what == "size"
            else ("scale_factor", "scale_factor of shape", "s")
        )
        raise ValueError(
            f"Input and {'output' if what == 'size' else kind} must have the same "
            f"number of spatial dimensions, but got input with spatial dimensions of "
            f"{list(lengths)} and {shape} {tuple(value)}. Please provide input tensor "
            f"in (N, C, d1, d2, ...,dK) format and {kind} in "
            f"({letter}1, {letter}2, ...,{letter}K) format."
        )
    return tuple(value)


def _check_mode(mode: str, rank: int, align_corners, antialias: bool) -> None:
    if mode in ("nearest", "area", "nearest-exact"):
        if align_corners is not None:
            raise ValueError(
                "align_corners option can only be set with the interpolating modes: "
                "linear | bilinear | bicubic | trilinear"
            )
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and rank == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes "
            "and requires a 4-D tensor as input"
        )
    known = mode in _RANKS or mode in ("nearest", "area", "nearest-exact")
    if mode == "lanczos" and rank == 4:
        if align_corners:
            raise ValueError("Lanczos mode does not support align_corners=True")
        if not antialias:
            raise ValueError("Lanczos mode requires antialias=True")
        return
    if not known or rank not in (3, 4, 5):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank}D) "
            f"for the modes: {_ALL} | nearest-exact (got {mode})"
        )
    if mode in _RANKS and _RANKS[mode] != rank:
        raise NotImplementedError(
            f"Got {rank}D input, but {mode} mode needs {_RANKS[mode]}D input"
        )


def _target(lengths, size, scale_factor, recompute: bool):
    """The output sizes, and the scale factors where they place the elements."""
    n = len(lengths)
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is not None:
        if recompute:
            raise ValueError(
                "recompute_scale_factor is not meaningful with an explicit size."
            )
        return tuple(int(s) for s in _each(size, n, lengths, "size")), None
    factors = tuple(float(f) for f in _each(scale_factor, n, lengths, "scale"))
    sizes = _resample.output_sizes(lengths, factors)
    return sizes, None if recompute else factors


@composite(scope="nn.functional")
def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    """Resize all dimensions but the first two.

    **Shape** input (N, C, L), (N, C, H, W) or (N, C, D, H, W).
    """
    shape = input._value().aval.shape
    if len(shape) > 2:
        sizes, factors = _target(
            shape[2:], size, scale_factor, bool(recompute_scale_factor)
        )
    _check_mode(mode, len(shape), align_corners, antialias)
    if mode == "area":
        return _AREA[len(shape)](input, sizes)
    return _interpolate(
        input, mode, sizes, factors, bool(align_corners), bool(antialias)
    )


def _deprecated(name: str) -> None:
    warnings.warn(
        f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` "
        "instead.",
        stacklevel=3,
    )


@composite(scope="nn.functional")
def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """The old name of ``interpolate``."""
    _deprecated("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


@composite(scope="nn.functional")
def upsample_nearest(input, size=None, scale_factor=None):
    """``interpolate`` with mode nearest."""
    _deprecated("upsample_nearest")
    return interpolate(input, size, scale_factor, "nearest")


@composite(scope="nn.functional")
def upsample_bilinear(input, size=None, scale_factor=None):
    """``interpolate`` with mode bilinear, the corners aligned."""
    _deprecated("upsample_bilinear")
    return interpolate(input, size, scale_factor, "bilinear", True)
