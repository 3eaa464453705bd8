"""Warnings given while an op is traced, which happens once per kind of call.

What was found by tracing is kept on disk for the next process (``_engine/facts.py``);
what a warning came with is not, so that the next process is warned too.
"""

from __future__ import annotations

import warnings

given = 0  # how many so far


def warn(text: str, *, stacklevel: int = 1) -> None:
    """``warnings.warn``, counted."""
    global given
    given += 1
    warnings.warn(text, stacklevel=stacklevel + 1)
