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
_OF_SIZE = 1 << 17  # bytes; from half of it on glibc looks at the heap's end

# With one of these set, the user has chosen (man 3 mallopt).
_CHOSEN = (
    "MALLOC_MMAP_MAX_",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TRIM_THRESHOLD_",
    "GLIBC_TUNABLES",
)

_threshold: int | None = None  # bytes at the heap's end that stay, where they do


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
    kept = min(total // 4, _LARGEST)
    mallopt(_M_TRIM_THRESHOLD, kept)
    if not mallopt(_M_MMAP_MAX, 0):
        return False
    global _threshold
    _threshold = kept
    return True


def give_back() -> None:
    """Let the system have the free pages: those of a compile, or of a program's way
    from disk, are not needed again, those of its first run perhaps not there.

    ``malloc_trim`` leaves the end of the heap that a thread has of its own; that goes
    as something of size is freed.
    """
    if _threshold is None:
        return
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    libc.mallopt(_M_TRIM_THRESHOLD, 0)
    libc.free(libc.malloc(_OF_SIZE))
    libc.malloc_trim(0)
    libc.mallopt(_M_TRIM_THRESHOLD, _threshold)
