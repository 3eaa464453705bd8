"""Process settings, read once from the environment, and the JAX state we need.

| variable | meaning |
| --- | --- |
| ``TORCHLIKE_FLUSH=every`` | flush after every recorded op (for finding bugs) |
| ``TORCHLIKE_LOG=compile,flush`` | log each compile with its reason, each flush |
| ``TORCHLIKE_CACHE_DIR`` | folder of compiled programs; ``off`` for none |
"""

from __future__ import annotations

import os
from pathlib import Path

import jax

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


def configure_jax() -> None:
    """Change the JAX settings torchlike cannot do without; called once on import.

    64-bit types exist in PyTorch, so JAX must allow them. Compiled programs are kept
    on disk unless the user chose a folder for JAX's cache already.
    """
    jax.config.update("jax_enable_x64", True)
    folder = _cache_dir()
    if folder is not None and jax.config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        jax.config.update("jax_compilation_cache_max_size", 2 * 1024**3)


configure_jax()
