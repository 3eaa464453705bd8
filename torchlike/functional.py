"""``torch.functional``: functions of the root under their old address."""

from __future__ import annotations

from . import _gaps
from ._ops import _registry

__all__ = [
    name
    for name in (
        "atleast_1d atleast_2d atleast_3d align_tensors broadcast_shapes "
        "broadcast_tensors cartesian_prod block_diag cdist chain_matmul einsum istft "
        "lu norm meshgrid split stft tensordot unique unique_consecutive unravel_index"
    ).split()
    if name in _registry.functions["torch"]
]
globals().update({name: _registry.functions["torch"][name] for name in __all__})


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.functional")
