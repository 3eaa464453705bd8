"""Cross entropy and negative log likelihood over classes."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from ._bounds import known
from ._compute import dtype_name, reduction_name, require_float, widen
from ._op import Array, composite, op
from .linear import linear


@jax.custom_jvp
def pick(x, index):
    """x[…, index] along the last dimension."""
    return jnp.take_along_axis(x, index[..., None], axis=-1, mode="clip")[..., 0]


@pick.defjvp
def _pick_jvp(primals, tangents):
    # Its transpose is a comparison, which XLA fuses, and no scatter, which it cannot.
    x, index = primals
    hit = index[..., None] == jnp.arange(x.shape[-1], dtype=index.dtype)
    return pick(x, index), jnp.sum(jnp.where(hit, tangents[0], 0), -1)


def _logits(x):
    """x - max and the logarithm of its sum of exponentials, classes last."""
    top = jax.lax.stop_gradient(jnp.max(x, -1, keepdims=True))
    shifted = x - top
    return shifted, jnp.log(jnp.sum(jnp.exp(shifted), -1))


def _class_weights(weight, classes: int):
    if weight is None:
        return None
    if weight.shape != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no "
            f"classes but got weight tensor of shape: {list(weight.shape)}"
        )
    return widen(weight)


def _check_indices(input, target) -> None:
    """PyTorch's errors for the shapes of class indices."""
    if input.ndim == 1:
        if target.size != 1:
            raise ValueError(
                "For 1D input, 1D target must have size 1, but got target size: "
                f"{target.size}"
            )
        return
    batch = target.shape[0] if target.ndim else 1
    if input.shape[0] != batch:
        raise ValueError(
            f"Expected input batch_size ({input.shape[0]}) to match target batch_size "
            f"({batch})."
        )
    if input.ndim == 2:
        if target.ndim > 1:
            raise RuntimeError(
                "0D or 1D target tensor expected, multi-target not supported"
            )
        return
    wanted = (input.shape[0], *input.shape[2:])
    if target.shape != wanted:
        raise RuntimeError(
            f"Expected target size {list(wanted)}, got {list(target.shape)}"
        )


def _check_index_dtype(target) -> None:
    if target.dtype not in (jnp.int64, jnp.uint8):
        raise RuntimeError(
            "expected target dtype to be Long or Byte, but got " + dtype_name(target)
        )


def _classes_last(x):
    return x if x.ndim < 3 else jnp.moveaxis(x, 1, -1)


def _reduce(loss, reduction: str, total):
    """``total`` divides the mean."""
    if reduction == "none":
        return loss
    return jnp.sum(loss) / total if reduction == "mean" else jnp.sum(loss)


def _valid(target, ignore_index: int):
    """Which targets count, and indices that are safe for all."""
    if not 0 <= ignore_index:
        valid = target >= 0 if ignore_index == -100 else target != ignore_index
    else:
        valid = target != ignore_index
    return valid, jnp.where(valid, target, 0)


def _index_name(static, plan) -> str:
    """The node's name: PyTorch's kernel depends on the rank."""
    kind = reduction_name(static["reduction"], static["size_average"], static["reduce"])
    smoothing = static.get("label_smoothing", 0)
    if plan.signature[1].dtype.category >= 2:
        return "DivBackward1" if kind == "mean" else "NegBackward0"
    if smoothing:
        return "AddBackward0"
    rank = len(plan.signature[0].shape)
    if rank < 3:
        return "NllLossBackward0"
    return "ViewBackward0" if kind == "none" and rank != 4 else "NllLoss2DBackward0"


@op(name="nll_loss", scope=None, method=False, backward=_index_name)
def _nll_loss(
    input: Array,
    target: Array,
    weight: Array | None,
    size_average: object,
    ignore_index: int,
    reduce: object,
    reduction: str,
) -> Array:
    reduction = reduction_name(reduction, size_average, reduce)
    _check_indices(input, target)
    _check_index_dtype(target)
    require_float(input, "nll_loss_out_frame")
    x = _classes_last(widen(input))
    weight = _class_weights(weight, x.shape[-1])
    valid, index = _valid(target.reshape(x.shape[:-1]), ignore_index)
    scale = (
        valid.astype(x.dtype) if weight is None else jnp.where(valid, weight[index], 0)
    )
    loss = jnp.where(valid, -scale * pick(x, index), 0)
    return _reduce(loss, reduction, jnp.sum(scale)).astype(input.dtype)


@op(name="cross_entropy", scope=None, method=False, backward=_index_name)
def _cross_entropy(
    input: Array,
    target: Array,
    weight: Array | None,
    size_average: object,
    ignore_index: int,
    reduce: object,
    reduction: str,
    label_smoothing: float,
) -> Array:
    reduction = reduction_name(reduction, size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(
            f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}"
        )
    probable = target.shape == input.shape and jnp.issubdtype(
        target.dtype, jnp.floating
    )
    if not probable:
        _check_indices(input, target)
        _check_index_dtype(target)
    require_float(input, "log_softmax_lastdim_kernel_impl")
    x = _classes_last(widen(input))
    weight = _class_weights(weight, x.shape[-1])
    if probable:
        wide = _classes_last(widen(target))
        loss = _with_probabilities(x, wide, weight, reduction, label_smoothing)
        return loss.astype(jnp.promote_types(input.dtype, target.dtype))
    target = target.reshape(x.shape[:-1])
    loss = _with_indices(x, target, weight, reduction, label_smoothing, ignore_index)
    return loss.astype(input.dtype)


