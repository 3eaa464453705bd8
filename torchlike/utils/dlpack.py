"""``torch.utils.dlpack``: tensors from and to other array libraries."""

from __future__ import annotations

import jax.dlpack

from .._ops import _registry
from .._tensor import Tensor, from_array

_CPU = (1, 0)  # DLPack's number of the kind of device, and which one


class _Capsule:
    """A bare capsule behind the interface of today's protocol; it lies on the CPU."""

    def __init__(self, capsule) -> None:
        self._capsule = capsule

    def __dlpack__(self, **kwargs):
        return self._capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return _CPU


def from_dlpack(ext_tensor, *, device=None, copy=None) -> Tensor:
    """A tensor of an array that speaks DLPack (NumPy, JAX, PyTorch, …)."""
    if not hasattr(ext_tensor, "__dlpack__"):
        ext_tensor = _Capsule(ext_tensor)
    tensor = from_array(jax.dlpack.from_dlpack(ext_tensor, copy=copy))
    if device is None:
        return tensor
    return _registry.methods["to"](tensor, device)


def to_dlpack(tensor: Tensor):
    """A DLPack capsule of the tensor's contents."""
    return tensor.__dlpack__()
