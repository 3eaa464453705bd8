"""Flush: run the recorded trace as one program and hand out its results."""

from __future__ import annotations

import gc

import numpy as np

from .. import _config
from . import cache, log, stats
from .gate import gate
from .program import SCALAR_KINDS, Program, compile_program
from .state import State
from .value import to_device

_MAX_VARIANTS = 4  # programs a state may have before near fits are always reused
_WASTE = 1 << 20  # bytes of missed donation that justify a program of their own
_PIN_LIMIT = 256  # bytes; smaller host arrays are cheaper to pass than to place


def flush(trace, trigger: str) -> None:
    """Compute every live pending value of ``trace``; a failure leaves it pending."""
    if trace.state.parent is None:
        return
    with trace.lock, gate:
        state = trace.state
        if state.parent is None:
            return
        trace.tape = None  # its nodes must not keep their values alive
        stats.current.flushes += 1
        stats.current.triggers[trigger] += 1
        alive = _alive(trace)
        if alive:
            _run(trace, state, alive, trigger)
        if _config.log_topics:
            log.flushed(state, alive, trigger)
        _settle(trace)
        trace.reset()


def _alive(trace) -> list[tuple]:
    return [(i, v) for i, r in enumerate(trace.outs) if (v := r()) is not None]


def _place_inputs(trace) -> None:
    """Host arrays worth it move to the device for good, where they may be donated."""
    for i, (array, alive, ours) in enumerate(trace.inputs):
        if array.__class__ is np.ndarray and array.nbytes > _PIN_LIMIT:
            array = to_device(array, trace.device)
            trace.inputs[i] = (array, alive, ours)
            value = alive()
            if value is not None:
                value.array = array


def _dead_inputs(trace) -> tuple[int, ...]:
    return tuple(
        [
            i
            for i, (array, alive, ours) in enumerate(trace.inputs)
            if alive() is None and ours and array.__class__ is not np.ndarray
        ]
    )


def _run(trace, state: State, alive, trigger: str) -> None:
    _place_inputs(trace)
    live = tuple([i for i, _ in alive])
    program = cache.lookup(state, live, _dead_inputs(trace))
    if program is None:
        program, alive = _fit_or_compile(trace, state, trigger)
    packed = [
        np.array(numbers, t) for k, t in SCALAR_KINDS if (numbers := trace.scalars[k])
    ]
    outs = program.call(*packed, *[array for array, _, _ in trace.inputs])
    if len(outs) == len(alive):
        for (_, value), array in zip(alive, outs, strict=True):
            value.array = array
            value.trace = None
        return
    positions = program.positions
    for slot, value in alive:
        value.array = outs[positions[slot]]
        value.trace = None


def _fit_or_compile(trace, state: State, trigger: str):
    """No program fits exactly: collect garbage, reuse a near fit, or compile."""
    if state.programs:
        gc.collect()
    alive = _alive(trace)
    live, dead = tuple(i for i, _ in alive), _dead_inputs(trace)
    program = cache.lookup(state, live, dead) or near_fit(state, live, dead)
    if program is None:
        program = compile_program(state, live, dead, trace.device, trigger)
        cache.store(state, program)
    cache.alias(state, live, dead, program)
    return program, alive


def near_fit(state: State, live, dead) -> Program | None:
    """A program with more outputs or fewer donations that may be used instead."""
    wanted, free = frozenset(live), frozenset(dead)
    best = None
    for program in state.programs:
        if wanted <= program.positions.keys() and program.donated <= free:
            if best is None or len(program.live) < len(best.live):
                best = program
    if best is None or len(state.programs) >= _MAX_VARIANTS:
        return best
    avals = state.inputs()
    missed = sum(avals[i].nbytes for i in free - best.considered)
    return best if missed <= _WASTE else None


def _settle(trace) -> None:
    """Release the inputs."""
    for _, alive, _ in trace.inputs:
        value = alive()
        if value is not None:
            value.trace = None
