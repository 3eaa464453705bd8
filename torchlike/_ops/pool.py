"""Pooling over windows: maxima, means, power means, and the way back from maxima."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
from jax import lax

from ._compute import widen
from ._forms import overloaded
from ._op import Array, Ints, composite, op
from ._tiles import lie_side_by_side, tiled_maximum
from ._windows import Windows, check_pads, check_sizes, check_steps, expand

_BOTH = "torch nn.functional"


def _rank_error(input, n: int) -> None:
    raise RuntimeError(
        f"Expected {n + 1}D or {n + 2}D (batch mode) tensor with optional 0 dim batch "
        f"size for input, but got:{list(input.shape)}"
    )


def _check_max_rank(input, n: int) -> None:
    if input.ndim in (n + 1, n + 2):
        if 0 in input.shape[-n - 1 :] and n == 3:
            raise RuntimeError(
                "max_pool3d_with_indices_out_cpu_template(): Expected input's "
                "non-batch dimensions to have positive length, but input has a shape "
                f"of {list(input.shape)} and non-batch dimension 0 has length zero!"
            )
        if 0 in input.shape[-n - 1 :]:
            _rank_error(input, n)
        return
    if n == 1:
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim "
            f"batch size for input, but got:{list(input.shape)}"
        )
    raise RuntimeError(
        f"non-empty {n + 1}D or {n + 2}D (batch mode) tensor expected for input"
    )


_WORDS = {1: "one int", 2: "two ints", 3: "three ints"}


def _each(name: str, n: int, **groups) -> list[tuple[int, ...]]:
    return [
        expand(
            values,
            n,
            f"{name}: {what} must either be a single int, or a tuple of {_WORDS[n]}",
        )  # fmt: skip
        for what, values in groups.items()
    ]


# Maxima


def _max_name(static, plan) -> str:
    n = static["n"]
    return "SqueezeBackward1" if n == 1 else f"MaxPool{n}DWithIndicesBackward0"


def _lowest(dtype):
    if jnp.issubdtype(dtype, jnp.floating):
        return np.array(-np.inf, dtype)
    return np.array(jnp.iinfo(dtype).min, dtype)


@op(name="max_pool", scope=None, method=False, backward=_max_name, returns=())
def _max_pool(
    input: Array,
    n: int,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Ints,
    dilation: Ints,
    ceil_mode: bool,
    return_indices: bool,
):
    """The maxima and, if asked for, their flat positions in the input."""
    plain = n == 1 and not return_indices
    kernel, stride, padding, dilation = _each(
        f"max_pool{n}d",
        n,
        kernel_size=kernel_size,
        stride=stride or kernel_size,
        padding=padding,
        dilation=dilation,
    )
    if plain:
        _check_max_1d(input, kernel[0], stride[0], padding[0], dilation[0])
    else:
        check_steps(stride, dilation)
        check_pads(kernel, padding, dilation)
        _check_max_rank(input, n)
    windows = Windows(input.shape, kernel, stride, padding, dilation, ceil_mode)
    if not plain:
        check_sizes(input.shape, windows)
    elif windows.sizes[0] < 1:
        size = windows.sizes[0]
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {size}")
    if return_indices:
        return _max_with_indices(input, windows)
    return (_maximum(input, windows),)


def _check_max_1d(input, kernel, stride, padding, dilation) -> None:
    """The errors of PyTorch's kernel for ``max_pool1d`` without indices."""
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim "
            f"batch size for input, but got:{list(input.shape)}"
        )
    numbers = {"kernel_size": kernel, "stride": stride, "dilation": dilation}
    for name, n in numbers.items():
        if n <= 0:
            raise RuntimeError(
                f"max_pool1d() {name} must be greater than zero, but got {n}"
            )
    if padding < 0:
        raise RuntimeError(
            f"max_pool1d() padding must be non-negative, but got {padding}"
        )
    if 2 * padding > kernel:
        raise RuntimeError(
            "max_pool1d() padding should be at most half of kernel size, but got "
            f"padding={padding} and kernel_size={kernel}"
        )


