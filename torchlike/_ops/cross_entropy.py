"""Cross entropy and negative log likelihood over classes."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from ._compute import dtype_name, reduction_name, require_float, widen
from ._op import Array, op


@jax.custom_vjp
def pick(x, index):
    """x[…, index]; its derivative is a comparison, which XLA fuses (a scatter it cannot)."""
    return jnp.take_along_axis(x, index[..., None], axis=-1, mode="clip")[..., 0]


def _pick_forward(x, index):
    return pick(x, index), (index, x.shape[-1])


def _pick_backward(saved, g):
    index, classes = saved
    hit = index[..., None] == jnp.arange(classes, dtype=index.dtype)
    return jnp.where(hit, g[..., None], jnp.zeros((), g.dtype)), None


pick.defvjp(_pick_forward, _pick_backward)


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


@op(scope="nn.functional", method=False, backward=_index_name)
def nll_loss(
    input: Array,
    target: Array,
    weight: Array | None = None,
    size_average: object = None,
    ignore_index: int = -100,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """-weight[target] · input[target], for log probabilities ``input``.

    **Shape** input (N, C, d…) or (C); target (N, d…) or (), of class indices.
    """
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


@op(scope="nn.functional", method=False, backward=_index_name)
def cross_entropy(
    input: Array,
    target: Array,
    weight: Array | None = None,
    size_average: object = None,
    ignore_index: int = -100,
    reduce: object = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    """-Σ weight · target · log softmax(input) over the classes.

    **Shape** input (N, C, d…) or (C); target: class indices (N, d…) or (), or
    probabilities in the shape of input.
    """
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
