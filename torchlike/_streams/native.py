"""The samplers in C: ``samplers``, or None where NumPy and Python draw instead.

They read and write the state of NumPy's ``MT19937`` in its place. Whether they find it
there is tried once, beside NumPy, before they are used.
"""

from __future__ import annotations

import numpy as np

from torchlike import _native

_TRIED = 700  # words: more than a block


def _agrees(samplers) -> bool:
    read, own = np.random.MT19937(7), np.random.MT19937(7)
    words = np.empty(_TRIED, np.uint32)
    samplers.words(read.capsule, words)
    inner, wanted = read.state["state"], own.random_raw(_TRIED)
    return (
        np.array_equal(words, wanted)
        and inner["pos"] == own.state["state"]["pos"]
        and np.array_equal(inner["key"], own.state["state"]["key"])
    )


samplers = _native.samplers
if samplers is not None and not _agrees(samplers):
    samplers = None
