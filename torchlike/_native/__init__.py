"""What is in C too: ``quick`` and ``samplers``, or None where they could not be built.

``quick``: the engine's inner loops. What they do is defined by the Python beside which
they are used (``autograd/short.py``, ``_engine/record.py``, ``_engine/flush.py``). That
runs wherever there is no C compiler, or ``TORCHLIKE_NATIVE=off``; a step of a small
model then takes about a half longer.

``samplers``: drawing random numbers, defined by the Python in ``_streams``.
"""

from __future__ import annotations

import importlib

from .. import _config


def _load(name: str, revision: int):
    """``revision``: of what C and Python expect of each other (see the module's C)."""
    if not _config.native:
        return None
    try:
        module = importlib.import_module(f"{__name__}.{name}")
    except ImportError:
        return None
    # Built from an older state of the sources: as good as not built.
    return module if module.REVISION == revision else None


quick = _load("_quick", 18)
samplers = _load("_samplers", 2)
