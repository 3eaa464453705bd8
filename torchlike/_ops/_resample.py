"""Resizing along one axis: which elements, with which weights, make each new one."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np

_DENSE = 1 << 20  # largest matrix of weights; beyond it, elements are gathered


def _scale(length: int, size: int, factor: float | None, align_corners: bool) -> float:
    """How far apart the places of new elements are, in old ones."""
    if align_corners:
        return (length - 1) / (size - 1) if size > 1 else 0.0
    return length / size if factor is None else 1 / factor


def _places(length, size, factor, align_corners):
    scale = _scale(length, size, factor, align_corners)
    i = np.arange(size)
    return i * scale if align_corners else (i + 0.5) * scale - 0.5


def nearest(x, axis: int, size: int, factor: float | None, exact: bool):
    """The element below the new place (or next to it, if ``exact``)."""
    length = x.shape[axis]
    # In float32, as PyTorch finds them.
    scale = np.float32(_scale(length, size, factor, False))
    i = np.arange(size, dtype=np.float32) + np.float32(0.5 if exact else 0)
    index = np.minimum(np.floor(i * scale).astype(np.int64), length - 1)
    if size % length == 0 and (index == np.arange(size) // (size // length)).all():
        return jnp.repeat(x, size // length, axis=axis)
    return jnp.take(x, index, axis=axis)


def linear(x, axis: int, size: int, factor: float | None, align_corners: bool):
    """Between two neighbours."""
    return _combine(x, axis, _two(x.shape[axis], size, factor, align_corners))


def _two(length, size, factor, align_corners) -> list:
    place = np.maximum(_places(length, size, factor, align_corners), 0)
    low = np.minimum(place.astype(np.int64), length - 1)
    share = place - low
    return [(low, 1 - share), (np.minimum(low + 1, length - 1), share)]


def cubic(x, axis: int, size: int, factor: float | None, align_corners: bool):
    """Between four neighbours, by Keys' kernel with -0.75."""
    return _combine(x, axis, _four(x.shape[axis], size, factor, align_corners))


def _four(length, size, factor, align_corners) -> list:
    place = _places(length, size, factor, align_corners)
    low = np.floor(place).astype(np.int64)
    taps = []
    for k in range(-1, 3):
        index = np.clip(low + k, 0, length - 1)
        taps.append((index, _keys(np.abs(place - low - k), -0.75)))
    return taps


def _keys(distance, a: float):
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = (((distance - 5) * distance + 8) * distance - 4) * a
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))


def _triangle(distance):
    return np.maximum(1 - distance, 0)


def _sharp_keys(distance):
    return _keys(distance, -0.5)


def _lanczos(distance):
    return np.where(distance < 3, np.sinc(distance) * np.sinc(distance / 3), 0)


_KERNELS = {
    "bilinear": (_triangle, 1.0),
    "bicubic": (_sharp_keys, 2.0),
    "lanczos": (_lanczos, 3.0),
}


def smoothed(x, axis: int, size: int, factor, align_corners: bool, mode: str):
    """With a kernel as wide as the steps, against aliasing when shrinking."""
    weights = _smooth(x.shape[axis], size, factor, align_corners, mode)
    return _product(x, axis, weights)


def _smooth(length: int, size: int, factor, align_corners: bool, mode: str):
    kernel, support = _KERNELS[mode]
    scale = _scale(length, size, factor, align_corners)
    wide = max(scale, 1.0)
    support *= wide
    weights = np.zeros((size, length))
    for i in range(size):
        centre = scale * (i + 0.5)
        first = max(int(centre - support + 0.5), 0)
        last = min(int(centre + support + 0.5), length)
        j = np.arange(first, last)
        own = kernel(np.abs((j - centre + 0.5) / wide))
        weights[i, first:last] = own / own.sum()
    return weights


def of_bytes(x, axis: int, size: int, factor, align_corners, mode: str, smooth: bool):
    """Of uint8, by weights of 16 bits, as PyTorch (and Pillow) compute it."""
    length = x.shape[axis]
    if smooth:
        weights = _smooth(length, size, factor, align_corners, mode)
    else:
        taps = _four if mode == "bicubic" else _two
        weights = _matrix(taps(length, size, factor, align_corners), length)
    bits = next(b for b in range(30) if 0.5 + weights.max() * 2 ** (b + 1) >= 1 << 15)
    shares = np.trunc(weights * 2**bits + np.copysign(0.5, weights)).astype(np.int32)
    first = (weights != 0).argmax(1)
    reach = int((length - first - (weights != 0)[:, ::-1].argmax(1)).max())
    index = np.minimum(first[:, None] + np.arange(reach), length - 1)
    own = np.where(first[:, None] + np.arange(reach) < length, 1, 0)
    shares = np.take_along_axis(shares, index, 1) * own
    shape = [size if a == axis else 1 for a in range(x.ndim)]
    total = 1 << (bits - 1)
    for j in range(reach):
        part = jnp.take(x, index[:, j], axis=axis).astype(jnp.int32)
        total = total + part * shares[:, j].reshape(shape)
    return jnp.clip(total >> bits, 0, 255).astype(x.dtype)


def _product(x, axis: int, weights):
    matrix = jnp.asarray(weights.astype(x.dtype))
    return jnp.moveaxis(jnp.tensordot(x, matrix, (axis, 1)), -1, axis)


def _combine(x, axis: int, taps):
    """Σ weight · x[index] over ``taps``: a product with a matrix if that is small."""
    size, length = len(taps[0][0]), x.shape[axis]
    if size * length <= _DENSE:
        return _product(x, axis, _matrix(taps, length))
    shape = [1] * x.ndim
    shape[axis] = size
    return sum(
        jnp.take(x, index, axis=axis)
        * jnp.asarray(share.astype(x.dtype)).reshape(shape)
        for index, share in taps
    )


def _matrix(taps, length: int):
    """The weights of old elements in each new one."""
    size = len(taps[0][0])
    weights = np.zeros((size, length))
    for index, share in taps:
        np.add.at(weights, (np.arange(size), index), share)
    return weights


def output_sizes(lengths, factors) -> tuple[int, ...]:
    """The sizes that scale factors give."""
    return tuple(
        math.floor(length * f) for length, f in zip(lengths, factors, strict=True)
    )
