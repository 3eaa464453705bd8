"""Losses that compare elementwise. Each has the reductions none, mean and sum."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.special import xlogy

from .._errors import broadcast_shapes
from .._warnings import warn
from ._compute import (
    absolute,
    as_float,
    dtype_name,
    reduced,
    reduction_name,
    require_float,
)
from ._op import Array, op

_SUMMARY = {"mean": "MeanBackward0", "sum": "SumBackward0"}


def _kind(static) -> str:
    legacy = static.get("size_average"), static.get("reduce")
    return reduction_name(static["reduction"], *legacy)


def named(none: str):
    """The node's name for losses PyTorch composes: that of the last function."""
    return lambda static, plan: _SUMMARY.get(_kind(static), none)


_pair = functools.partial(
    op,
    scope="nn.functional",
    method=False,
    promote="input target",
    opmath=True,
    broadcasts=True,
)


def clamp_min(x, low=0):
    """max(x, low), with the derivative 1 at ``low`` as in PyTorch."""
    return jnp.where(x >= low, x, low)


def warn_sizes(input, target) -> None:
    """PyTorch's warning for a target that broadcasts."""
    if input.shape != target.shape:
        warn(
            f"Using a target size (torch.Size({list(target.shape)})) that is different "
            f"to the input size (torch.Size({list(input.shape)})). This will likely "
            "lead to incorrect results due to broadcasting. Please ensure they have "
            "the same size.",
            stacklevel=2,
        )


# Differences


def _weighted(name: str):
    def rule(static, plan):
        kind = _kind(static)
        if plan.signature[2] is None or plan.signature[2] is ...:
            return name if isinstance(name, str) else name[kind]
        return {"mean": "DivBackward0", "sum": "SumBackward0"}.get(kind, "MulBackward0")

    return rule


def _reduce_weighted(loss, weight, reduction: str):
    if weight is None:
        return reduced(loss, reduction)
    weight = weight.astype(loss.dtype)
    total = jnp.sum(jnp.broadcast_to(weight, loss.shape))
    loss = loss * weight
    return jnp.sum(loss) / total if reduction == "mean" else reduced(loss, reduction)


@_pair(backward=_weighted("MseLossBackward0"))
def mse_loss(
    input: Array,
    target: Array,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
    weight: Array | None = None,
) -> Array:
    """(input - target)²."""
    reduction = reduction_name(reduction, size_average, reduce)
    warn_sizes(input, target)
    require_float(input, "mse_cpu")
    return _reduce_weighted(jnp.square(input - target), weight, reduction)


_L1_NAMES = {**_SUMMARY, "none": "AbsBackward0"}


@_pair(backward=_weighted(_L1_NAMES))
def l1_loss(
    input: Array,
    target: Array,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
    weight: Array | None = None,
) -> Array:
    """|input - target|."""
    reduction = reduction_name(reduction, size_average, reduce)
    warn_sizes(input, target)
    return _reduce_weighted(absolute(input - target), weight, reduction)


def _smooth_name(static, plan) -> str:
    if static["beta"] == 0:
        return _L1_NAMES[_kind(static)]
    return "SmoothL1LossBackward0"