def _with_indices(x, target, weight, reduction, smoothing, ignore_index):
    shifted, log_sum = _logits(x)
    valid, index = _valid(target, ignore_index)
    loss = log_sum - pick(shifted, index)
    scale = valid.astype(x.dtype)
    if weight is not None:
        scale = jnp.where(valid, weight[index], 0)
        loss = loss * scale
    if smoothing:
        smooth = _smooth(shifted, log_sum, weight) * (smoothing / x.shape[-1])
        loss = (1 - smoothing) * loss + smooth
    return _reduce(jnp.where(valid, loss, 0), reduction, jnp.sum(scale))


def _smooth(shifted, log_sum, weight):
    """-Σ weight · log softmax."""
    if weight is None:
        return shifted.shape[-1] * log_sum - jnp.sum(shifted, -1)
    return jnp.sum(weight) * log_sum - jnp.sum(weight * shifted, -1)


def _with_probabilities(x, target, weight, reduction, smoothing):
    if smoothing:
        target = target * (1 - smoothing) + smoothing / x.shape[-1]
    shifted, log_sum = _logits(x)
    log_softmax = shifted - log_sum[..., None]
    terms = log_softmax * target if weight is None else log_softmax * target * weight
    loss = -jnp.sum(terms, -1)
    return _reduce(loss, reduction, math.prod(loss.shape))


def _check_bounds(input, target, ignore_index: int) -> None:
    """PyTorch's error for a wrong class, where the targets are known."""
    found, shape = known(target), input._value().aval.shape
    if found is None or not shape:
        return
    classes = shape[0] if len(shape) == 1 else shape[1]
    wrong = found[((found < 0) | (found >= classes)) & (found != ignore_index)]
    if wrong.size:
        raise IndexError(f"Target {wrong[0]} is out of bounds.")


@composite(scope="nn.functional")
def nll_loss(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
):
    """-weight[target] · input[target], for log probabilities ``input``.

    **Shape** input (N, C, d…) or (C); target (N, d…) or (), of class indices.
    """
    loss = _nll_loss(
        input, target, weight, size_average, ignore_index, reduce, reduction
    )
    _check_bounds(input, target, ignore_index)
    return loss


@composite(scope="nn.functional")
def cross_entropy(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
    label_smoothing=0.0,
):
    """-Σ weight · target · log softmax(input) over the classes.

    **Shape** input (N, C, d…) or (C); target: class indices (N, d…) or (), or
    probabilities in the shape of input.
    """
    loss = _cross_entropy(
        input,
        target,
        weight,
        size_average,
        ignore_index,
        reduce,
        reduction,
        label_smoothing,
    )
    _check_bounds(input, target, ignore_index)
    return loss


@composite(scope="nn.functional")
def linear_cross_entropy(
    input,
    linear_weight,
    target,
    *,
    linear_bias=None,
    weight=None,
    reduction="mean",
    ignore_index=None,
    label_smoothing=0.0,
    options=None,
):
    """The cross entropy of ``linear(input, linear_weight, linear_bias)``.

    **Shape** input (N, F) or (F), linear_weight (C, D…, F), linear_bias (C, D…),
    target (N, D…) or, with probabilities, (N, C, D…).
    **Differs** ``options`` (chunks, to save memory) changes nothing here.
    """
    shape = _check_linear_cross_entropy(input, linear_weight, linear_bias)
    if shape == tuple(target.shape) and ignore_index is not None:
        raise RuntimeError(
            "ignore_index cannot be specified when target contains probabilities"
        )
    classes = linear_weight.reshape(-1, linear_weight.shape[-1])
    bias = None if linear_bias is None else linear_bias.reshape(-1)
    return cross_entropy(
        linear(input, classes, bias).reshape(shape),
        target,
        weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def _check_linear_cross_entropy(input, weight, bias) -> tuple[int, ...]:
    """The shape of the logits; PyTorch's errors."""
    if input.dim() not in (1, 2):
        raise RuntimeError(
            f"expected input with dimensionality 1 or 2, got {input.dim()}"
        )
    if weight.dim() < 2:
        raise RuntimeError(
            f"expected linear_weight with dimensionality at least 2, got {weight.dim()}"
        )
    if input.shape[-1] != weight.shape[-1]:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), "
            f"got {input.shape[-1]} and {weight.shape[-1]}, respectively"
        )
    outputs = tuple(weight.shape[:-1])
    if bias is not None and tuple(bias.shape) != outputs:
        raise RuntimeError(
            f"expected linear_bias shape {outputs}, got {tuple(bias.shape)}"
        )
    if len(outputs) > 1 and input.dim() == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(weight.shape)} "
            f"requires batched input, (N, {input.shape[-1]}), got unbatched input with "
            f"shape {tuple(input.shape)}"
        )
    return (*input.shape[:-1], *outputs)
