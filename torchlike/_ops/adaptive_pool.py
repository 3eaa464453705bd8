"""Pooling to a given size: window i of O covers ⌊i L / O⌋ to ⌈(i + 1) L / O⌉."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np

from ._compute import widen
from ._op import Array, composite, op

_BOTH = "torch nn.functional"


def _bounds(length: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    i = np.arange(size)
    return i * length // size, -(-(i + 1) * length // size)


def _output_sizes(name: str, sizes, lengths, outer) -> tuple[int, ...]:
    n = len(lengths)
    if len(sizes) != n:
        if n == 1:
            raise RuntimeError(
                f"{name}() argument 'output_size' should contain one int "
                f"(got {len(sizes)})"
            )
        if "max" in name:
            raise RuntimeError(
                f"{name}(): internal error: output_size.size() must be {n}"
            )
        raise RuntimeError(f"{name}: output_size must be {n}")
    if any(s is not None and s < 0 for s in sizes):
        if "max" in name:
            shape = [*outer, *sizes]
            negative = next(s for s in sizes if s < 0)
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {negative}: {shape}"
            )
        sizes = (1, *sizes) if n == 1 else sizes  # PyTorch takes it for two dimensions
        name = name.replace("1d", "2d")
        text = ", ".join(map(str, sizes))
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but "
            f"received {{{text}}}"
        )
    return sizes


def _split(input, n: int) -> tuple:
    return input.shape[-n:], input.shape[:-n]


def _check_rank(input, n: int, kind: str) -> None:
    if input.ndim in (n + 1, n + 2):
        return
    if n == 1:
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for "
            f"argument #1 'self' (while checking arguments for adaptive_{kind}_pool1d)"
        )
    colon = ":" if kind == "max" else ""
    raise RuntimeError(
        f"adaptive_{kind}_pool{n}d(): Expected {n + 1}D or {n + 2}D tensor, but "
        f"got{colon} {list(input.shape)}"
    )


# Means


def _average_name(static, plan) -> str:
    n = static["n"]
    if n == 1:
        return "SqueezeBackward1"
    if all(s == 1 for s in static["sizes"]):
        return "MeanBackward1"
    return f"AdaptiveAvgPool{n}DBackward0"


@op(name="adaptive_avg_pool", scope=None, method=False, backward=_average_name)
def _adaptive_avg_pool(input: Array, n: int, sizes: object) -> Array:
    _check_rank(input, n, "avg")
    sizes = _output_sizes(f"adaptive_avg_pool{n}d", sizes, *_split(input, n))
    x = widen(input)
    for i, size in enumerate(sizes):
        x = _mean(x, x.ndim - n + i, size)
    return x.astype(input.dtype)


def _mean(x, axis: int, size: int):
    """The means along one axis: a mean over a box is one of means over its sides."""
    length = x.shape[axis]
    if size == length:
        return x
    if size and length % size == 0:
        shape = (*x.shape[:axis], size, length // size, *x.shape[axis + 1 :])
        return jnp.mean(x.reshape(shape), axis + 1)
    starts, ends = _bounds(length, size)
    place = np.arange(length)
    inside = (place >= starts[:, None]) & (place < ends[:, None])
    weights = jnp.asarray((inside / (ends - starts)[:, None]).astype(x.dtype))
    return jnp.moveaxis(jnp.tensordot(x, weights, (axis, 1)), -1, axis)


def _complete(sizes, input, n: int):
    """``output_size`` for each dimension; None keeps the input's size."""
    rank = len(input._value().aval.shape)
    listed = isinstance(sizes, (tuple, list))
    if listed and n > 1 and rank <= len(sizes):
        raise ValueError(f"Input dimension should be at least {len(sizes) + 1}")
    sizes = tuple(sizes) if listed else (sizes,) * n
    lengths = input._value().aval.shape[-n:]
    if len(sizes) == len(lengths):
        sizes = tuple(
            length if s is None else s for s, length in zip(sizes, lengths, strict=True)
        )
    return sizes


def _average_form(n: int):
    def adaptive_avg_pool(input, output_size):
        return _adaptive_avg_pool(input, n, _complete(output_size, input, n))

    name = f"adaptive_avg_pool{n}d"
    adaptive_avg_pool.__name__ = adaptive_avg_pool.__qualname__ = name
    adaptive_avg_pool.__doc__ = "Means of as many windows as ``output_size`` says."
    scope = _BOTH if n == 1 else "nn.functional"
    return composite(adaptive_avg_pool, scope=scope)


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = (
    _average_form(n) for n in (1, 2, 3)
)


# Maxima


def _max_name(static, plan) -> str:
    n = static["n"]
    return "SqueezeBackward1" if n == 1 else f"AdaptiveMaxPool{n}DBackward0"


@op(name="adaptive_max_pool", scope=None, method=False, backward=_max_name, returns=())
def _adaptive_max_pool(input: Array, n: int, sizes: object):
    _check_rank(input, n, "max")
    sizes = _output_sizes(f"adaptive_max_pool{n}d", sizes, *_split(input, n))
    lengths = input.shape[-n:]
    places, inside = _places(lengths, sizes)
    outer = input.shape[:-n]
    flat = input.reshape(*outer, math.prod(lengths))
    found = flat[..., places]
    low = -jnp.inf if jnp.issubdtype(input.dtype, jnp.inexact) else -(2**31)
    seen = jnp.where(inside, found, jnp.asarray(low, input.dtype))
    first = jnp.argmax(seen, -1)[..., None]
    position = jnp.take_along_axis(jnp.broadcast_to(places, found.shape), first, -1)
    best = jnp.take_along_axis(found, first, -1)[..., 0]
    shape = (*outer, *sizes)
    return best.reshape(shape), position[..., 0].astype(jnp.int64).reshape(shape)


def _places(lengths, sizes):
    """Flat positions of the elements of every window, and which of them count."""
    places, inside = np.zeros((1, 1), np.int64), np.ones((1, 1), bool)
    for length, size in zip(lengths, sizes, strict=True):
        starts, ends = _bounds(length, size)
        at = starts[:, None] + np.arange((ends - starts).max(initial=0))
        within = at < ends[:, None]
        at = np.minimum(at, length - 1)
        outer = (places.shape[0] * at.shape[0], places.shape[1] * at.shape[1])
        places = places[:, None, :, None] * length + at[None, :, None, :]
        inside = inside[:, None, :, None] & within[None, :, None, :]
        places, inside = places.reshape(outer), inside.reshape(outer)
    return jnp.asarray(places), jnp.asarray(inside)


def _max_form(n: int):
    def adaptive_max_pool(input, output_size, return_indices=False):
        found = _adaptive_max_pool(input, n, _complete(output_size, input, n))
        return found if return_indices else found[0]

    def with_indices(input, output_size, return_indices=True):
        return _adaptive_max_pool(input, n, _complete(output_size, input, n))

    name = f"adaptive_max_pool{n}d"
    adaptive_max_pool.__name__ = adaptive_max_pool.__qualname__ = name
    adaptive_max_pool.__doc__ = "Maxima of as many windows as ``output_size`` says."
    with_indices.__doc__ = f"``{name}`` with indices."
    composite(with_indices, name=f"{name}_with_indices", scope="nn.functional")
    return composite(adaptive_max_pool, scope="nn.functional")


adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = (
    _max_form(n) for n in (1, 2, 3)
)


@composite(name="adaptive_max_pool1d", scope="torch")
def _torch_adaptive_max_pool1d(input, output_size):
    """``torch.adaptive_max_pool1d`` gives the indices too."""
    return _adaptive_max_pool(input, 1, _complete(output_size, input, 1))
