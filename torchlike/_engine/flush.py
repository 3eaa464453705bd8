"""Flush: run the recorded trace as one program and hand out its results."""

from __future__ import annotations

import gc
import sys
from itertools import compress

import numpy as np

from .. import _config, _heap
from .._devices import CPU
from .._native import quick
from . import cache, cold, facts, log, stats, unread
from .form import SCALAR_KINDS, inputs_of, inputs_wanted
from .gate import gate
from .launch import lies_well
from .program import Program, compile_program, compile_unread
from .state import State
from .unread import Unread
from .value import Value, to_device

_MAX_VARIANTS = 4  # programs a state may have before near fits are always reused
_WASTE = 1 << 20  # bytes of missed donation that justify a program of their own
_SMALL = 256  # bytes of a host array whose memory is not worth giving up
# Bytes of a host array that is cheaper to pass than to place: a program on the CPU
# takes it as it lies, or copies it.
_PASS_ON_CPU, _PASS_ELSEWHERE = 1 << 20, _SMALL
_MAX_PASSES = 16  # so often; one that is met again and again is placed in the end


def flush(trace, trigger: str) -> None:
    """Compute every live pending value of ``trace``; a failure leaves it pending."""
    if trace.state.parent is None:
        return
    with trace, gate:
        if trace.state.parent is None:
            return  # another thread was here
        stats.current.flushes += 1
        stats.current.triggers[trigger] += 1
        if _config.log_topics or not flush_known(trace, *_limits(trace)):
            _flush(trace, trigger)


def _flush(trace, trigger: str) -> None:
    state = trace.state
    trace.tape = None  # its nodes must not keep their values alive
    alive = held(trace.outs)
    n_live = len(alive)
    if alive:
        arrays, dead = inputs(trace, *_limits(trace))
        program = cache.lookup(state, tuple([v.slot for v in alive]), dead)
        new = program is None
        if new:
            alive = None  # a list of them must not keep alive what the collector frees
            program, alive = _fit_or_compile(trace, state, trigger)
        if program is not None:
            much = new and program.needs_much()
            if new:
                arrays, _ = inputs(trace, *_limits(trace))
            if much:
                _heap.give_back()
            _run(trace, program, arrays, alive)
            if much:  # its next run may find no place for its scratch where that was
                _heap.give_back()
    if _config.log_topics:
        log.flushed(state, n_live, trigger)
    for value in trace.inputs:
        value.trace = None
    trace.reset()


# How many references a value has that only a trace's list holds, counted as below.
_UNHELD = next(map(sys.getrefcount, [object()]))


def held(values: list[Value]) -> list[Value]:
    """The values that somebody outside of the list holds."""
    flags = list(map(_UNHELD.__lt__, map(sys.getrefcount, values)))
    return list(compress(values, flags))


def _limits(trace) -> tuple[int, int, int]:
    """What ``inputs`` goes by."""
    limit = _PASS_ON_CPU if trace.device is CPU else _PASS_ELSEWHERE
    return limit, _SMALL, _MAX_PASSES


def inputs(trace, limit: int, small: int, most: int) -> tuple[list, tuple[int, ...]]:
    """The input arrays, and the places of those that nobody else can reach.

    An input ``i`` that is not computed (see ``unread``) has no array, and ``~i`` for
    its place.

    Host arrays worth it move to the device for good: those of more than ``limit``
    bytes, those that JAX would copy in another thread (see ``launch``), and those that
    somebody still holds after programs took them ``most`` times.
    Those of at most ``small`` bytes count as reached, unless they moved.
    """
    arrays, dead = [], []
    for i, n in enumerate(map(sys.getrefcount, trace.inputs)):
        value = trace.inputs[i]
        array, alone = value.array, n <= _UNHELD
        if array is None:
            dead.append(~i)
            continue
        on_host = array.__class__ is np.ndarray
        if on_host:
            often = not alone and value.passes >= most
            if value.aval.nbytes <= limit and not often and lies_well(array):
                value.passes += 1
            else:
                array = to_device(array, trace.device, value.pinned)
                value.array = array
                on_host = False
        if alone and not (value.exposed or on_host and value.aval.nbytes <= small):
            dead.append(i)
        arrays.append(array)
    return arrays, tuple(dead)


