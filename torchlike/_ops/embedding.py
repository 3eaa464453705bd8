"""Rows of a table chosen by index: embedding, embedding_bag, one_hot."""

from __future__ import annotations

import warnings

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._engine import from_host
from ..autograd.function import Function
from ..autograd.grad_mode import mode
from ..autograd.variable import wrap
from ._bounds import known, outside
from ._compute import dtype_name, widen
from ._host import read
from ._op import Array, composite, op
from ._write import overwrite
from .sparse_tensors import sparse_coo_tensor


def _check_indices(name: str, position: int, input) -> None:
    if input.dtype not in (jnp.int64, jnp.int32):
        raise RuntimeError(
            f"Expected tensor for argument #{position} '{name}' to have one of the "
            "following scalar types: Long, Int; but got "
            f"torch.{_tensor_type(input)} instead (while checking arguments for "
            "embedding)"
        )


def _tensor_type(x) -> str:
    return f"{dtype_name(x)}Tensor"


def _check_bounds(input, weight) -> None:
    """PyTorch's error for a wrong index, where its value is known."""
    if outside(input, 0, weight._value().aval.shape[0]) is not None:
        raise IndexError("index out of range in self")


def _rows(weight, index, padding_idx: int | None, by_frequency: bool):
    """weight[index]; the padding row gets no gradient."""
    rows = jnp.take(weight, index, axis=0, mode="fill")
    if by_frequency:
        counts = jnp.zeros(weight.shape[0], rows.dtype).at[index].add(1)
        share = (1 / counts[index])[..., None]
        rows = rows * share + lax.stop_gradient(rows * (1 - share))
    if padding_idx is not None:
        padding = (index == padding_idx)[..., None]
        rows = jnp.where(padding, lax.stop_gradient(rows), rows)
    return rows


@op(name="embedding", scope=None, method=False)
def _embedding(
    weight: Array, input: Array, padding_idx: int | None, scale_grad_by_freq: bool
) -> Array:
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    _check_indices("indices", 1, input)
    return _rows(weight, input, padding_idx, scale_grad_by_freq)


@op(name="embedding_renorm", scope=None, method=False, differentiable=False)
def _renorm(weight: Array, input: Array, max_norm: float, norm_type: float) -> Array:
    """The rows that ``input`` names, scaled down to the norm ``max_norm``."""
    used = jnp.zeros(weight.shape[0], bool).at[input.reshape(-1)].set(True)
    norm = jnp.linalg.norm(widen(weight), norm_type, axis=1)
    scale = jnp.where(used & (norm > max_norm), max_norm / (norm + 1e-7), 1)
    return weight * scale[:, None].astype(weight.dtype)


def _limit(weight, input, max_norm, norm_type) -> None:
    if max_norm is not None:
        limited = _renorm(weight, input, max_norm, norm_type)
        overwrite(weight, wrap(limited._value()))


def _wrap_padding(padding_idx, weight):
    if padding_idx is None or not weight._value().aval.shape:
        return None  # weights of the wrong rank have an error of their own
    rows = weight._value().aval.shape[0]
    if not -rows <= padding_idx < rows:
        # PyTorch asserts here.
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx % rows


@composite(scope="nn.functional")
def embedding(
    input,
    weight,
    padding_idx=None,
    max_norm=None,
    norm_type=2.0,
    scale_grad_by_freq=False,
    sparse=False,
):
    """The rows of ``weight`` at the indices ``input``.

    **Shape** input (…), weight (V, D), result (…, D).
    With ``sparse`` the gradient of ``weight`` is a sparse tensor of rows.
    """
    padding_idx = _wrap_padding(padding_idx, weight)
    _check_bounds(input, weight)
    _limit(weight, input, max_norm, norm_type)
    if sparse and mode.enabled and weight.requires_grad:
        return _SparseRows.apply(weight, input, padding_idx, scale_grad_by_freq)
    return _embedding(weight, input, padding_idx, scale_grad_by_freq)


class _SparseRows(Function):
    """``embedding`` whose gradient holds only the rows that were looked up."""

    node_name = "EmbeddingBackward0"

    @staticmethod
    def forward(ctx, weight, input, padding_idx, by_frequency):
        if by_frequency:
            raise RuntimeError(
                "embedding_backward: scale_grad_by_freq not supported with sparse "
                "gradients"
            )
        ctx.rows, ctx.padding_idx = weight.shape, padding_idx
        ctx.save_for_backward(input)
        return _embedding(weight, input, padding_idx, False)

    @staticmethod
    def backward(ctx, grad):
        (input,) = ctx.saved_tensors
        indices = input.reshape(1, -1)
        values = grad.reshape(indices.shape[1], -1)
        if ctx.padding_idx is not None:
            kept = np.flatnonzero(read(indices, "sparse rows")[0] != ctx.padding_idx)
            kept = wrap(from_host(kept.astype(np.int64)))
            indices, values = indices[:, kept], values[kept]
        return sparse_coo_tensor(indices, values, ctx.rows), None, None, None


@composite(name="embedding", scope="torch")
def _torch_embedding(
    weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False
):
    """``torch.nn.functional.embedding`` in the order of ``torch.embedding``."""
    padding_idx = None if padding_idx < 0 else padding_idx
    return embedding(
        indices, weight, padding_idx, scale_grad_by_freq=scale_grad_by_freq
    )


# Bags


