"""Sampling at places given by a grid: grid_sample, affine_grid."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
from jax import lax

from ._compute import dtype_name, rounding, widen
from ._op import Array, composite, op


def _rounding(dtype):
    """What PyTorch does after each step: it computes half precision in itself."""
    return rounding(dtype) if dtype.itemsize <= 2 else lambda x: x


def _unnormalise(at, size: int, align_corners: bool, near):
    """From [-1, 1] to elements."""
    at = near(at + 1)
    if align_corners:
        return near(near(at / 2) * near(size - 1))
    return near(near(near(at * near(size)) - 1) / 2)


def _clip(at, size: int):
    """Into [0, size - 1], with the derivative 0 on both ends."""
    return jnp.where(at <= 0, 0, jnp.where(at >= size - 1, size - 1, at))


def _reflect(at, size: int, align_corners: bool, near):
    low, high = (0, 2 * (size - 1)) if align_corners else (-1, 2 * size - 1)
    if low == high:
        return jnp.zeros_like(at)
    start, span = low / 2, (high - low) / 2
    away = near(at - start)
    away = jnp.where(away < 0, -away, away)
    flips = lax.stop_gradient(jnp.floor(near(away / span)))
    rest = near(away - flips * span)
    return near(jnp.where(flips % 2 == 0, rest, near(span - rest)) + start)


def _place(at, size: int, padding_mode: str, align_corners: bool, near):
    if padding_mode == "border":
        return _clip(at, size)
    if padding_mode == "reflection":
        return _clip(_reflect(at, size, align_corners, near), size)
    return at


def _fetch(x, indices):
    """x at integer places (one array for each dimension), 0 outside."""
    inside, safe = True, []
    for index, size in zip(indices, x.shape[2:], strict=True):
        inside = inside & (index >= 0) & (index < size)
        safe.append(jnp.clip(index, 0, size - 1).astype(jnp.int32))
    rows = jnp.arange(x.shape[0]).reshape(-1, *[1] * (safe[0].ndim - 1))
    # Indices apart from each other come first: (N, places…, C).
    found = jnp.moveaxis(x[(rows, slice(None), *safe)], -1, 1)
    return jnp.where(inside[:, None], found, 0)


def _linear(x, places, near):
    """The mean of the neighbours, weighted by nearness: the last dimension first."""
    lows = [lax.stop_gradient(jnp.floor(p)) for p in places]
    total = 0
    for corner in itertools.product((0, 1), repeat=len(places)):
        weight = 1
        for side, low, p in reversed(list(zip(corner, lows, places, strict=True))):
            weight = near(weight * (near(p - low) if side else near(1 - (p - low))))
        at = [low + side for low, side in zip(lows, corner, strict=True)]
        total = near(total + near(_fetch(x, at) * weight[:, None]))
    return total


_A = -0.75


def _cubic_weights(t, near):
    """Of the neighbours at -1, 0, 1 and 2, by Keys' kernel."""

    def close(d):
        made = near(near((_A + 2) * d) - (_A + 3))
        return near(near(near(made * d) * d) + 1)

    def far(d):
        made = near(near(_A * d) - 5 * _A)
        made = near(near(made * d) + 8 * _A)
        return near(near(made * d) - 4 * _A)

    rest = near(1 - t)
    return far(near(t + 1)), close(t), close(rest), far(near(rest + 1))


def _weighted(items, weights, near):
    total = 0
    for item, weight in zip(items, weights, strict=True):
        total = near(total + near(item * weight[:, None]))
    return total


def _cubic(x, places, padding_mode: str, align_corners: bool, near):
    """``places`` are not yet padded: each neighbour is, by itself."""
    lows = [lax.stop_gradient(jnp.floor(p)) for p in places]
    parts = [near(p - low) for p, low in zip(places, lows, strict=True)]
    down, across = (_cubic_weights(t, near) for t in parts)
    places = [
        [
            jnp.round(_place(low + k - 1, size, padding_mode, align_corners, near))
            for k in range(4)
        ]
        for low, size in zip(lows, x.shape[2:], strict=True)
    ]
    rows = ([_fetch(x, [i, j]) for j in places[1]] for i in places[0])
    return _weighted([_weighted(row, across, near) for row in rows], down, near)