def _maximum(x, windows: Windows):
    """The first of equal elements wins, and NaN wins over all, as in PyTorch.

    Along one dimension after the other: k + k slices, and not k · k. The last dimension
    goes first, so that the winner is the first in memory order.
    """
    if lie_side_by_side(windows):
        return tiled_maximum(x, windows)
    for side in windows.sides():
        padded = side.pad(x, _lowest(x.dtype))
        best = None
        for place in side.places():
            here = side.slice(padded, place)
            best = here if best is None else jnp.where(_wins(here, best), here, best)
        x = best
    return x


def _wins(here, best):
    return (here > best) | (here != here)


def _max_with_indices(x, windows: Windows):
    padded = windows.pad(x, _lowest(x.dtype))
    best = where = None
    for place in windows.places():
        here, position = windows.slice(padded, place), _position(windows, place)
        if best is None:
            best, where = here, jnp.broadcast_to(position, here.shape)
            # A window may begin in the padding, which is no element.
            inside = _inside(windows, place)
            best = jnp.where(inside, best, _lowest(x.dtype))
            found = jnp.broadcast_to(inside, here.shape)
            continue
        inside = _inside(windows, place)
        wins = inside & (_wins(here, best) | ~found)
        best = jnp.where(wins, here, best)
        where = jnp.where(wins, position, where)
        found = found | inside
    return best, where


def _coordinates(windows: Windows, place) -> list[np.ndarray]:
    """Where in the input the elements at ``place`` are, by dimension."""
    return [
        np.arange(size) * s + p * d - before
        for size, s, p, d, before in zip(
            windows.sizes,
            windows.stride,
            place,
            windows.dilation,
            windows.padding,
            strict=True,
        )
    ]


def _position(windows: Windows, place):
    flat = np.zeros((1,) * windows.n, np.int64)
    for i, at in enumerate(_coordinates(windows, place)):
        shape = [1] * windows.n
        shape[i] = -1
        flat = flat * windows.lengths[i] + at.reshape(shape)
    return jnp.asarray(flat)


def _inside(windows: Windows, place):
    inside = np.ones((1,) * windows.n, bool)
    for i, at in enumerate(_coordinates(windows, place)):
        shape = [1] * windows.n
        shape[i] = -1
        inside = inside & ((at >= 0) & (at < windows.lengths[i])).reshape(shape)
    return jnp.asarray(inside)


def _max_pool_forms(n: int):
    def max_pool(
        input,
        kernel_size,
        stride=None,
        padding=0,
        dilation=1,
        ceil_mode=False,
        return_indices=False,
    ):
        found = _max_pool(
            input, n, kernel_size, stride, padding, dilation, ceil_mode, return_indices
        )
        return found if return_indices else found[0]

    def with_indices(
        input,
        kernel_size,
        stride=None,
        padding=0,
        dilation=1,
        ceil_mode=False,
        return_indices=True,
    ):
        return _max_pool(
            input, n, kernel_size, stride, padding, dilation, ceil_mode, True
        )

    max_pool.__name__ = max_pool.__qualname__ = f"max_pool{n}d"
    max_pool.__doc__ = f"""The largest element of windows over {n} dimensions.

    **Shape** input (N, C, L…) or (C, L…). Indices are flat positions in L….
    """
    with_indices.__doc__ = f"``max_pool{n}d`` with indices."
    composite(max_pool, scope=_BOTH)
    scope = _BOTH if n == 1 else "nn.functional"
    composite(with_indices, name=f"max_pool{n}d_with_indices", scope=scope)
    return max_pool


max_pool1d, max_pool2d, max_pool3d = (_max_pool_forms(n) for n in (1, 2, 3))


# Means


def _average_name(static, plan) -> str:
    n = static["n"]
    return "SqueezeBackward1" if n == 1 else f"AvgPool{n}DBackward0"


