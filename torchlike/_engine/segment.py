"""Where to cut a trace that meets no boundary, so that loops stay cheap to compile.

When a trace reaches a check, its recorded ops are searched for a period. A loop that
does not become one of the program (see ``rolling``), or that is long, is cut after a
whole number of periods; the cut is remembered in the trie (``State.cut``), and since
each later segment starts at the same phase of the loop and runs through the same
states, all of them are one program.
"""

from __future__ import annotations

from . import rolling
from .flush import flush, held
from .state import State

FIRST_CHECK = 128
LONG_LOOP = 4096  # so many ops of a loop are cut, however quick to compile
HARD_LIMIT = 6400
MAX_BYTES = 8 << 30  # of results a trace may keep alive at a check
MIN_PERIODS = 4


def at_limit(trace) -> None:
    """The trace reached a cut or its next check: flush it or let it grow."""
    state = trace.state
    if state.cut:
        flush(trace, "loop segment")
        return
    if state.depth >= HARD_LIMIT or _live_bytes(trace) > MAX_BYTES:
        state.cut = True
        flush(trace, "op limit")
        return
    if state.check_after is None:
        _check(trace, state)
    if not state.cut:
        trace.limit = state.depth + state.check_after


def _check(trace, state: State) -> None:
    """Look for a loop: cut it here, or say when to look again."""
    path = state.path()
    period = find_period(path, trace)
    if not period:
        state.check_after = state.depth
    elif state.depth < LONG_LOOP and _rolls(path, period, trace):
        state.check_after = min(state.depth, LONG_LOOP - state.depth)
    else:
        _cut_loop(trace, path, period)


def _rolls(path: list[State], period: int, trace) -> bool:
    """Whether the path is quick to compile, as most of it becomes loops, or may be once
    the loop has gone on for long enough."""
    enough = max((rolling.MIN_COUNT + 1) * period, 2 * rolling.TOGETHER)
    if len(path) - _loop_start(path, period) < enough:
        return True
    avals = [value.aval for value in trace.inputs]
    items = rolling.roll(path, (), avals, trace.pinned())
    return 2 * rolling.size(items) <= len(path)


def _cut_loop(trace, path: list[State], period: int) -> None:
    """Flush at the end of an iteration: now, or when the one begun is complete.

    Iterations are counted from where the loop began, so that a prefix before it does
    not shift the later segments.
    """
    left = -(len(path) - _loop_start(path, period)) % period
    if left:
        trace.state.check_after = left
        return
    trace.state.cut = True
    flush(trace, "loop found")
    trace.limit = -(-FIRST_CHECK // period) * period


def _loop_start(path: list[State], period: int) -> int:
    """The first step of the path that the loop repeats ``period`` steps later."""
    start = len(path) - period
    while start > 0:
        one, next_one = path[start - 1], path[start - 1 + period]
        same = one.op is next_one.op and one.static == next_one.static
        if not same or one.outs != next_one.outs:
            break
        start -= 1
    return start


def _live_bytes(trace) -> int:
    return sum(value.aval.nbytes for value in held(trace.outs))


def find_period(path: list[State], trace) -> int:
    """The smallest period of the last half of the path, or 0.

    Layers stacked in a model look periodic too, but each has its own parameters
    (pinned inputs), whereas a loop meets the same ones again.
    """
    pinned = trace.pinned()
    marks = [_mark(s, pinned) for s in path[len(path) // 2 :]]
    n = len(marks)
    for period in range(1, n // MIN_PERIODS + 1):
        span = max(period * (MIN_PERIODS - 1), n - 2 * period)
        if all(marks[-1 - i] == marks[-1 - i - period] for i in range(span)):
            return period
    return 0


def _mark(state: State, pinned: frozenset[int]) -> tuple:
    parameters = tuple(a for a in state.args if type(a) is int and a in pinned)
    return (state.op, state.static, state.outs, len(state.new_inputs), parameters)