def _name(static, plan) -> str:
    return f"GridSampler{len(plan.signature[0].shape) - 2}DBackward0"


@op(name="grid_sampler", scope=None, method=False, backward=_name)
def _grid_sample(
    input: Array, grid: Array, mode: str, padding_mode: str, align_corners: bool
) -> Array:
    _check(input, grid, mode)
    x, grid, near = widen(input), widen(grid), _rounding(input.dtype)
    n = input.ndim - 2
    # The last coordinate of the grid is that of the first dimension.
    places = [
        _unnormalise(grid[..., n - 1 - i], x.shape[2 + i], align_corners, near)
        for i in range(n)
    ]
    if mode == "bicubic":
        made = _cubic(x, places, padding_mode, align_corners, near)
        return made.astype(input.dtype)
    places = [
        _place(p, size, padding_mode, align_corners, near)
        for p, size in zip(places, x.shape[2:], strict=True)
    ]
    if mode == "nearest":
        return _fetch(x, [jnp.round(p) for p in places]).astype(input.dtype)
    return _linear(x, places, near).astype(input.dtype)


def _check(input, grid, mode: str) -> None:
    sizes = f"input with sizes {list(input.shape)} and grid with sizes"
    if input.dtype != grid.dtype:
        raise RuntimeError(
            f"expected scalar type {dtype_name(input)} but found {dtype_name(grid)}"
        )
    if input.shape[0] != grid.shape[0]:
        raise RuntimeError(
            "grid_sampler(): expected grid and input to have same batch size, but got "
            f"{sizes} {list(grid.shape)}"
        )
    if grid.shape[-1] != input.ndim - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {input.ndim - 2} in last "
            f"dimension, but got grid with sizes {list(grid.shape)}"
        )
    if mode == "bicubic" and input.ndim != 4:
        raise RuntimeError(
            "grid_sampler(): bicubic interpolation only supports 4D input"
        )


@composite(scope="nn.functional")
def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """input at the places of ``grid``, which are in [-1, 1].

    **Shape** input (N, C, H, W), grid (N, H', W', 2), result (N, C, H', W'); or with
    a depth before the height.
    """
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(
            "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or "
            f"'bicubic', but got: '{mode}'"
        )
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', "
            f"'border', or 'reflection', but got: '{padding_mode}'"
        )
    return _grid_sample(input, grid, mode, padding_mode, bool(align_corners))


@op(
    name="affine_grid",
    scope=None,
    method=False,
    backward="AffineGridGeneratorBackward0",
)
def _affine_grid(theta: Array, sizes: object, align_corners: bool) -> Array:
    axes = []
    for size in sizes[:1:-1]:
        line = jnp.linspace(-1, 1, size, dtype=theta.dtype)
        if size == 1:
            line = jnp.zeros(1, theta.dtype)
        axes.append(line if align_corners else line * (size - 1) / size)
    places = jnp.meshgrid(*axes[::-1], indexing="ij")[::-1]
    places = jnp.stack([*places, jnp.ones_like(places[0])], -1)
    return jnp.einsum("...i,noi->n...o", places, theta)


@composite(scope="nn.functional")
def affine_grid(theta, size, align_corners=None):
    """The grid that an affine map of the places gives.

    **Shape** theta (N, 2, 3) or (N, 3, 4), ``size`` of the result of ``grid_sample``.
    """
    aval, size = theta._value().aval, tuple(int(s) for s in size)
    if not aval.dtype.is_floating_point:
        raise ValueError(
            f"Expected theta to have floating point type, but got {aval.dtype}"
        )
    n = len(size) - 2
    if n not in (2, 3):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine "
            f"transforms, respectively. Got size {size}."
        )
    if len(aval.shape) != 3 or aval.shape[1:] != (n, n + 1):
        raise ValueError(
            f"Expected a batch of {n}D affine matrices of shape Nx{n}x{n + 1} for size "
            f"{size}. Got torch.Size({list(aval.shape)})."
        )
    return _affine_grid(theta, size, bool(align_corners))
