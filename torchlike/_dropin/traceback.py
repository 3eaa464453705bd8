"""Shows an error of the user's program as if ``python`` had run it on PyTorch.

The frames of the runner and of the import hook are left out. So are those below the
last public line, in torchlike's private rooms and in JAX: PyTorch runs C++ there, and
its tracebacks end on the user's line. ``TORCHLIKE_LOG=traceback`` shows them.
"""

from __future__ import annotations

import itertools
import signal
import sys
from types import FrameType, TracebackType

from torchlike import _config
from torchlike._dropin.missing import add_gap_note

_MACHINERY = (
    "torchlike._dropin.runner",
    "torchlike._dropin.finder",
    "runpy",
    "importlib",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
)
_PRIVATE = ("torchlike._", "torchlike.autograd")
_BELOW = ("jax", "jaxlib", "flax", "optax", "numpy", "contextlib", "functools")
# The types of errors in the use of an operation; any other is an error of torchlike's.
_OF_USE = (RuntimeError, IndexError, ValueError, TypeError, NotImplementedError)


def report(error: BaseException) -> int:
    """Print ``error`` through ``sys.excepthook``; return the exit status."""
    add_gap_note(error)
    traceback = user_part(error, error.__traceback__)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, traceback
    sys.last_exc = error
    sys.excepthook(type(error), error.with_traceback(traceback), traceback)
    if isinstance(error, KeyboardInterrupt):
        return 128 + signal.SIGINT
    return 1


def user_part(
    error: BaseException, traceback: TracebackType | None
) -> TracebackType | None:
    """The traceback of ``error`` without the frames that are none of the user's."""
    if "traceback" in _config.log_topics:
        return traceback
    frames = [tb for tb in _frames(traceback) if not _is_machinery(tb)]
    if type(error) in _OF_USE and any(not _is_inner(tb.tb_frame) for tb in frames):
        frames = _without_inner_end(frames)
        _drop_notes_of_jax(error)
    for frame, following in itertools.zip_longest(frames, frames[1:]):
        frame.tb_next = following
    return frames[0] if frames else None


def _frames(traceback: TracebackType | None):
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _name(frame: FrameType) -> str:
    return frame.f_globals.get("__name__") or ""


def _is_machinery(traceback: TracebackType) -> bool:
    return _name(traceback.tb_frame) in _MACHINERY


def _is_private(frame: FrameType) -> bool:
    generated = frame.f_code.co_filename.startswith("<torchlike")
    return generated or _name(frame).startswith(_PRIVATE)


def _is_inner(frame: FrameType) -> bool:
    return _is_private(frame) or _name(frame).partition(".")[0] in _BELOW


def _without_inner_end(frames: list[TracebackType]) -> list[TracebackType]:
    """Cut after the last line outside; JAX called by the user stays to be seen."""
    end = len(frames)
    while end and _is_inner(frames[end - 1].tb_frame):
        end -= 1
    cut = end < len(frames) and _is_private(frames[end].tb_frame)
    return frames[:end] if cut else frames


def _drop_notes_of_jax(error: BaseException) -> None:
    notes = [n for n in getattr(error, "__notes__", ()) if "JAX has removed" not in n]
    if hasattr(error, "__notes__"):
        error.__notes__ = notes
