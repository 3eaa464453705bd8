"""``torch.distributed.tensor``: tensors spread over devices, which torchlike lacks.

The names are here because packages ask whether a tensor is a ``DTensor``.
"""

from __future__ import annotations

from ... import _gaps
from ..._tensor import Tensor


class DTensor(Tensor):
    """No tensor is one."""

    def __new__(cls, *args, **kwargs):
        raise _absent("DTensor")

    @staticmethod
    def from_local(*args, **kwargs):
        """Not there."""
        raise _absent("DTensor.from_local")


class Placement:
    """How a tensor lies on a dimension of the devices."""


class Replicate(Placement):
    """A copy on each device."""


class Shard(Placement):
    """A part along ``dim`` on each device."""

    def __init__(self, dim: int) -> None:
        self.dim = dim


class Partial(Placement):
    """A summand on each device."""

    def __init__(self, reduce_op: str = "sum") -> None:
        self.reduce_op = reduce_op


def _absent(name: str) -> NotImplementedError:
    return NotImplementedError(f"torch.distributed.tensor.{name} (docs/differences.md)")


def distribute_tensor(tensor, device_mesh=None, placements=None, **options):
    """Not there."""
    raise _absent("distribute_tensor")


def distribute_module(module, device_mesh=None, *args, **options):
    """Not there."""
    raise _absent("distribute_module")


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.distributed.tensor")
