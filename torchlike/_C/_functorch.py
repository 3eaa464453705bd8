"""``torch._C._functorch``: what packages ask about values inside ``torch.func``."""

from __future__ import annotations

from .. import _gaps
from .._engine import Lifted
from ..autograd import batching
from ..autograd.grad_mode import mode


def is_functorch_wrapped_tensor(tensor) -> bool:
    """Whether a transform that is running made the tensor."""
    value = tensor._value()
    return isinstance(value, Lifted) and value.level in mode.levels


def is_batchedtensor(tensor) -> bool:
    """Whether ``vmap`` made the tensor."""
    return is_functorch_wrapped_tensor(tensor) and isinstance(
        tensor._value().level, batching.BatchLevel
    )


def is_gradtrackingtensor(tensor) -> bool:
    """Whether a derivative of ``torch.func`` made the tensor."""
    return is_functorch_wrapped_tensor(tensor) and not is_batchedtensor(tensor)


def is_legacy_batchedtensor(tensor) -> bool:
    """Never: that was an older ``vmap``."""
    return False


def maybe_current_level() -> int | None:
    """The depth of the transforms; None outside."""
    return len(mode.levels) or None


def __getattr__(name: str):
    raise _gaps.missing(name, "torch._C._functorch")
