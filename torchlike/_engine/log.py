"""What the engine tells: each compile with its reason, each flush with its line."""

from __future__ import annotations

import os
import sys

from .. import _config
from .state import State

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NOTICE_SECONDS = 10.0
watchers: list = []  # told of each compile, and of each flush while a topic is on


def user_line() -> str:
    """``file:line`` of the innermost frame outside of this package."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((_PACKAGE, "<torchlike")):
            return f"{name}:{frame.f_lineno}"
        frame = frame.f_back
    return "?"


def loaded(state: State, live) -> None:
    """Tell of a program found on disk."""
    for watcher in watchers:
        watcher.compiled(state, live, None, reason(state, live), user_line())


def compiled(state: State, live, trigger: str, seconds: float) -> None:
    """Log a compile, and tell everybody about a long one."""
    for watcher in watchers:
        watcher.compiled(state, live, seconds, reason(state, live), user_line())
    if "compile" in _config.log_topics:
        say(
            f"compile {state.depth} ops, {state.n_inputs} inputs, {len(live)} outputs "
            f"in {seconds:.2f} s at {user_line()} ({trigger}): {reason(state, live)}"
        )
    elif seconds > _NOTICE_SECONDS:
        say(f"compiled {state.depth} ops in {seconds:.0f} s at {user_line()}")


def not_compiled(state: State, live, how: str) -> None:
    """Log that a trace is not compiled but run otherwise."""
    if "compile" in _config.log_topics:
        say(f"run {state.depth} ops {how} at {user_line()}: {reason(state, live)}")


def failed(how: str, error: Exception) -> None:
    """Log that it cannot be run so, and is compiled after all."""
    if "compile" in _config.log_topics:
        say(f"running {how} failed: {error}")


def flushed(state: State, n_live: int, trigger: str) -> None:
    """Log a flush."""
    for watcher in watchers:
        watcher.flushed(state, trigger, user_line())
    if "flush" in _config.log_topics:
        say(f"flush {state.depth} ops, {n_live} live, at {user_line()} ({trigger})")


def reason(state: State, live) -> str:
    """What differs from the nearest trace that has been compiled."""
    if state.programs:
        known = state.programs[-1].positions.keys()
        return f"outputs differ: {sorted(set(live) ^ known)[:8]} changed"
    path = state.path()
    for step in reversed(path):
        others = [s for s in step.parent.next.values() if s is not step]
        if others:
            return f"op {step.depth} is {_describe(step)}, was {_describe(others[-1])}"
        if step.parent.programs:
            return f"goes on after op {step.parent.depth} with {_describe(step)}"
    return "first trace"


def _describe(state: State) -> str:
    operands = ", ".join(repr(k) for k in state.key[2:])
    return f"{state.op.name}({operands}; {state.static})"


def say(text: str) -> None:
    """Tell the user."""
    print(f"torchlike: {text}", file=sys.stderr, flush=True)
