"""What packages take from here: a mode that PyTorch needs while it maps masks."""

from __future__ import annotations

import contextlib


class TransformGetItemToIndex(contextlib.nullcontext):
    """Does nothing: ``x[i]`` with a mapped 0-d ``i`` never reads the index here."""
