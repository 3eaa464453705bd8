"""What a script can ask about its own process: memory, and the engine's counters."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def compiles() -> int:
    """Programs the engine has compiled so far; 0 where there is no engine."""
    engine = sys.modules.get("torchlike._engine")
    return engine.stats().compiles if engine else 0


def cache_sizes() -> dict[str, int]:
    """Sizes of the engine's caches; empty where there is no engine."""
    engine = sys.modules.get("torchlike._engine")
    return engine.cache_sizes() if engine else {}


def resident_bytes() -> int:
    """Memory of this process that is resident, in bytes (0 where unknown)."""
    return _status("VmRSS")


def peak_bytes() -> int:
    """The most that was resident since the start or ``reset_peak`` (0: unknown)."""
    return _status("VmHWM")


def reset_peak() -> None:
    """Count ``peak_bytes`` anew, where the system lets a process do so."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def device_peak_bytes() -> int:
    """The most memory that was in use on the GPU (0 where there is none)."""
    jax, torch = sys.modules.get("jax"), sys.modules.get("torch")
    if jax:
        return (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use", 0)
    if torch and torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return 0


def processor_seconds() -> float:
    """Time all threads of this process have had the processors for."""
    times = os.times()
    return times.user + times.system


def _status(name: str) -> int:
    if not STATUS.exists():
        return 0
    found = re.search(rf"{name}:\s*(\d+) kB", STATUS.read_text())
    return int(found[1]) * 1024 if found else 0