@_pair(backward=_smooth_name)
def smooth_l1_loss(
    input: Array,
    target: Array,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Array:
    """(input - target)² / (2 beta) below beta, |input - target| - beta / 2 above."""
    reduction = reduction_name(reduction, size_average, reduce)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    warn_sizes(input, target)
    size = absolute(input - target)
    if beta:
        size = jnp.where(size < beta, 0.5 * size * size / beta, size - 0.5 * beta)
    return reduced(size, reduction)


def _huber_name(static, plan) -> str:
    if plan.signature[2] is None or plan.signature[2] is ...:
        return "HuberLossBackward0"
    return _SUMMARY.get(_kind(static), "MulBackward0")


@_pair(backward=_huber_name)
def huber_loss(
    input: Array,
    target: Array,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Array | None = None,
) -> Array:
    """d² / 2 within delta, delta · (d - delta / 2) above; d is |input - target|."""
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    reduction = reduction_name(reduction, None, None)
    warn_sizes(input, target)
    size = absolute(input - target)
    loss = jnp.where(size <= delta, 0.5 * size * size, delta * (size - 0.5 * delta))
    return reduced(loss if weight is None else loss * weight, reduction)


# Likelihoods


_BOUND = float(np.float32(1e-12))


@jax.custom_jvp
def _bernoulli(x, target):
    """-target · log x - (1 - target) · log(1 - x), logarithms at least -100."""
    log, log_other = (jnp.maximum(v, -100) for v in (jnp.log(x), jnp.log1p(-x)))
    return (target - 1) * log_other - target * log


@_bernoulli.defjvp
def _bernoulli_jvp(primals, tangents):
    # PyTorch bounds the denominator, so that the derivative at 0 and 1 is finite; the
    # bound is a float32 for all dtypes.
    x, target = primals
    dx, dtarget = tangents
    slope = (x - target) / jnp.maximum(x * (1 - x), _BOUND)
    log, log_other = (jnp.maximum(v, -100) for v in (jnp.log(x), jnp.log1p(-x)))
    return _bernoulli(x, target), slope * dx + (log_other - log) * dtarget


def _check_bce(arguments) -> None:
    x, target = arguments["input"], arguments["target"]
    if x.shape != target.shape:
        raise ValueError(
            f"Using a target size (torch.Size({list(target.shape)})) that is different "
            f"to the input size (torch.Size({list(x.shape)})) is deprecated. Please "
            "ensure they have the same size."
        )
    if x.dtype != target.dtype:
        raise RuntimeError(
            f"Found dtype {dtype_name(target)} but expected {dtype_name(x)}"
        )


@_pair(check=_check_bce)
def binary_cross_entropy(
    input: Array,
    target: Array,
    weight: Array | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """-target · log(input) - (1 - target) · log(1 - input), for probabilities."""
    reduction = reduction_name(reduction, size_average, reduce)
    loss = _bernoulli(input, target)
    return reduced(loss if weight is None else loss * weight, reduction)


def _check_logits(arguments) -> None:
    x, target = arguments["input"], arguments["target"]
    if x.shape != target.shape:
        raise ValueError(
            f"Target size (torch.Size({list(target.shape)})) must be the same as input "
            f"size (torch.Size({list(x.shape)}))"
        )
    if not jnp.issubdtype(target.dtype, jnp.inexact):
        raise RuntimeError(
            f"result type {dtype_name(x)} can't be cast to the desired output type "
            + dtype_name(target)
        )


@_pair(check=_check_logits)
def binary_cross_entropy_with_logits(
    input: Array,
    target: Array,
    weight: Array | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
    pos_weight: Array | None = None,
) -> Array:
    """Binary cross entropy of sigmoid(input)."""
    reduction = reduction_name(reduction, size_average, reduce)
    log_sigmoid = jax.nn.log_sigmoid(input)
    if pos_weight is not None:
        broadcast_shapes(pos_weight.shape, target.shape)
        log_sigmoid = (1 + (pos_weight - 1) * target) * log_sigmoid
    loss = (1 - target) * input - log_sigmoid
    return reduced(loss if weight is None else loss * weight, reduction)


def _kl_name(static, plan) -> str:
    if static["reduction"] == "batchmean":
        return "DivBackward0"
    none = "MulBackward0" if static["log_target"] else "SubBackward0"
    return _SUMMARY.get(_kind(static), none)


@_pair(backward=_kl_name)
def kl_div(
    input: Array,
    target: Array,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Array:
    """target · (log(target) - input), for log probabilities ``input``."""
    batchmean = reduction == "batchmean" and size_average is None and reduce is None
    kind = "sum" if batchmean else reduction_name(reduction, size_average, reduce)
    if kind == "mean":
        warn(
            "reduction: 'mean' divides the total loss by both the batch size and the "
            "support size.'batchmean' divides only by the batch size, and aligns with "
            "the KL div math definition.'mean' will be changed to behave the same as "
            "'batchmean' in the next major release.",
            stacklevel=2,
        )
    if log_target:
        loss = jnp.exp(target) * (target - input)
    else:
        loss = xlogy(target, target) - target * input
    out = reduced(loss, kind)
    return out / input.shape[0] if batchmean and input.ndim else out


@_pair(promote="input target", backward=named("SubBackward0"))
def poisson_nll_loss(
    input: Array,
    target: Array,
    log_input: bool = True,
    full: bool = False,
    size_average: object = None,
    eps: float = 1e-8,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """rate - target · log(rate), with Stirling's term if ``full``."""
    reduction = reduction_name(reduction, size_average, reduce)
    input, target = as_float(input), as_float(target)
    log_rate = input if log_input else jnp.log(input + eps)
    loss = (jnp.exp(input) if log_input else input) - target * log_rate
    if full:
        large = target > 1
        safe = jnp.where(large, target, 1)
        stirling = safe * jnp.log(safe) - safe + 0.5 * jnp.log(2 * math.pi * safe)
        loss = loss + jnp.where(large, stirling, 0)
    return reduced(loss, reduction)


def _check_var(shape, var) -> tuple[int, ...]:
    """The shape in which the variance broadcasts."""
    if var == shape or not var:
        return var
    if var == shape[:-1]:
        return (*var, 1)
    if len(var) == len(shape):
        unlike = [v for s, v in zip(shape, var, strict=True) if s != v]
        if sum(unlike) == 1:
            return var
    raise ValueError("var is of incorrect size")


_GAUSSIAN = {**_SUMMARY, "none": "MulBackward0"}


def _gaussian_name(static, plan) -> str:
    kind = _kind(static)
    return "AddBackward0" if static["full"] and kind == "none" else _GAUSSIAN[kind]


@_pair(promote="input target var", backward=_gaussian_name, broadcasts=False)
def gaussian_nll_loss(
    input: Array,
    target: Array,
    var: Array,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Array:
    """(log(var) + (input - target)² / var) / 2, the variance at least ``eps``."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    broadcast_shapes(input.shape, target.shape)
    var = var.reshape(_check_var(input.shape, var.shape))
    # PyTorch clamps outside of the graph: the derivative passes.
    var = var + lax.stop_gradient(jnp.maximum(var, eps) - var)
    loss = 0.5 * (jnp.log(var) + jnp.square(input - target) / var)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduced(loss, reduction)
