"""The settings of ``linear_cross_entropy``'s computation in chunks."""

from __future__ import annotations

import dataclasses

from ... import _dtypes

_POLICIES = ("auto", "accurate", "balanced", "compact")
_ACC_DTYPES = (_dtypes.float16, _dtypes.bfloat16, _dtypes.float32, _dtypes.float64)


@dataclasses.dataclass(slots=True, frozen=True)
class LinearCrossEntropyOptions:
    """How PyTorch would cut the batch into chunks, to save memory.

    **Differs** They are checked and kept, and change nothing: XLA lays out the memory
    of the whole step.
    """

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: _dtypes.dtype | None = None

    def __post_init__(self) -> None:
        if self.acc_policy not in _POLICIES:
            raise ValueError(f"invalid acc_policy: {self.acc_policy!r}")
        if not _is_method(self.chunking_method):
            raise ValueError(f"invalid chunking_method: {self.chunking_method!r}")
        size = self.batch_chunk_size
        if size is not None and not (isinstance(size, int) and size > 0):
            raise ValueError(
                f"batch_chunk_size must be positive int or None, got {size!r}"
            )
        if self.acc_dtype is not None and self.acc_dtype not in _ACC_DTYPES:
            raise ValueError(
                "acc_dtype must be one of {None, torch.float16, torch.bfloat16, "
                f"torch.float32, torch.float64}}, got {self.acc_dtype!r}. Pass "
                "acc_dtype=None to let the op pick automatically."
            )


def _is_method(method: str | None) -> bool:
    """``None``, ``auto``, ``aspect_ratio`` or ``aspect_ratio:N``."""
    if method in (None, "auto", "aspect_ratio"):
        return True
    name, separator, factor = method.partition(":")
    named = name == "aspect_ratio" and bool(separator)
    return named and factor.isdigit() and int(factor) > 0
