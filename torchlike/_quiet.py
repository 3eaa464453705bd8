"""NumPy without its warnings of overflow and NaN, for next to nothing.

``np.errstate`` changes a context variable and takes longer than a product of small
arrays. Here the variable is changed once, in a context that each thread keeps.
"""

from __future__ import annotations

import contextvars
import threading

import numpy as np


class _Here(threading.local):
    def __init__(self):
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        self.run = context.run
        self.inside = False


_here = _Here()


def quietly(function, *arguments):
    """Call a function of arrays. One of these may call another."""
    if _here.inside:
        return function(*arguments)
    _here.inside = True
    try:
        return _here.run(function, *arguments)
    finally:
        _here.inside = False
