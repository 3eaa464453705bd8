"""Memory that a program has freed stays with the process, for the next program.

glibc asks the system for every large block anew and gives it back when it is freed, so
each step of a training loop would find its memory, often hundreds of MiB, in pages that
the system first has to clear: up to a fifth of a step.
"""

from __future__ import annotations

import ctypes
import os

# The names glibc's manual gives to the parameters of mallopt (malloc.h).
_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4
_LARGEST = 2**31 - 1  # bytes; mallopt takes an int

# With one of these set, the user has chosen (man 3 mallopt).
_CHOSEN = (
    "MALLOC_MMAP_MAX_",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
    "GLIBC_TUNABLES",
)

_kept = False


def keep_freed_memory() -> bool:
    """Tell glibc to keep what is freed; False where it is not in use, or not asked.

    Up to a quarter of the machine's memory, 2 GiB at most, stays at the heap's end.
    """
    if any(os.environ.get(name) for name in _CHOSEN):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, TypeError, ValueError):  # not glibc
        return False
    mallopt(_M_TRIM_THRESHOLD, min(total // 4, _LARGEST))
    global _kept
    _kept = bool(mallopt(_M_MMAP_MAX, 0))
    return _kept


def give_back() -> None:
    """Let the system have the free pages: those of a compile are not needed again."""
    if _kept:
        ctypes.CDLL(None).malloc_trim(0)
