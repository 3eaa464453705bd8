"""Losses with a margin, and losses for several labels."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .._errors import broadcast_shapes
from ..autograd.variable import TensorBase
from ._bounds import outside
from ._check import scalar_name
from ._compute import as_float, reduced, reduction_name
from ._op import Array, composite, op
from .distance import pairwise, pairwise_distance
from .loss import _pair, clamp_min, named

_SAME = {"backward": named("ClampMinBackward0")}


@_pair(backward=named("AddBackward0"))
def hinge_embedding_loss(
    input: Array,
    target: Array,
    margin: float = 1.0,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """input where the target is 1, max(0, margin - input) where it is -1."""
    reduction = reduction_name(reduction, size_average, reduce)
    apart = jnp.where(target != 1, clamp_min(margin - input), 0)
    return reduced(apart + jnp.where(target != -1, input, 0), reduction)


@op(
    scope="nn.functional",
    method=False,
    promote="input1 input2",
    opmath=True,
    backward=named("AddBackward0"),
)
def cosine_embedding_loss(
    input1: Array,
    input2: Array,
    target: Array,
    margin: float = 0.0,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1."""
    reduction = reduction_name(reduction, size_average, reduce)
    if target.ndim > 1:
        raise RuntimeError(
            "0D or 1D target tensor expected, multi-target not supported"
        )
    if target.ndim + 1 != input1.ndim or target.ndim + 1 != input2.ndim:
        raise RuntimeError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, "
            f"but found inputs with sizes {list(input1.shape)} and "
            f"{list(input2.shape)}."
        )
    sums = [
        jnp.sum(a * b, -1)
        for a, b in ((input1, input2), (input1, input1), (input2, input2))
    ]
    product, *sizes = map(as_float, sums)
    sizes = [x + 1e-12 for x in sizes]
    cos = product / jnp.sqrt(sizes[0] * sizes[1])
    broadcast_shapes(cos.shape, target.shape)
    apart = jnp.where(target == -1, clamp_min(cos - margin), 0)
    return reduced(jnp.where(target == 1, 1 - cos, 0) + apart, reduction)


@op(
    scope="nn.functional",
    method=False,
    promote="input1 input2 target",
    opmath=True,
    **_SAME,
)
def margin_ranking_loss(
    input1: Array,
    input2: Array,
    target: Array,
    margin: float = 0.0,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """max(0, -target · (input1 - input2) + margin)."""
    reduction = reduction_name(reduction, size_average, reduce)
    sizes = [x.shape for x in (input1, input2, target)]
    if len({len(s) for s in sizes}) > 1:
        text = ", ".join(
            f"{n}: torch.Size({list(s)})"
            for n, s in zip(("input1", "input2", "target"), sizes, strict=True)
        )
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but "
            f"got sizes: {text} "
        )
    broadcast_shapes(*sizes)
    return reduced(clamp_min(as_float(-target * (input1 - input2)) + margin), reduction)


@_pair(promote="input target")
def soft_margin_loss(
    input: Array,
    target: Array,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """log(1 + exp(-target · input))."""
    reduction = reduction_name(reduction, size_average, reduce)
    return reduced(jax.nn.softplus(-target * input), reduction)


# Over classes


def _check_classes(input, target) -> None:
    if input.ndim not in (1, 2) or input.shape[-1] == 0:
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but "
            f"got: {list(input.shape)}"
        )
    frames = input.shape[0] if input.ndim == 2 else 1
    if target.ndim > 1 or target.size != frames:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the "
            "number of input samples (batch size). Expected target size "
            f"[{frames}], but got {list(target.shape)}. Input has shape "
            f"{list(input.shape)}."
        )


def _labels(low: int, words: str):
    """A guard: labels that are known and no class."""

    def guard(operands, static) -> None:
        input, target = operands[:2]
        shape = input._value().aval.shape if isinstance(input, TensorBase) else ()
        if shape and outside(target, low, shape[-1]) is not None:
            raise RuntimeError(words)

    return guard