@op(name="avg_pool", scope=None, method=False, backward=_average_name)
def _avg_pool(
    input: Array,
    n: int,
    kernel_size: Ints,
    stride: Ints | None,
    padding: Ints,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array:
    _check_average_rank(input, n)
    kernel, stride, padding = _each(
        f"avg_pool{n}d",
        n,
        kernel_size=kernel_size,
        stride=stride or kernel_size,
        padding=padding,
    )
    check_steps(stride, (1,))
    windows = Windows(input.shape, kernel, stride, padding, (1,) * n, ceil_mode)
    check_sizes(input.shape, windows)
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    total = window_sum(widen(input), windows)
    divisor = divisor_override or _divisor(windows, count_include_pad)
    if not jnp.issubdtype(total.dtype, jnp.inexact):
        divisor = jnp.asarray(divisor).astype(total.dtype)
        divisor = jnp.broadcast_to(divisor, total.shape)
        return lax.div(total, divisor).astype(input.dtype)  # rounds towards zero
    return (total / divisor).astype(input.dtype)


def _check_average_rank(input, n: int) -> None:
    if input.ndim in (n + 1, n + 2):
        return
    if n == 1:
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for "
            "argument #1 'self' (while checking arguments for avg_pool1d)"
        )
    if input.ndim < n + 1 and n == 2:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-input.ndim}, "
            f"{input.ndim - 1}], but got -3)"
        )
    raise RuntimeError(
        f"non-empty {n + 1}D or {n + 2}D (batch mode) tensor expected for input"
    )


_MANY = 32  # above as many elements, XLA's own window reduction


def window_sum(x, windows: Windows):
    """The sum of every window."""
    for side in windows.sides():
        zero = np.zeros((), x.dtype)
        padded = side.pad(x, zero)
        if side.count > _MANY:
            outer = (1,) * (x.ndim - side.n)
            sizes, steps = (*outer, *side.kernel), (*outer, *side.stride)
            x = lax.reduce_window(padded, zero, lax.add, sizes, steps, "VALID")
            continue
        total = None
        for place in side.places():
            here = side.slice(padded, place)
            total = here if total is None else total + here
        x = total
    return x


def _divisor(windows: Windows, with_padding: bool):
    """How many elements each window counts."""
    counts = np.ones((1,) * windows.n)
    for i, (length, k, s, p, size) in enumerate(
        zip(
            windows.lengths,
            windows.kernel,
            windows.stride,
            windows.padding,
            windows.sizes,
            strict=True,
        )
    ):
        start = np.arange(size) * s - p
        end = np.minimum(start + k, length + p)
        if not with_padding:
            start, end = np.maximum(start, 0), np.minimum(end, length)
        shape = [1] * windows.n
        shape[i] = -1
        counts = counts * (end - start).reshape(shape)
    if (counts == counts.flat[0]).all():
        return int(counts.flat[0])
    return jnp.asarray(counts.astype(np.float32))


@composite(scope=_BOTH)
def avg_pool1d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True
):
    """The mean of windows over one dimension."""
    return _avg_pool(
        input, 1, kernel_size, stride, padding, ceil_mode, count_include_pad, None
    )


def _avg_pool_form(n: int):
    def avg_pool(
        input,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
    ):
        return _avg_pool(
            input,
            n,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            count_include_pad,
            divisor_override,
        )

    avg_pool.__name__ = avg_pool.__qualname__ = f"avg_pool{n}d"
    avg_pool.__doc__ = f"The mean of windows over {n} dimensions."
    return overloaded(avg_pool, scope="nn.functional", method=False, out=True)


avg_pool2d, avg_pool3d = _avg_pool_form(2), _avg_pool_form(3)


@op(name="lp_pool", scope=None, method=False, backward="PowBackward0")
def _lp_pool(
    input: Array,
    n: int,
    norm_type: float,
    kernel_size: Ints,
    stride: Ints | None,
    ceil_mode: bool,
) -> Array:
    kernel, stride = _each(
        f"lp_pool{n}d", n, kernel_size=kernel_size, stride=stride or kernel_size
    )
    windows = Windows(input.shape, kernel, stride, (0,) * n, (1,) * n, ceil_mode)
    check_sizes(input.shape, windows)
    x = widen(input)
    mean = window_sum(x**norm_type, windows) / _divisor(windows, True)
    total = mean * math.prod(kernel)
    zero = total == 0  # where PyTorch's gradient is 0
    root = jnp.where(zero, 1, total) ** (1 / norm_type)
    return jnp.where(zero, 0, root).astype(input.dtype)


