"""Multi-head attention."""

from __future__ import annotations

import warnings

from ... import _dtypes
from .. import _torch as torch
from .. import functional as F
from .. import init
from ..module import Module
from ..parameter import Parameter
from .linear import NonDynamicallyQuantizableLinear


class MultiheadAttention(Module):
    """Attention with ``num_heads`` heads (Vaswani et al. 2017).

    Shape: query (L, N, E), key (S, N, kdim), value (S, N, vdim), batch first by
    ``batch_first``, or without N; output like query, weights (N, L, S).
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device=None,
        dtype=None,
    ):
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "embed_dim and num_heads must be greater than 0, got embed_dim="
                f"{embed_dim} and num_heads={num_heads} instead"
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")
        factory = {"device": device, "dtype": dtype}
        self._add_projections(bias, factory)
        self._add_bias_kv(add_bias_kv, factory)
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _add_projections(self, bias: bool, factory: dict) -> None:
        size = self.embed_dim
        together = self._qkv_same_embed_dim
        apart = {} if together else {"q": size, "k": self.kdim, "v": self.vdim}
        for name, inputs in apart.items():
            weight = Parameter(torch.empty((size, inputs), **factory))
            self.register_parameter(f"{name}_proj_weight", weight)
        weight = torch.empty((3 * size, size), **factory) if together else None
        weight = None if weight is None else Parameter(weight)
        self.register_parameter("in_proj_weight", weight)
        for name in "qkv" if together else "":
            self.register_parameter(f"{name}_proj_weight", None)
        start = Parameter(torch.empty(3 * size, **factory)) if bias else None
        self.register_parameter("in_proj_bias", start)
        self.out_proj = NonDynamicallyQuantizableLinear(size, size, bias, **factory)

    def _add_bias_kv(self, wanted: bool, factory: dict) -> None:
        if not wanted:
            self.bias_k = self.bias_v = None
            return
        shape = (1, 1, self.embed_dim)
        self.bias_k = Parameter(torch.empty(shape, **factory))
        self.bias_v = Parameter(torch.empty(shape, **factory))

    def _reset_parameters(self) -> None:
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight"):
            if getattr(self, name) is not None:
                init.xavier_uniform_(getattr(self, name))
        if self.v_proj_weight is not None:
            init.xavier_uniform_(self.v_proj_weight)
        if self.in_proj_bias is not None:
            init.constant_(self.in_proj_bias, 0.0)
            init.constant_(self.out_proj.bias, 0.0)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def __setstate__(self, state) -> None:
        state.setdefault("_qkv_same_embed_dim", True)
        super().__setstate__(state)

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights: bool = True,
        attn_mask=None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ):
        key_padding_mask = canonical_mask(
            key_padding_mask, "key_padding_mask", attn_mask, "attn_mask", query.dtype
        )
        attn_mask = canonical_mask(attn_mask, "attn_mask", None, "", query.dtype)
        turn = self.batch_first and query.dim() == 3
        if turn:
            query, key, value = _turn(query, key, value)
        output, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return (output.transpose(1, 0) if turn else output), weights

    def merge_masks(self, attn_mask, key_padding_mask, query):
        """One mask (N, heads, L, L) out of both, and PyTorch's number for its kind."""
        if attn_mask is None:
            return key_padding_mask, None if key_padding_mask is None else 1
        batch, length, _ = query.shape
        if attn_mask.dim() == 3:
            merged = attn_mask.view(batch, -1, length, length)
        else:
            merged = attn_mask.view(1, 1, length, length)
            merged = merged.expand(batch, self.num_heads, -1, -1)
        if key_padding_mask is not None:
            padding = key_padding_mask.view(batch, 1, 1, length)
            merged = merged + padding.expand(-1, self.num_heads, -1, -1)
        return merged, 2


def _turn(query, key, value):
    """Batch first to length first; tensors that are the same stay the same."""
    turned = {id(t): t.transpose(1, 0) for t in (query, key, value)}
    return tuple(turned[id(t)] for t in (query, key, value))


def canonical_mask(mask, name: str, other, other_name: str, dtype):
    """A mask to be added: True becomes -inf; floating masks stay."""
    if mask is None:
        return None
    is_bool = mask.dtype is _dtypes.bool_
    if not is_bool and not mask.is_floating_point():
        raise AssertionError(f"only bool and floating types of {name} are supported")
    if other is not None and other.dtype is not mask.dtype:
        warnings.warn(
            f"Support for mismatched {name} and {other_name} is deprecated. Use same "
            "type for both instead.",
            stacklevel=4,
        )
    if not is_bool:
        return mask
    zeros = torch.zeros_like(mask, dtype=dtype)
    return zeros.masked_fill_(mask, float("-inf"))