def _run(trace, program: Program, arrays: list, alive: list[Value]) -> None:
    """Give every live pending value its array."""
    results = program.run([*_numbers(program, trace.scalars), *arrays])
    left = Unread(program, trace.scalars, trace.inputs) if program.unread else None
    give(alive, results, program.positions, left)


def _numbers(program: Program, scalars: dict[type, list]) -> list:
    return [
        packed(program, kind, numbers, program.place)
        for kind in SCALAR_KINDS
        if (numbers := scalars[kind])
    ]


def packed(program: Program, kind: type, numbers: list, place):
    """The numbers of one kind as the program takes them."""
    return program.packed(kind, np.array(numbers, SCALAR_KINDS[kind]), place)


def give(values: list[Value], arrays, positions: dict[int, int], left) -> None:
    """Give each value its array, or what can compute it; it is pending no more."""
    for value in values:
        place = positions[value.slot]
        if place < 0:
            value.unread = left, value.slot
        else:
            value.array = arrays[place]
        value.trace = None


def read(value: Value, trigger: str) -> None:
    """Compute a value that its program has left out.

    The others of that run are computed with it, and nothing is left out any more.
    """
    with unread.lock, gate:
        if value.unread is None:
            return  # another thread was here
        left, slot = value.unread
        if left.found is None:
            _compute(left, trigger)
        value.array, value.unread = left.found.pop(slot), None


def _compute(left: Unread, trigger: str) -> None:
    for value in left.inputs:
        if value.unread is not None:
            read(value, trigger)
    program = compile_unread(left.program, trigger)
    arrays = [value.array for value in left.inputs]
    results = program.run([*_numbers(program, left.scalars), *arrays])
    left.found = dict(zip(program.live, results, strict=True))
    left.inputs = left.scalars = None
    if unread.ask():
        cache.drop(lambda program: program.unread)


def flush_known(trace, limit: int, small: int, most: int) -> bool:
    """Compute the trace, if its program is known; ``_flush`` does so for any trace."""
    return False


if quick is not None:
    held, inputs, give = quick.held, quick.inputs, quick.give
    flush_known = quick.flush_known


def _fit_or_compile(trace, state: State, trigger: str):
    """No program fits exactly: collect garbage, reuse a near fit, or compile.

    Or compute the values without: then the program is None.
    """
    if state.programs:
        gc.collect()
    alive = held(trace.outs)
    live = tuple(value.slot for value in alive)
    _, dead = inputs(trace, *_limits(trace))
    if wanted := inputs_wanted(state, live, dead):
        for i in wanted:
            read(trace.inputs[i], trigger)
        _, dead = inputs(trace, *_limits(trace))
    program = cache.lookup(state, live, dead) or near_fit(state, live, dead)
    if program is None:
        if _run_cold(trace, alive, trigger):
            return None, alive
        program = compile_program(trace, live, dead, trigger)
        cache.store(state, program)
    cache.alias(state, live, dead, program)
    return program, alive


def _run_cold(trace, alive: list[Value], trigger: str) -> bool:
    """Give every live pending value its array without a compile, if that is better."""
    live = [value.slot for value in alive]
    plan = cold.plan_for(trace, live)
    if plan is None:
        return False
    for i in inputs_of(plan.steps):
        if trace.inputs[i].unread is not None:
            read(trace.inputs[i], trigger)
    try:
        found = plan.run(trace, live)
    except Exception as error:  # NumPy does not do all that XLA does
        log.failed(plan.how(), error)
        return False
    for value in alive:
        value.array, value.trace = found[value.slot], None
    facts.save()
    return True


def near_fit(state: State, live, dead) -> Program | None:
    """A program with more outputs or fewer donations that may be used instead."""
    wanted, free = frozenset(live), frozenset(dead)
    absent = _absent(free)
    best = None
    for program in state.programs:
        fits = wanted <= program.positions.keys() and program.donated <= free
        if fits and _absent(program.considered) == absent:
            if best is None or len(program.live) < len(best.live):
                best = program
    if best is None or len(state.programs) >= _MAX_VARIANTS:
        return best
    avals = state.inputs()
    missed = sum(avals[i].nbytes for i in free - best.considered)
    return best if missed <= _WASTE else None


def _absent(places: frozenset[int]) -> set[int]:
    """Of inputs, those that are not computed."""
    return {i for i in places if i < 0}
