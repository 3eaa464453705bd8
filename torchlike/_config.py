"""Process settings, read once from the environment, and the JAX state we need.

| variable | meaning |
| --- | --- |
| ``TORCHLIKE_FLUSH=every`` | flush after every recorded op (for finding bugs) |
| ``TORCHLIKE_LOG=compile,flush`` | log each compile with its reason, each flush |
| ``TORCHLIKE_CACHE_DIR`` | folder of compiled programs; ``off`` for none |
| ``TORCHLIKE_NATIVE=off`` | leave the C extension aside (see ``_native``) |
| ``TORCHLIKE_HEAP=off`` | leave the settings of malloc alone (see ``_heap``) |
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import jax

from . import _heap

_CACHE_BYTES = 2 << 30
_DAY = 24 * 3600.0  # seconds

native: bool = os.environ.get("TORCHLIKE_NATIVE", "") != "off"
flush_every_op: bool = os.environ.get("TORCHLIKE_FLUSH", "") == "every"
log_topics: frozenset[str] = frozenset(
    filter(None, os.environ.get("TORCHLIKE_LOG", "").split(","))
)


def _cache_dir() -> Path | None:
    chosen = os.environ.get("TORCHLIKE_CACHE_DIR")
    if chosen == "off":
        return None
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "torchlike" / "programs"


def _trim(folder: Path) -> None:
    """Once a day, delete the oldest programs beyond ``_CACHE_BYTES``."""
    marker = folder / "trimmed"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if marker.exists() and time.time() - marker.stat().st_mtime < _DAY:
            return
        marker.touch()
        files = [(e.stat().st_mtime, e.stat().st_size, e.path) for e in _files(folder)]
    except OSError:  # a folder we cannot use: JAX will tell
        return
    total = sum(size for _, size, _ in files)
    for _, size, path in sorted(files):
        if total <= _CACHE_BYTES:
            break
        Path(path).unlink(missing_ok=True)
        total -= size


def _files(folder: Path) -> list[os.DirEntry]:
    with os.scandir(folder) as entries:
        return [e for e in entries if e.is_file() and e.name != "trimmed"]


cache_folder: Path | None = _cache_dir()


def configure_jax() -> None:
    """Change the JAX settings torchlike cannot do without; called once on import.

    64-bit types exist in PyTorch, so JAX must allow them.

    On the CPU a program runs in the calling thread, as PyTorch's ops do. The thread
    that JAX would hand it to costs a small step a fifth of its time, and saves at most
    the recording of the next step, while a step's result is usually read at once.
    """
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    if cache_folder is not None:
        _trim(cache_folder)


configure_jax()
if os.environ.get("TORCHLIKE_HEAP") != "off":
    _heap.keep_freed_memory()
