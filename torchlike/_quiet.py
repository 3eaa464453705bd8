"""NumPy without its warnings of overflow and NaN, for next to nothing.

``np.errstate`` changes a context variable and takes longer than a product of small
arrays. Here the variable is changed once, in a context that each thread keeps.
"""

from __future__ import annotations

import contextvars
import threading

import numpy as np


def _silent() -> contextvars.Context:
    context = contextvars.copy_context()
    context.run(np.seterr, all="ignore")
    return context


class _Here(threading.local):
    """``run`` is by one context; ``context`` is another, which C enters."""

    def __init__(self):
        self.run = _silent().run
        self.context = _silent()
        self.inside = False


here = _Here()


def quietly(function, *arguments):
    """Call a function of arrays. One of these may call another."""
    if here.inside:
        return function(*arguments)
    here.inside = True
    try:
        return here.run(function, *arguments)
    finally:
        here.inside = False
