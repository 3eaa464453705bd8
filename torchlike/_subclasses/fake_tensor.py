"""``torch._subclasses.fake_tensor``: packages ask whether a tensor is a fake one."""

from __future__ import annotations

from .. import _gaps
from .._tensor import Tensor


class FakeTensor(Tensor):
    """No tensor is one; tensors on the ``meta`` device have no data either."""

    def __new__(cls, *args, **kwargs):
        raise NotImplementedError("FakeTensor (docs/differences.md)")


class FakeTensorMode:
    """PyTorch's way of running code without data."""

    def __init__(self, *args, **kwargs) -> None:
        raise NotImplementedError("FakeTensorMode (docs/differences.md)")


def is_fake(x) -> bool:
    """Never."""
    return False


def __getattr__(name: str):
    raise _gaps.missing(name, "torch._subclasses.fake_tensor")
