"""Shows an error of the user's program as if ``python`` had run it."""

from __future__ import annotations

import itertools
import signal
import sys
from types import TracebackType

from torchlike._dropin.missing import add_gap_note

_MACHINERY = (
    "torchlike._dropin.runner",
    "torchlike._dropin.finder",
    "runpy",
    "importlib",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
)


def report(error: BaseException) -> int:
    """Print ``error`` through ``sys.excepthook``; return the exit status."""
    add_gap_note(error)
    user = without_machinery(error.__traceback__)
    error.__traceback__ = user
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, user
    sys.last_exc = error
    sys.excepthook(type(error), error, user)
    if isinstance(error, KeyboardInterrupt):
        return 128 + signal.SIGINT
    return 1


def without_machinery(traceback: TracebackType | None) -> TracebackType | None:
    """Drop the frames of the runner and of the import hook."""
    frames = []
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__name__") not in _MACHINERY:
            frames.append(traceback)
        traceback = traceback.tb_next
    for frame, following in itertools.zip_longest(frames, frames[1:]):
        frame.tb_next = following
    return frames[0] if frames else None
