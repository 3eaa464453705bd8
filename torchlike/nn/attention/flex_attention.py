"""``flex_attention``: attention whose scores and mask are Python functions.

The scores are computed whole and the functions see all of them at once, with index
tensors that broadcast; XLA fuses what they do into the softmax. Nothing is skipped by
blocks, so a ``BlockMask`` is its function and the sizes it was made for.

**Source** https://pytorch.org/docs/stable/nn.attention.flex_attention.html
**Differs** a function that is not elementwise in the indices is seen by no ``vmap``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ... import _dtypes
from ..._tensor import Tensor
from .. import _torch as torch
from ..functional import pad

_DEFAULT_SPARSE_BLOCK_SIZE = 128


class AuxRequest(NamedTuple):
    """What ``flex_attention`` shall return beside the result."""

    lse: bool = False
    max_scores: bool = False


class AuxOutput(NamedTuple):
    """What an ``AuxRequest`` asked for, of shape (B, Hq, L)."""

    lse: Tensor | None = None
    max_scores: Tensor | None = None


def noop_mask(batch, head, q_idx, kv_idx):
    """Every query sees every key."""
    return torch.ones((), dtype=_dtypes.bool_, device=q_idx.device)


def _identity(score, batch, head, q_idx, kv_idx):
    return score


class BlockMask:
    """Which keys each query sees, told by ``mask_mod(batch, head, q_idx, kv_idx)``."""

    def __init__(
        self,
        mask_mod: Callable,
        sizes,
        block_size=(_DEFAULT_SPARSE_BLOCK_SIZE, _DEFAULT_SPARSE_BLOCK_SIZE),
    ):
        self.mask_mod = mask_mod
        self.shape = tuple(sizes)  # batch, heads, queries, keys
        self.seq_lengths = self.shape[2:]
        self.BLOCK_SIZE = block_size

    def numel(self) -> int:
        """How many pairs of query and key there are."""
        return math.prod(self.shape)

    def to_dense(self, device=None):
        """For each block 1 if some query in it sees some key, otherwise 0."""
        mask = create_mask(self.mask_mod, *self.shape, device=device)
        for dim, size in zip((2, 3), self.BLOCK_SIZE, strict=True):
            left = -mask.shape[dim] % size
            sides = (0, left) if dim == 3 else (0, 0, 0, left)
            mask = pad(mask, sides)
            mask = mask.unflatten(dim, (-1, size)).any(dim + 1)
        return mask.to(_dtypes.int32)

    def sparsity(self) -> float:
        """The percentage of pairs outside of the blocks that are computed.

        Blocks beyond the sequences count in full, as in PyTorch: it can be negative.
        """
        computed = int(self.to_dense().sum().item()) * math.prod(self.BLOCK_SIZE)
        return 100.0 * (1.0 - computed / self.numel())

    def __repr__(self) -> str:
        return f"BlockMask(shape={self.shape}, sparsity={self.sparsity():.2f}%)"


def _indices(sizes, device):
    places = [torch.arange(n, device=device) for n in sizes]
    return [
        p.view([-1 if i == dim else 1 for i in range(4)])
        for dim, p in enumerate(places)
    ]


def create_mask(mod_fn, B, H, Q_LEN, KV_LEN, device=None):
    """The mask of ``mod_fn`` as a bool tensor of shape (B, H, Q_LEN, KV_LEN)."""
    sizes = (B or 1, H or 1, Q_LEN, KV_LEN)
    return mod_fn(*_indices(sizes, device)).expand(sizes)


def create_block_mask(
    mask_mod,
    B,
    H,
    Q_LEN,
    KV_LEN,
    device=None,
    BLOCK_SIZE=_DEFAULT_SPARSE_BLOCK_SIZE,
    _compile=False,
) -> BlockMask:
    """A mask for ``flex_attention``; sizes of None stand for any batch or head."""
    if not isinstance(BLOCK_SIZE, tuple):
        BLOCK_SIZE = (BLOCK_SIZE, BLOCK_SIZE)
    return BlockMask(mask_mod, (B or 1, H or 1, Q_LEN, KV_LEN), BLOCK_SIZE)


def and_masks(*mask_mods):
    """A mask that is the intersection of others."""
    return _joined(mask_mods, torch.logical_and)


def or_masks(*mask_mods):
    """A mask that is the union of others."""
    return _joined(mask_mods, torch.logical_or)


def _joined(mask_mods, join):
    if not all(callable(m) for m in mask_mods):
        raise RuntimeError("All inputs should be callable mask_mods")

    def mask(*indices):
        result = mask_mods[0](*indices)
        for other in mask_mods[1:]:
            result = join(result, other(*indices))
        return result

    return mask


def flex_attention(
    query,
    key,
    value,
    score_mod=None,
    block_mask: BlockMask | None = None,
    scale: float | None = None,
    enable_gqa: bool = False,
    return_lse: bool = False,
    kernel_options=None,
    *,
    return_aux: AuxRequest | None = None,
):
    """Attention with ``score_mod(score, batch, head, q_idx, kv_idx)``.

    Shapes (B, Hq, L, E), (B, Hkv, S, E), (B, Hkv, S, Ev); the result is (B, Hq, L, Ev).
    With ``enable_gqa`` Hq is a multiple of Hkv. ``return_lse`` adds the logarithms of
    the sums, of shape (B, Hq, L); ``return_aux`` an ``AuxOutput``.
    """
    if any(x.dim() != 4 for x in (query, key, value)):
        raise ValueError("query, key, and value must be 4D tensors")
    heads, shared = query.shape[1], key.shape[1]
    if heads != shared:
        if not enable_gqa:
            raise ValueError(
                "Expect query and key/value to have the same number of heads but got "
                f"Hq={heads} and Hkv={shared}. Try setting enable_gqa=True for GQA."
            )
        key = key.repeat_interleave(heads // shared, 1)
        value = value.repeat_interleave(heads // shared, 1)
    scale = 1.0 / math.sqrt(query.shape[-1]) if scale is None else scale
    work = _dtypes.float64 if query.dtype is _dtypes.float64 else _dtypes.float32
    scores = (query @ key.transpose(-2, -1)).to(work) * scale
    indices = _indices(scores.shape, query.device)
    scores = (score_mod or _identity)(scores, *indices)
    if block_mask is not None:
        seen = block_mask.mask_mod(*indices)
        scores = torch.where(seen, scores, -math.inf)
    sums = torch.logsumexp(scores, -1)
    # A query that sees no key gets zeros.
    safe = torch.where(sums == -math.inf, 0.0, sums)
    weights = (scores - safe.unsqueeze(-1)).exp()
    result = weights.to(query.dtype) @ value
    if return_aux is not None:
        highest = scores.amax(-1) if return_aux.max_scores else None
        return result, AuxOutput(sums if return_aux.lse else None, highest)
    return (result, sums) if return_lse else result