@op(name="embedding_bag", scope=None, method=False)
def _embedding_bag(
    weight: Array,
    input: Array,
    offsets: Array | None,
    per_sample_weights: Array | None,
    mode: str,
    padding_idx: int | None,
    include_last_offset: bool,
    scale_grad_by_freq: bool,
) -> Array:
    _check_indices("indices", 1, input)
    n = input.size
    if offsets is None:
        bags = input.shape[0]
        bag = jnp.repeat(jnp.arange(bags), input.shape[1])
    else:
        bags = offsets.shape[0] - include_last_offset
        bag = jnp.searchsorted(offsets[:bags], jnp.arange(n), side="right") - 1
    index = input.reshape(-1)
    rows = widen(_rows(weight, index, padding_idx, scale_grad_by_freq))
    counted = jnp.ones(n, bool) if padding_idx is None else index != padding_idx
    if per_sample_weights is not None:
        rows = rows * widen(per_sample_weights).reshape(-1, 1)
    out = _BAGS[mode](rows, bag, bags, counted)
    return out.astype(weight.dtype)


def _bag_sum(rows, bag, bags: int, counted):
    rows = jnp.where(counted[:, None], rows, 0)
    return jax.ops.segment_sum(rows, bag, bags)


def _bag_mean(rows, bag, bags: int, counted):
    size = jax.ops.segment_sum(counted.astype(rows.dtype), bag, bags)
    return _bag_sum(rows, bag, bags, counted) / jnp.maximum(size, 1)[:, None]


def _bag_max(rows, bag, bags: int, counted):
    """The first largest entry takes all of the gradient, as in PyTorch."""
    n = rows.shape[0]
    seen = jnp.where(counted[:, None], lax.stop_gradient(rows), -jnp.inf)
    top = jax.ops.segment_max(seen, bag, bags)
    place = jnp.where((seen == top[bag]) & counted[:, None], jnp.arange(n)[:, None], n)
    first = jax.ops.segment_min(place, bag, bags)
    chosen = jnp.take_along_axis(rows, jnp.minimum(first, n - 1), axis=0)
    return jnp.where(first < n, chosen, 0)


_BAGS = {"sum": _bag_sum, "mean": _bag_mean, "max": _bag_max}


def _check_bag(input, offsets, per_sample_weights, mode: str) -> None:
    shape = input._value().aval.shape
    if per_sample_weights is not None:
        given = per_sample_weights._value().aval.shape
        if given != shape:
            raise ValueError(
                f"embedding_bag: If per_sample_weights ({list(given)}) is not None, "
                f"then it must have the same shape as the input ({list(shape)})"
            )
        if mode != "sum":
            raise NotImplementedError(
                "embedding_bag: per_sample_weights was not None. per_sample_weights is "
                "only supported for mode='sum' (got mode='"
                f"{mode}'). Please open a feature request on GitHub."
            )
    if len(shape) == 2 and offsets is not None:
        raise ValueError(
            "if input is 2D, then offsets has to be None, as input is treated is a "
            "mini-batch of fixed length sequences. However, found offsets of type "
            f"{type(offsets)}"
        )
    if len(shape) == 1 and offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if len(shape) not in (1, 2):
        raise ValueError(
            f"input has to be 1D or 2D Tensor, but got Tensor of dimension {len(shape)}"
        )
    if mode not in _BAGS:
        raise ValueError("mode has to be one of sum, mean or max")


def _check_bag_bounds(input, weight) -> None:
    rows = weight._value().aval.shape[0]
    wrong = outside(input, 0, rows)
    if wrong is not None:
        place = int((known(input).reshape(-1) == wrong).argmax())
        raise RuntimeError(
            f"Index {place} of input takes value {wrong} which is not in the valid "
            f"range [0, {rows})"
        )


@composite(scope="nn.functional")
def embedding_bag(
    input,
    weight,
    offsets=None,
    max_norm=None,
    norm_type=2,
    scale_grad_by_freq=False,
    mode="mean",
    sparse=False,
    per_sample_weights=None,
    include_last_offset=False,
    padding_idx=None,
):
    """The sums, means or maxima of bags of rows of ``weight``.

    **Shape** input (B, N), or (N) with offsets (B); weight (V, D); result (B, D).
    """
    if input._value().aval.dtype.is_floating_point:
        warnings.warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage "
            "`embedding_bag(weight, input, ...)` is deprecated, and should now be "
            "`embedding_bag(input, weight, ...)`.",
            stacklevel=2,
        )
        weight, input = input, weight
    _check_bag(input, offsets, per_sample_weights, mode)
    padding_idx = _wrap_padding(padding_idx, weight)
    _check_bag_bounds(input, weight)
    _limit(weight, input, max_norm, norm_type)
    return _embedding_bag(
        weight,
        input,
        offsets,
        per_sample_weights,
        mode,
        padding_idx,
        include_last_offset,
        scale_grad_by_freq,
    )


# One-hot vectors


@op(name="one_hot", scope=None, method=False, differentiable=False)
def _one_hot(input: Array, num_classes: int) -> Array:
    return (input[..., None] == jnp.arange(num_classes)).astype(jnp.int64)


@composite(scope="nn.functional")
def one_hot(tensor, num_classes=-1):
    """1 at the index along a new last dimension, 0 elsewhere.

    Without ``num_classes`` the largest index is read.
    """
    value = tensor._value()
    if value.aval.dtype.name != "int64":
        raise RuntimeError(
            "one_hot is only applicable to index tensor of type LongTensor."
        )
    if num_classes == -1:
        if not value.aval.nbytes:
            raise RuntimeError(
                "Can not infer total number of classes from empty tensor."
            )
        num_classes = int(tensor.max()) + 1
    elif num_classes < 1 and not (num_classes == 0 and not value.aval.nbytes):
        raise RuntimeError("num_classes should be positive")
    classes = known(tensor)
    if classes is not None and classes.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if classes is not None and classes.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return _one_hot(tensor, num_classes)
