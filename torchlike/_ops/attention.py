"""Attention: the product form, and the projections of several heads around it.

**Shape** letters: N batch, H heads, L queries, S keys, E features, D those of a head.
"""

from __future__ import annotations

import contextlib
import math

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from .._engine import platform
from . import _attention_gpu, _fills
from ._attend import attend, causal, dropped
from ._compute import dtype_name, widen
from ._fills import Site
from ._op import Array, Scalar, composite, op
from .linear import contract, linear

_NONE = -math.inf


def _softmax(scores):
    """Over the last dimension; a row of -inf is NaN."""
    weights = jnp.exp(scores - lax.stop_gradient(jnp.max(scores, -1, keepdims=True)))
    return weights / jnp.sum(weights, -1, keepdims=True)


def _keep_mask(shape, p: float, place):
    """Booleans that are true with probability 1 - p."""
    return _fills.bernoulli(Site(shape, _dtypes.bool_, place, None, None), 1 - p)


# The product form


def _product_name(static, plan) -> str:
    rank = len(plan.signature[0].shape)
    if rank == 4 and plan.signature[4] is None:
        return "ScaledDotProductFlashAttentionForCpuBackward0"
    return "MmBackward0" if rank == 2 else "UnsafeViewBackward0"


def _check_product(query, key, value, attn_mask) -> None:
    inputs = (query, key, value)
    if min(x.ndim for x in inputs) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got "
            f"query.dim: {query.ndim} key.dim: {key.ndim} and value.dim: {value.ndim} "
            "instead."
        )
    if len({x.dtype for x in inputs}) > 1:
        names = [_c_name(x) for x in inputs]
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got "
            f"query.dtype: {names[0]} key.dtype: {names[1]} and value.dtype: "
            f"{names[2]} instead."
        )
    kinds = (jnp.bool_, jnp.float32, query.dtype)
    if attn_mask is not None and attn_mask.dtype not in kinds:
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but "
            f"got attn_mask.dtype: {_c_name(attn_mask)} and  query.dtype: "
            f"{_c_name(query)} instead."
        )


_C_NAMES = {"int64": "long int", "float64": "double", "float32": "float"}


def _c_name(x) -> str:
    name = _dtypes.from_numpy(x.dtype).name
    return _C_NAMES.get(name, "c10::" + dtype_name(x))


