"""Norms with their statistics, samplers by number: PyTorch's native forms."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from . import norm
from ._compute import require_float, widen
from ._forms import overloaded
from ._op import Array, Ints, Scalar, composite, op
from .grid import _grid_sample


def _statistics(like, weight, *values):
    """Statistics have the dtype of the weights, or of the input without any."""
    kind = like.dtype if weight is None else weight.dtype
    return tuple(x.astype(kind) for x in values)


# ----- over the last dimensions, over groups -----------------------------------------


@op(scope=None, method=False, backward="NativeLayerNormBackward0", returns=())
def _layer_norm_native(
    input: Array, normalized_shape: Ints, weight: Array | None,
    bias: Array | None, eps: float,
):  # fmt: skip
    norm._check_normalized("layer_norm", input, normalized_shape, weight, bias)
    require_float(input, "LayerNormKernelImpl")
    norm._check_mixed(input, weight, bias)
    axes = tuple(range(-len(normalized_shape), 0))
    out, mean, var = norm._standardise(widen(input), axes, eps)
    out = norm._affine(out, weight, bias, normalized_shape).astype(input.dtype)
    return out, *_statistics(input, weight, mean, lax.rsqrt(var + eps))


@composite
def native_layer_norm(input, normalized_shape, weight, bias, eps):
    """``layer_norm``, with the means and the reciprocal deviations."""
    out, *rest = _layer_norm_native(input, normalized_shape, weight, bias, eps)
    return out, *(x.detach() for x in rest)


@op(method=False, returns=())
def native_group_norm(
    input: Array, weight: Array | None, bias: Array | None,
    N: int, C: int, HxW: int, group: int, eps: float,
):  # fmt: skip
    """``group_norm``, with the means and the reciprocal deviations of the groups."""
    if C % group:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but "
            f"got input of shape {list(input.shape)} and num_groups={group}"
        )
    require_float(input, "GroupNormKernelImpl")
    norm._check_mixed(input, weight, bias)
    shape = (N, group, C // group * HxW)
    out, mean, var = norm._standardise(widen(input).reshape(shape), (2,), eps)
    out = out.reshape(input.shape)
    out = norm._affine(out, weight, bias, norm._per_channel(input.ndim))
    inverse = lax.rsqrt(var + eps)
    rest = _statistics(input, weight, mean[..., 0], inverse[..., 0])
    return out.astype(input.dtype), *rest


# ----- over the batch ----------------------------------------------------------------


@op(scope=None, method=False, backward="NativeBatchNormBackward0", returns=())
def _batch_norm_native(
    input: Array, weight: Array | None, bias: Array | None,
    running_mean: Array | None, running_var: Array | None,
    momentum: Scalar = 0.1, eps: float = 1e-05,
):  # fmt: skip
    """The result, the batch's mean and reciprocal deviation, new running statistics."""
    running = {"running_mean": running_mean, "running_var": running_var}
    norm._check_features(input, **running, weight=weight, bias=bias)
    axes = (0, *range(2, input.ndim))
    out, mean, var = norm._standardise(widen(input), axes, eps)
    out = norm._affine(out, weight, bias, norm._per_channel(input.ndim))
    rest = _statistics(input, weight, mean.reshape(-1), lax.rsqrt(var + eps).ravel())
    made = (out.astype(input.dtype), *rest)
    if running_mean is None:
        return made
    n = input.size // input.shape[1]
    unbiased = n / max(n - 1, 1)
    new_mean = norm._blend(running_mean, mean, momentum, n)
    return *made, new_mean, norm._blend(running_var, var * unbiased, momentum, n)


def _train(input, weight, bias, running_mean, running_var, momentum, eps):
    out, mean, inverse, *new = _batch_norm_native(
        input, weight, bias, running_mean, running_var, momentum, eps
    )
    norm.update_statistics((running_mean, running_var), new)
    return out, mean.detach(), inverse.detach()


@overloaded(method=False, out=True)
def native_batch_norm(
    input, weight, bias, running_mean, running_var, training, momentum, eps
):
    """``batch_norm``, with the statistics of the batch in training."""
    if training:
        return _train(input, weight, bias, running_mean, running_var, momentum, eps)
    out = norm._batch_norm_eval(input, running_mean, running_var, weight, bias, eps)
    like = out if weight is None else weight
    return out, _nothing(like), _nothing(like)


@op(scope=None, method=False, differentiable=False)
def _nothing(like: Array) -> Array:
    return jnp.zeros(0, like.dtype)


@overloaded(method=False, out=True)
def _native_batch_norm_legit(input, weight, bias, *rest):
    """``native_batch_norm``; the running statistics may be left out."""
    running = rest[:-3] or (None, None)
    return native_batch_norm(input, weight, bias, *running, *rest[-3:])


# ----- samplers ----------------------------------------------------------------------

_MODES = ("bilinear", "nearest", "bicubic")
_PADDING = ("zeros", "border", "reflection")


@composite(aliases=("grid_sampler_2d", "grid_sampler_3d"))
def grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners):
    """``nn.functional.grid_sample`` with its modes given by number."""
    mode, padding = _MODES[interpolation_mode], _PADDING[padding_mode]
    return _grid_sample(input, grid, mode, padding, bool(align_corners))
