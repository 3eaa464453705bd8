"""Fractional max pooling: windows at random places with the given number of outputs.

**Source** https://arxiv.org/abs/1412.6071
"""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np

from ._op import Array, Ints, composite, op
from ._registry import functions


def _name(static, plan) -> str:
    return f"FractionalMaxPool{static['n']}DBackward0"


@op(
    name="fractional_max_pool", scope=None, method=False, backward=_name, returns=()
)  # fmt: skip
def _fractional_max_pool(
    input: Array, samples: Array, n: int, kernel: Ints, sizes: Ints
):
    """The maxima, and their flat positions in the input.

    **Shape** input (N, C, L…) or (C, L…), samples (N, C, n).
    """
    _check(input, samples, n, kernel, sizes)
    planes = input.reshape(-1, *input.shape[-n:])
    samples = samples.reshape(-1, n)[: planes.shape[0]]
    places = _places(planes, samples, kernel, sizes)
    found = planes[(_spread(jnp.arange(planes.shape[0]), 0, n), *places)]
    # (planes, *sizes, *kernel): the last n dimensions are the window
    found = found.reshape(*found.shape[: n + 1], math.prod(kernel))
    best = jnp.argmax(found, -1, keepdims=True)
    flat = jnp.zeros((), jnp.int64)
    for place, length in zip(places, input.shape[-n:], strict=True):
        flat = flat * length + place
    flat = jnp.broadcast_to(flat, (*found.shape[:-1], *kernel)).reshape(found.shape)
    shape = (*input.shape[:-n], *sizes)
    return tuple(jnp.take_along_axis(x, best, -1).reshape(shape) for x in (found, flat))


def _places(planes, samples, kernel, sizes) -> list:
    """For each dimension the positions in the input, ready to be broadcast."""
    n = len(kernel)
    # PyTorch's samples go T, H, W in three dimensions, but W, H in two.
    order = range(n) if n == 3 else range(n)[::-1]
    places = []
    for i, (length, k, size) in enumerate(
        zip(planes.shape[1:], kernel, sizes, strict=True)
    ):
        starts = _starts(samples[:, order[i]], length, k, size)
        at = starts[:, :, None] + jnp.arange(k)
        shape = [at.shape[0], *[1] * (2 * n)]
        shape[1 + i], shape[1 + n + i] = size, k
        places.append(at.reshape(shape))
    return places


def _starts(sample, length: int, kernel: int, size: int):
    """Where the windows begin: steps of two lengths in an order set by the sample."""
    last = jnp.full((sample.shape[0], 1), length - kernel, jnp.int64)
    if size == 1:
        return last
    alpha = np.array(length - kernel, sample.dtype) / np.array(size - 1, sample.dtype)
    sample = sample[:, None]
    steps = jnp.arange(size - 1).astype(sample.dtype)
    starts = jnp.trunc((steps + sample) * alpha) - jnp.trunc(sample * alpha)
    return jnp.concatenate([starts.astype(jnp.int64), last], 1)


def _spread(index, dim: int, n: int):
    shape = [1] * (2 * n + 1)
    shape[dim] = -1
    return index.reshape(shape)


def _check(input, samples, n: int, kernel, sizes) -> None:
    name = f"fractional_max_pool{n}d"
    if input.ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"{name}(): Expected {n + 1}D or {n + 2}D tensor, but got: "
            f"{list(input.shape)}"
        )
    if 0 in input.shape[-n - 1 :]:
        raise RuntimeError(
            f"{name}(): Expected input to have non-zero size for non-batch dimensions, "
            f"but got sizes {list(input.shape)}"
        )
    if samples.dtype != input.dtype:
        raise RuntimeError(
            "Expect _random_samples to have the same dtype as input, got "
            f"{samples.dtype} and {input.dtype}"
        )
    batch = 1 if input.ndim == n + 1 else input.shape[0]
    if samples.ndim != 3:
        raise RuntimeError(
            f"Expect _random_samples to have 3 dimensions, got {samples.ndim}"
        )
    if samples.shape[0] < batch:
        raise RuntimeError(
            "Expect _random_samples.size(0) no less then input batch size."
        )
    if samples.shape[1] != input.shape[-n - 1]:
        raise RuntimeError(
            "Expect _random_samples.size(1) equals to input channel size."
        )
    if samples.shape[2] != n:
        raise RuntimeError(f"Expect _random_samples.size(2) equals to {n}; got ")
    _check_sizes(name, input.shape[-n:], kernel, sizes)


def _check_sizes(name: str, lengths, kernel, sizes) -> None:
    words = ("time", "height", "width")[-len(kernel) :]
    for word, length, k, size in zip(words, lengths, kernel, sizes, strict=True):
        if size + k - 1 > length:
            raise RuntimeError(
                f"{name}(): pool {word} {k} too large relative to input {word} {length}"
            )


def _values(given, n: int, name: str, what: str) -> tuple:
    values = tuple(given) if isinstance(given, (tuple, list)) else (given,) * n
    if len(values) == 1:
        values *= n
    if len(values) != n:
        words = {2: "two ints", 3: "three ints"}[n]
        raise RuntimeError(
            f"{name}: {what} must either be a single int or tuple of {words}"
        )
    return values


def _forms(n: int):
    name = f"fractional_max_pool{n}d"

    def with_indices(
        input,
        kernel_size,
        output_size=None,
        output_ratio=None,
        return_indices=False,
        _random_samples=None,
    ):
        shape = input._value().aval.shape
        sizes = _sizes(shape, output_size, output_ratio)
        kernel = _values(kernel_size, n, name, "kernel_size")
        if any(k <= 0 for k in kernel):
            raise RuntimeError(
                f"kernel_size should be greater than zero, but got {kernel}"
            )
        if _random_samples is None:
            batch = 1 if len(shape) == n + 1 else shape[0]
            _random_samples = functions["torch"]["rand"](
                (batch, shape[-n - 1], n), dtype=input.dtype, device=input.device
            )
        return _fractional_max_pool(input, _random_samples, n, kernel, sizes)

    def _sizes(shape, output_size, output_ratio) -> tuple[int, ...]:
        if output_size is not None:
            return _values(output_size, n, name, "output_size")
        if output_ratio is None:
            raise ValueError(
                f"{name} requires specifying either an output_size or an output_ratio"
            )
        if isinstance(output_ratio, (tuple, list)) and len(output_ratio) > n:
            raise ValueError(
                f"{name} requires output_ratio to either be a single Int or tuple of "
                "Ints."
            )
        ratios = _values(output_ratio, n, name, "output_ratio")
        pairs = zip(shape[-n:], ratios, strict=True)
        return tuple(int(length * ratio) for length, ratio in pairs)

    def pool(
        input,
        kernel_size,
        output_size=None,
        output_ratio=None,
        return_indices=False,
        _random_samples=None,
    ):
        found = with_indices(
            input, kernel_size, output_size, output_ratio, True, _random_samples
        )
        return found if return_indices else found[0]

    pool.__name__ = pool.__qualname__ = name
    with_indices.__name__ = with_indices.__qualname__ = f"{name}_with_indices"
    pool.__doc__ = f"""The largest element of windows at random places, {n} dimensions.

    **Shape** input (N, C, L…) or (C, L…), ``_random_samples`` (N, C, {n}).
    """
    with_indices.__doc__ = f"``{name}`` with the flat positions of the maxima."
    composite(with_indices, scope="nn.functional")
    return composite(pool, scope="nn.functional"), with_indices


fractional_max_pool2d, fractional_max_pool2d_with_indices = _forms(2)
fractional_max_pool3d, fractional_max_pool3d_with_indices = _forms(3)