def _repeat_heads(query, x):
    """Grouped queries: a key head for several query heads."""
    heads, own = query.shape[-3], x.shape[-3]
    if own == 0 or heads % own:
        raise RuntimeError(
            "Number of heads in key and value must divide the number of heads in query"
        )
    return jnp.repeat(x, heads // own, axis=-3)


@op(name="attention", scope=None, method=False, backward=_product_name)
def _attention(
    query: Array,
    key: Array,
    value: Array,
    attn_mask: Array | None,
    dropout_mask: Array | None,
    dropout_scale: Scalar = 1.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Array:
    _check_product(query, key, value, attn_mask)
    if enable_gqa:
        key, value = _repeat_heads(query, key), _repeat_heads(query, value)
    _check_columns(query, key)
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    q, k, v = query, key, value
    if platform() != "cuda":
        q, k, v = (widen(x) for x in (q, k, v))
    elif attn_mask is None and dropout_mask is None:
        out = _attention_gpu.fused(q, k, v, is_causal, scale)
        if out is not None:
            return out
    masked = _mask_of(attn_mask)
    kept = dropout_mask, dropout_scale
    return attend(q * scale, k, v, masked, kept, is_causal).astype(query.dtype)


def _mask_of(mask):
    """What a mask does to scores; a boolean one is True where a key is seen."""
    if mask is None:
        return None
    if mask.dtype == jnp.bool_:
        return lambda scores: jnp.where(mask, scores, _NONE)
    return lambda scores: scores + mask


def _check_columns(query, key) -> None:
    if query.ndim > 2 and query.shape[-1] != key.shape[-1]:
        n = math.prod(query.shape[:-2])
        wanted, got = [n, query.shape[-1]], [n, key.shape[-1]]
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: {wanted} "
            f"but got: {got}."
        )
    for a, b in zip(query.shape[-3::-1], key.shape[-3::-1], strict=False):
        if a != b and 1 not in (a, b):
            i = max(query.ndim, key.ndim) - 3
            raise RuntimeError(
                f"The size of tensor a ({a}) must match the size of tensor b ({b}) at "
                f"non-singleton dimension {i}"
            )


@composite(scope="nn.functional")
def scaled_dot_product_attention(
    query,
    key,
    value,
    attn_mask=None,
    dropout_p=0.0,
    is_causal=False,
    scale=None,
    enable_gqa=False,
):
    """softmax(query · keyᵀ · scale + mask) · value.

    A boolean mask is True where a query sees a key. ``scale`` is 1 / √D by default.

    **Shape** query (N, …, H, L, D), key (N, …, H, S, D), value (N, …, H, S, D').
    """
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(
            f"dropout probability has to be between 0 and 1, but got {dropout_p:g}"
        )
    mask, factor = None, 1.0
    if dropout_p:
        shape = _scores_shape(query, key, enable_gqa)
        mask = _keep_mask(shape, dropout_p, query.device)
        factor = 0.0 if dropout_p == 1 else 1 / (1 - dropout_p)
    return _attention(
        query, key, value, attn_mask, mask, factor, is_causal, scale, enable_gqa
    )


def _scores_shape(query, key, enable_gqa: bool) -> tuple[int, ...]:
    """The shape of query · keyᵀ, for which the mask of a dropout is drawn."""
    (*batch, length, _), (*own, keys, _) = _shape(query), _shape(key)
    if not enable_gqa and batch != own:
        with contextlib.suppress(ValueError):  # refused with PyTorch's text later
            batch = jnp.broadcast_shapes(tuple(batch), tuple(own))
    return (*batch, length, keys)


# Several heads


def _split_heads(x, heads: int):
    """(L, N, E) to (N, H, L, D)."""
    length, batch, features = x.shape
    split = x.reshape(length, batch, heads, features // heads)
    return jnp.transpose(split, (1, 2, 0, 3))


def _project(x, weight, bias):
    out = contract(x, weight)
    return out if bias is None else out + bias.astype(out.dtype)


@op(name="in_projection", scope=None, method=False, returns=())
def _same_heads(input: Array, weight: Array, bias: Array | None, heads: int):
    """Query, key and value of self-attention, from one product."""
    parts = jnp.split(_project(input, weight, bias), 3, -1)
    return tuple(_split_heads(p, heads).astype(input.dtype) for p in parts)


@op(name="in_projection", scope=None, method=False)
def _heads(
    input: Array, weight: Array, bias: Array | None, heads: int, part: int, common: bool
) -> Array:
    """One of them; the bias, and the weight if it is ``common``, hold all three."""
    size = weight.shape[0] // 3 if common else weight.shape[0]
    own = slice(part * size, (part + 1) * size)
    weight = weight[own] if common else weight
    bias = None if bias is None else bias[own]
    return _split_heads(_project(input, weight, bias), heads).astype(input.dtype)


@op(name="add_key", scope=None, method=False)
def _with_extra(x: Array, extra: Array | None, with_zero: bool) -> Array:
    """Keys (or values) with the learned one and with one of zeros behind them."""
    batch, heads, _, size = x.shape
    parts = [x]
    if extra is not None:
        own = jnp.transpose(extra.reshape(1, 1, heads, size), (0, 2, 1, 3))
        parts.append(jnp.broadcast_to(own, (batch, heads, 1, size)))
    if with_zero:
        parts.append(jnp.zeros((batch, heads, 1, size), x.dtype))
    return jnp.concatenate(parts, 2)


def _masked(scores, mask, extra: int):
    """Add a mask, or -inf where it is True; keys added behind are always seen."""
    if mask is None:
        return scores
    widths = [(0, 0)] * (mask.ndim - 1) + [(0, extra)]
    mask = jnp.pad(mask, widths)
    if mask.dtype == jnp.bool_:
        return jnp.where(mask, _NONE, scores)
    return scores + mask


@op(name="attend", scope=None, method=False, backward="MeanBackward1", returns=())
def _attend(
    q: Array,
    k: Array,
    v: Array,
    attn_mask: Array | None,
    padding_mask: Array | None,
    dropout_mask: Array | None,
    dropout_scale: Scalar = 1.0,
    extra: int = 0,
    is_causal: bool = False,
    weights_too: bool = True,
    average: bool = True,
):
    """The heads side by side (L, N, E) and, if asked for, the weights."""
    batch, heads, length, size = q.shape
    wide = widen(q) * (1 / math.sqrt(size)), widen(k), widen(v)
    if attn_mask is not None and attn_mask.ndim == 3:
        attn_mask = attn_mask.reshape(batch, heads, length, -1)
    masked = _masks_of(attn_mask, padding_mask, extra)
    if not weights_too:
        kept = dropout_mask, dropout_scale
        return (_side_by_side(attend(*wide, masked, kept, is_causal), q.dtype),)
    scores = jnp.matmul(wide[0], jnp.swapaxes(wide[1], -1, -2))
    scores = causal(scores) if is_causal else scores
    scores = scores if masked is None else masked(scores)
    weights = dropped(_softmax(scores), dropout_mask, dropout_scale)
    out = _side_by_side(jnp.matmul(weights, wide[2]), q.dtype)
    weights = jnp.mean(weights, 1) if average else weights
    return out, weights.astype(q.dtype)


def _masks_of(mask, padding, extra: int):
    """What both masks do to scores."""
    if mask is None and padding is None:
        return None
    padding = None if padding is None else padding[:, None, None, :]
    return lambda scores: _masked(_masked(scores, mask, extra), padding, extra)


def _side_by_side(heads, dtype):
    """(N, H, L, D) to (L, N, E)."""
    out = jnp.transpose(heads, (2, 0, 1, 3))
    return out.reshape(*out.shape[:2], -1).astype(dtype)


@op(name="squeeze", scope=None, method=False, backward="SqueezeBackward1")
def _squeeze(input: Array, dim: int) -> Array:
    return jnp.squeeze(input, dim)


@op(name="unsqueeze", scope=None, method=False, backward="UnsqueezeBackward0")
def _unsqueeze(input: Array, dim: int) -> Array:
    return jnp.expand_dims(input, dim)


def _shape(tensor) -> tuple[int, ...]:
    return tensor._value().aval.shape


def _check_heads(query, key, value, embed_dim: int, num_heads: int) -> None:
    """PyTorch's errors; it asserts."""
    shapes = [_shape(x) for x in (query, key, value)]
    if len(shapes[0]) not in (2, 3):
        raise AssertionError(
            "query should be unbatched 2D or batched 3D tensor but received "
            f"{len(shapes[0])}-D query tensor"
        )
    if len({len(s) for s in shapes}) > 1:
        kind = "unbatched 2-D" if len(shapes[0]) == 2 else "batched 3-D"
        raise AssertionError(
            f"For {kind} `query`, expected `key` and `value` to be "
            f"{kind[-3:]} but found {len(shapes[1])}-D and {len(shapes[2])}-D tensors "
            "respectively"
        )
    if shapes[0][-1] != embed_dim:
        raise AssertionError(
            f"was expecting embedding dimension of {embed_dim}, but got {shapes[0][-1]}"
        )
    if embed_dim % num_heads:
        raise AssertionError(
            f"embed_dim {embed_dim} not divisible by num_heads {num_heads}"
        )


def _project_all(inputs, heads: int, together, separate, bias) -> list:
    query, key, value = inputs
    if together is not None and query is key and key is value:
        return list(_same_heads(query, together, bias, heads))
    weights = separate if together is None else (together,) * 3
    return [
        _heads(x, w, bias, heads, i, together is not None)
        for i, (x, w) in enumerate(zip(inputs, weights, strict=True))
    ]


@composite(scope="nn.functional")
def multi_head_attention_forward(
    query,
    key,
    value,
    embed_dim_to_check,
    num_heads,
    in_proj_weight,
    in_proj_bias,
    bias_k,
    bias_v,
    add_zero_attn,
    dropout_p,
    out_proj_weight,
    out_proj_bias,
    training=True,
    key_padding_mask=None,
    need_weights=True,
    attn_mask=None,
    use_separate_proj_weight=False,
    q_proj_weight=None,
    k_proj_weight=None,
    v_proj_weight=None,
    static_k=None,
    static_v=None,
    average_attn_weights=True,
    is_causal=False,
):
    """Project, attend in ``num_heads`` heads, project back.

    **Shape** query (L, N, E) or (L, E), key and value (S, N, E'); results (L, N, E) and
    the weights (N, L, S), or (N, H, L, S) if not averaged, or None.
    """
    _check_heads(query, key, value, embed_dim_to_check, num_heads)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the "
            "Transformer module method `generate_square_subsequent_mask` to create "
            "this mask."
        )
    batched = len(_shape(query)) == 3
    if not batched:
        same = query is key and key is value
        query = _unsqueeze(query, 1)
        key, value = (
            (query, query) if same else (_unsqueeze(x, 1) for x in (key, value))
        )
        if key_padding_mask is not None:
            key_padding_mask = _unsqueeze(key_padding_mask, 0)
    together = None if use_separate_proj_weight else in_proj_weight
    separate = (q_proj_weight, k_proj_weight, v_proj_weight)
    q, k, v = _project_all(
        (query, key, value), num_heads, together, separate, in_proj_bias
    )
    if static_k is not None or static_v is not None:
        raise NotImplementedError("multi_head_attention_forward: static_k and static_v")
    extra = (bias_k is not None) + bool(add_zero_attn)
    if extra:
        k = _with_extra(k, bias_k, bool(add_zero_attn))
        v = _with_extra(v, bias_v, bool(add_zero_attn))
    by_hint = is_causal and key_padding_mask is None and not need_weights
    attn_mask = None if by_hint else attn_mask
    mask, factor = None, 1.0
    if training and dropout_p:
        mask = _keep_mask((*_shape(q)[:3], _shape(k)[2]), dropout_p, q.device)
        factor = 0.0 if dropout_p == 1 else 1 / (1 - dropout_p)
    out, *weights = _attend(
        q,
        k,
        v,
        attn_mask,
        key_padding_mask,
        mask,
        factor,
        extra,
        by_hint,
        bool(need_weights),
        bool(average_attn_weights),
    )
    out = linear(out, out_proj_weight, out_proj_bias)
    weights = weights[0] if weights else None
    if not batched:
        out = _squeeze(out, 1)
        weights = None if weights is None else _squeeze(weights, 0)
    return out, weights
