"""``torch.cuda.memory``: what XLA tells of a GPU's memory."""

from __future__ import annotations

from .. import _engine
from ._device import found, index_of, is_available


def _statistics(device=None) -> dict:
    if not is_available():
        return {}
    _engine.synchronize()  # what is only recorded holds no memory yet
    return found(device).memory_stats() or {}


def memory_allocated(device=None) -> int:
    """Bytes in use on a GPU."""
    return int(_statistics(device).get("bytes_in_use", 0))


def max_memory_allocated(device=None) -> int:
    """The highest number of bytes in use so far."""
    return int(_statistics(device).get("peak_bytes_in_use", 0))


def memory_reserved(device=None) -> int:
    """Bytes XLA holds on a GPU."""
    return int(_statistics(device).get("pool_bytes", 0))


memory_cached = memory_reserved
max_memory_reserved = max_memory_cached = memory_reserved


def mem_get_info(device=None) -> tuple[int, int]:
    """Free and total bytes, as far as XLA may use them."""
    held = _statistics(device)
    total = int(held.get("bytes_limit", 0))
    return total - int(held.get("bytes_in_use", 0)), total


def memory_stats(device=None) -> dict[str, int]:
    """The same numbers under PyTorch's keys."""
    used, peak = memory_allocated(device), max_memory_allocated(device)
    return {
        "allocated_bytes.all.current": used,
        "allocated_bytes.all.peak": peak,
        "reserved_bytes.all.current": memory_reserved(device),
        "reserved_bytes.all.peak": memory_reserved(device),
    }


def memory_summary(device=None, abbreviated: bool = False) -> str:
    """A line about a GPU's memory."""
    used, peak = memory_allocated(device), max_memory_allocated(device)
    return f"cuda:{index_of(device)}: {used} bytes in use, {peak} at most so far"


def empty_cache() -> None:
    """Accepted; XLA manages its memory itself."""


def reset_peak_memory_stats(device=None) -> None:
    """Accepted; XLA's peak counts from the start of the process."""


reset_max_memory_allocated = reset_max_memory_cached = reset_peak_memory_stats
reset_accumulated_memory_stats = reset_peak_memory_stats


def set_per_process_memory_fraction(fraction: float, device=None) -> None:
    """XLA reads its share when it starts."""
    raise NotImplementedError(
        "torch.cuda.set_per_process_memory_fraction: set "
        "XLA_PYTHON_CLIENT_MEM_FRACTION before starting Python (docs/differences.md)"
    )


def memory_snapshot(*args, **kwargs) -> list:
    """Nothing is recorded."""
    return []
