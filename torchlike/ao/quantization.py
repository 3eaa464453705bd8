"""``torch.ao.quantization``: base classes that packages look for; none is ever made."""

from __future__ import annotations

from .. import _gaps
from ..nn import Module


class _Absent(Module):
    def __init__(self, *args, **kwargs) -> None:
        raise NotImplementedError(
            f"torch.ao.quantization.{type(self).__name__}: quantised models are not "
            "supported (docs/differences.md)"
        )


class ObserverBase(_Absent):
    """Base of observers."""


class FakeQuantizeBase(_Absent):
    """Base of fake quantisers."""


class QuantStub(_Absent):
    """Marks where a model would be quantised."""


class DeQuantStub(_Absent):
    """Marks where a model would be dequantised."""


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.ao.quantization")