def _lp_pool_form(n: int):
    def lp_pool(input, norm_type, kernel_size, stride=None, ceil_mode=False):
        if math.isinf(norm_type):
            sign = 1 if norm_type > 0 else -1
            pool = (max_pool1d, max_pool2d, max_pool3d)[n - 1]
            return sign * pool(sign * input.abs(), kernel_size, stride, 0, 1, ceil_mode)
        return _lp_pool(input, n, norm_type, kernel_size, stride, ceil_mode)

    lp_pool.__name__ = lp_pool.__qualname__ = f"lp_pool{n}d"
    lp_pool.__doc__ = f"The power mean of windows over {n} dimensions, not divided."
    return composite(lp_pool, scope="nn.functional")


lp_pool1d, lp_pool2d, lp_pool3d = (_lp_pool_form(n) for n in (1, 2, 3))


# The way back from maxima


def _unpool_name(static, plan) -> str:
    n = static["n"]
    return "SqueezeBackward1" if n == 1 else f"MaxUnpool{n}DBackward0"


@op(name="max_unpool", scope=None, method=False, backward=_unpool_name)
def _max_unpool(input: Array, indices: Array, n: int, sizes: Ints) -> Array:
    if indices.dtype != jnp.int64:
        raise RuntimeError("elements in indices should be type int64")
    if indices.shape != input.shape:
        raise RuntimeError(
            "Expected shape of indices to be same as that of the input tensor "
            f"({list(input.shape)}) but got indices tensor with shape: "
            f"{list(indices.shape)}"
        )
    outer = input.shape[: input.ndim - n]
    planes = math.prod(outer)
    rows = jnp.arange(planes)[:, None]
    flat = jnp.zeros((planes, math.prod(sizes)), input.dtype)
    at = flat.at[
        rows, indices.reshape(planes, math.prod(input.shape[input.ndim - n :]))
    ]
    x = input.reshape(planes, -1) if input.size else input.reshape(planes, 0)
    # Of several values for a place one is written, but the gradient reaches all.
    added = at.add(x)
    out = added + lax.stop_gradient(at.set(x) - added)
    return out.reshape(*outer, *sizes)


def _unpool_sizes(lengths, kernel, stride, padding, output_size) -> tuple[int, ...]:
    default = [
        (length - 1) * s - 2 * p + k
        for length, k, s, p in zip(lengths, kernel, stride, padding, strict=True)
    ]
    if output_size is None:
        return tuple(default)
    n = len(kernel)
    if len(output_size) == n + 2:
        output_size = output_size[2:]
    if len(output_size) != n:
        raise ValueError(
            f"output_size should be a sequence containing {n} or {n + 2} elements, but "
            f"it has a length of '{len(output_size)}'"
        )
    for i, (size, usual, s) in enumerate(
        zip(output_size, default, stride, strict=True)
    ):
        if not usual - s < size < usual + s:
            raise ValueError(
                f'invalid output_size "{tuple(output_size)}" (dim {i} must be between '
                f"{usual - s} and {usual + s})"
            )
    return tuple(output_size)


def _ints(values, n: int) -> tuple[int, ...]:
    return tuple(values) if isinstance(values, (tuple, list)) else (values,) * n


def _max_unpool_form(n: int):
    def max_unpool(
        input, indices, kernel_size, stride=None, padding=0, output_size=None
    ):
        kernel, padding = _ints(kernel_size, n), _ints(padding, n)
        stride = kernel if stride is None else _ints(stride, n)
        lengths = input._value().aval.shape[-n:]
        sizes = _unpool_sizes(lengths, kernel, stride, padding, output_size)
        return _max_unpool(input, indices, n, sizes)

    max_unpool.__name__ = max_unpool.__qualname__ = f"max_unpool{n}d"
    max_unpool.__doc__ = f"Put maxima of ``max_pool{n}d`` back; 0 elsewhere."
    return composite(max_unpool, scope="nn.functional")


max_unpool1d, max_unpool2d, max_unpool3d = (_max_unpool_form(n) for n in (1, 2, 3))
