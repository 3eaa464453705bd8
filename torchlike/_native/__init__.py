"""The engine's inner loops in C: ``quick``, or None where they could not be built.

What they do is defined by the Python beside which they are used (``autograd/short.py``,
``_engine/record.py``, ``_engine/flush.py``), which runs wherever there is no C compiler
or ``TORCHLIKE_NATIVE=off``. A step of a small model then takes about a half longer.
"""

from __future__ import annotations

from .. import _config

REVISION = 2  # of what C and Python expect of each other (see extension.c)


def _load():
    if not _config.native:
        return None
    try:
        from . import _quick
    except ImportError:
        return None
    # Built from an older state of the sources: as good as not built.
    return _quick if _quick.REVISION == REVISION else None


quick = _load()
