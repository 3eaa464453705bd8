"""Channels to places and back, and windows as columns: pixel_shuffle, unfold, fold."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from ._op import Array, Ints, op
from ._windows import Windows

_BOTH = "torch nn.functional"


def _check_rank(name: str, input) -> None:
    if input.ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with "
            f"{input.ndim} dimension(s)"
        )


@op(scope=_BOTH, method=False)
def pixel_shuffle(input: Array, upscale_factor: int) -> Array:
    """(…, C · r², H, W) to (…, C, H · r, W · r)."""
    _check_rank("pixel_shuffle", input)
    r = upscale_factor
    if r <= 0:
        raise RuntimeError(
            f"pixel_shuffle expects a positive upscale_factor, but got {r}"
        )
    *outer, channels, height, width = input.shape
    if channels % (r * r):
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by "
            f"the square of upscale_factor, but input.size(-3)={channels} is not "
            f"divisible by {r * r}"
        )
    n = len(outer)
    x = input.reshape(*outer, channels // (r * r), r, r, height, width)
    order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
    x = jnp.transpose(x, order)
    return x.reshape(*outer, channels // (r * r), height * r, width * r)


@op(scope=_BOTH, method=False)
def pixel_unshuffle(input: Array, downscale_factor: int) -> Array:
    """(…, C, H · r, W · r) to (…, C · r², H, W)."""
    _check_rank("pixel_unshuffle", input)
    r = downscale_factor
    if r <= 0:
        raise RuntimeError(
            f"pixel_unshuffle expects a positive downscale_factor, but got {r}"
        )
    *outer, channels, height, width = input.shape
    for name, dim, size in (("height", -2, height), ("width", -1, width)):
        if size % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, "
                f"but input.size({dim})={size} is not divisible by {r}"
            )
    n = len(outer)
    x = input.reshape(*outer, channels, height // r, r, width // r, r)
    x = jnp.transpose(x, (*range(n), n, n + 2, n + 4, n + 1, n + 3))
    return x.reshape(*outer, channels * r * r, height // r, width // r)


@op(scope=_BOTH, method=False)
def channel_shuffle(input: Array, groups: int) -> Array:
    """Deal the channels of each group out to all groups."""
    if input.ndim < 3:
        raise RuntimeError(
            f"channel_shuffle expects input with > 2 dims, but got input with sizes "
            f"{list(input.shape)}"
        )
    batch, channels, *sizes = input.shape
    if channels % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {channels} channels "
            f"and {groups} groups."
        )
    x = input.reshape(batch, groups, channels // groups, *sizes)
    return jnp.swapaxes(x, 1, 2).reshape(input.shape)


# Windows as columns


def _two(values: tuple[int, ...]) -> tuple[int, ...]:
    return values * 2 if len(values) == 1 else values


def _columns(x, windows: Windows):
    """(N, C, H, W) to (N, C · places in a window, windows)."""
    padded = windows.pad(x, jnp.zeros((), x.dtype))
    parts = [windows.slice(padded, place) for place in windows.places()]
    n, channels = x.shape[:2]
    blocks = math.prod(windows.sizes)
    return jnp.stack(parts, 2).reshape(n, channels * windows.count, blocks)


def _windows(shape, kernel_size, dilation, padding, stride) -> Windows:
    kernel, stride, padding, dilation = (
        _two(v) for v in (kernel_size, stride, padding, dilation)
    )
    return Windows(shape, kernel, stride, padding, dilation, False)


@op(scope="nn.functional", method=False, backward="Im2ColBackward0")
def unfold(
    input: Array,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Ints = 0,
    stride: Ints = 1,
) -> Array:
    """Every window as a column.

    **Shape** input (N, C, H, W) or (C, H, W); result (N, C · kernel, windows).
    """
    if input.ndim not in (3, 4):
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and "
            f"other non-zero dimensions for input, but got: {list(input.shape)}"
        )
    batched = input.ndim == 4
    x = input if batched else input[None]
    windows = _windows(x.shape, kernel_size, dilation, padding, stride)
    if min(windows.sizes) < 1:
        raise RuntimeError(
            f"Given input with spatial size {windows.lengths}, kernel_size="
            f"{windows.kernel}, dilation={windows.dilation}, "
            f"padding={windows.padding}, calculated shape of the array of sliding "
            f"blocks as {tuple(max(s, 0) for s in windows.sizes)}, but its components "
            "must be at least one."
        )
    out = _columns(x, windows)
    return out if batched else out[0]


@op(scope="nn.functional", method=False, backward="Col2ImBackward0")
def fold(
    input: Array,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints = 1,
    padding: Ints = 0,
    stride: Ints = 1,
) -> Array:
    """The sum of columns put back into their windows: the transpose of ``unfold``.

    **Shape** input (N, C · kernel, windows) or without N; result (N, C, H, W).
    """
    if input.ndim not in (2, 3):
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch "
            f"size and non-zero dimensions for input, but got: {list(input.shape)}"
        )
    batched = input.ndim == 3
    columns = input if batched else input[None]
    sizes, n = _two(output_size), columns.shape[0]
    windows = _windows(sizes, kernel_size, dilation, padding, stride)
    _check_columns(columns, windows)
    shape = (n, columns.shape[1] // windows.count, *sizes)
    empty = jax.ShapeDtypeStruct(shape, input.dtype)
    (out,) = jax.linear_transpose(lambda x: _columns(x, windows), empty)(columns)
    return out if batched else out[0]


def _check_columns(columns, windows: Windows) -> None:
    if columns.shape[1] % windows.count:
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of "
            f"kernel_size, but got input.size(1)={columns.shape[1]} and kernel_size="
            f"{windows.kernel}."
        )
    blocks = math.prod(windows.sizes)
    if columns.shape[2] != blocks:
        rows, across = windows.sizes
        raise RuntimeError(
            f"Given output_size={windows.lengths}, kernel_size={windows.kernel}, "
            f"dilation={windows.dilation}, padding={windows.padding}, stride="
            f"{windows.stride}, expected size of input's dimension 2 to match the "
            f"calculated number of sliding blocks {rows} * {across} = {blocks}, but "
            f"got input.size(2)={columns.shape[2]}."
        )
