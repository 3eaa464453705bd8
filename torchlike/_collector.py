"""The garbage collector rests from here on and passes over what torchlike loads.

JAX and torchlike are 100,000 objects that live as long as the process. The collector
would look at all of them twice during the import, and again in each of the first steps
of a program: a tenth of a second every time.
"""

from __future__ import annotations

import gc

_MANY = 1_000_000

_threshold: tuple | None = gc.get_threshold()
gc.set_threshold(_MANY, *_threshold[1:])


def pass_over() -> None:
    """Collect as before, but for what exists by now (``gc.unfreeze`` undoes it)."""
    global _threshold
    if _threshold is not None:  # else the package is loaded again
        gc.set_threshold(*_threshold)
        gc.freeze()
        _threshold = None