@op(scope="nn.functional", method=False, guard=_labels(0, "target out of range"))
def multi_margin_loss(
    input: Array,
    target: Array,
    p: int = 1,
    margin: float = 1.0,
    weight: Array | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """Mean over wrong classes of max(0, margin - input[target] + input)ᵖ.

    **Shape** input (N, C) or (C), target (N) or ().
    """
    reduction = reduction_name(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    shape = input.shape[:-1]
    input = input if input.ndim else input[None]
    _check_classes(input, target)
    classes = input.shape[-1]
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(
            f"inconsistent weight size, expected {classes} but got {list(weight.shape)}"
        )
    if target.dtype != jnp.int64:
        raise RuntimeError(f"expected scalar type Long but found {scalar_name(target)}")
    x, index = input.reshape(-1, classes), target.reshape(-1, 1)
    hinge = margin - jnp.take_along_axis(x, index, 1) + x
    hinge = jnp.where(hinge > 0, hinge, 0) ** p
    hinge = jnp.where(index == jnp.arange(classes), 0, hinge)
    if weight is not None:
        hinge = hinge * weight[index]
    loss = jnp.sum(hinge, 1) / classes
    return reduced(loss.reshape(shape), reduction)


@op(
    scope="nn.functional",
    method=False,
    backward="MultilabelMarginLossBackward0",
    guard=_labels(-1, "argument #2 'target' is out of range"),
)
def multilabel_margin_loss(
    input: Array,
    target: Array,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """Σ max(0, 1 - input[label] + input[other]) / C; labels end at the first -1.

    **Shape** input (N, C) or (C); target the same, of class indices.
    """
    reduction = reduction_name(reduction, size_average, reduce)
    if input.ndim > 2 or 0 in input.shape[-1:]:
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but "
            f"got: {list(input.shape)}"
        )
    if target.shape != input.shape:
        raise RuntimeError(
            f"inconsistent target size: {list(target.shape)} for input of size: "
            f"{list(input.shape)}"
        )
    classes = input.shape[-1] if input.ndim else 1
    x, labels = input.reshape(-1, classes), target.reshape(-1, classes)
    given = jnp.cumsum(labels < 0, 1) == 0
    safe = jnp.where(given, labels, 0)
    hits = (safe[..., None] == jnp.arange(classes)) & given[..., None]
    other = ~jnp.any(hits, 1)
    hinge = 1 - jnp.take_along_axis(x, safe, 1)[..., None] + x[:, None, :]
    counts = given[..., None] & other[:, None, :] & (hinge > 0)
    loss = jnp.sum(jnp.where(counts, hinge, 0), (1, 2)) / classes
    return reduced(loss.reshape(input.shape[:-1]), reduction)


@_pair(backward=named("DivBackward0"))
def multilabel_soft_margin_loss(
    input: Array,
    target: Array,
    weight: Array | None = None,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """Binary cross entropy of sigmoid(input), averaged over the classes."""
    reduction = reduction_name(reduction, size_average, reduce)
    positive, negative = jax.nn.log_sigmoid(input), jax.nn.log_sigmoid(-input)
    loss = -(target * positive + (1 - target) * negative)
    loss = loss if weight is None else loss * weight
    return reduced(jnp.mean(loss, -1), reduction)


# Triplets


def _check_margin(margin: float) -> None:
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")


def _check_triplet(arguments) -> None:
    ndims = [arguments[n].ndim for n in ("anchor", "positive", "negative")]
    if len(set(ndims)) > 1:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same "
            f"number of dimensions, but got: anchor {ndims[0]}D, positive {ndims[1]}D, "
            f"and negative {ndims[2]}D inputs"
        )


@op(
    scope="nn.functional",
    method=False,
    promote="anchor positive negative",
    opmath=True,
    broadcasts=True,
    check=_check_triplet,
    **_SAME,
)
def triplet_margin_loss(
    anchor: Array,
    positive: Array,
    negative: Array,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: object = None,
    reduce: object = None,
    reduction: str = "mean",
) -> Array:
    """max(0, margin + d(anchor, positive) - d(anchor, negative))."""
    reduction = reduction_name(reduction, size_average, reduce)
    _check_margin(margin)
    near = pairwise(anchor, positive, p, eps)
    far = pairwise(anchor, negative, p, eps)
    if swap:
        far = jnp.minimum(far, pairwise(positive, negative, p, eps))
    return reduced(clamp_min(margin + near - far), reduction)


@op(scope=None, method=False, **_SAME)
def _triplet_hinge(
    near: Array, far: Array, swapped: Array | None, margin: float, reduction: str
) -> Array:
    far = far if swapped is None else jnp.minimum(far, swapped)
    return reduced(clamp_min(margin + near - far), reduction)


@composite(scope="nn.functional")
def triplet_margin_with_distance_loss(
    anchor,
    positive,
    negative,
    *,
    distance_function=None,
    margin=1.0,
    swap=False,
    reduction="mean",
):
    """``triplet_margin_loss`` with a distance of one's own."""
    reduction = reduction_name(reduction, None, None)
    _check_margin(margin)
    _check_triplet({"anchor": anchor, "positive": positive, "negative": negative})
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    swapped = distance(positive, negative) if swap else None
    return _triplet_hinge(near, far, swapped, float(margin), reduction)
