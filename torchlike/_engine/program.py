"""Programs: a piece of trace compiled by XLA for given outputs and donations."""

from __future__ import annotations

import time
import warnings
from collections import Counter

import jax
import numpy as np
from jax.sharding import SingleDeviceSharding

from .. import _devices
from . import host, log, stats
from .infer import Number
from .state import Constant, Scalar, State
from .target import compiling_for
from .value import to_device

SCALAR_KINDS = ((float, np.float64), (int, np.int64), (complex, np.complex128))

_MUCH = 16 << 20  # bytes of scratch memory


class Program:
    """A compiled function ``(scalars…, inputs…) -> live outputs``.

    ``positions`` tells where each live slot is among the outputs.
    """

    __slots__ = (
        "state",
        "live",
        "donated",
        "considered",
        "call",
        "positions",
        "used",
        "numbers",
    )

    def __init__(self, state, live, donated, considered, call):
        self.state = state
        self.live = live
        self.donated = donated
        self.considered = considered
        self.call = call
        self.used = 0  # time of the last use (see cache)
        self.numbers: dict[type, tuple] = {}  # of the last call: bytes, array if placed
        self.positions = {slot: i for i, slot in enumerate(_late_first(state, live))}

    def needs_much(self) -> bool:
        """Whether compiling and running it leaves much free memory behind."""
        analysis = getattr(self.call, "memory_analysis", lambda: None)()
        return analysis is not None and analysis.temp_size_in_bytes > _MUCH

    def packed(self, kind: type, numbers: np.ndarray, place):
        """The numbers as the program takes them.

        A host array is cheap to pass once; one that comes again, as a learning rate
        does, is placed on the device, which makes every further call cheaper.
        """
        raw = numbers.tobytes()
        before, placed = self.numbers.get(kind, (None, None))
        if raw != before:
            self.numbers[kind] = raw, None
            return numbers
        if placed is None:
            placed = to_device(numbers, place)
            self.numbers[kind] = raw, placed
        return placed


def compile_program(state: State, live, dead, place, trigger: str) -> Program:
    """Compile the trace that ends in ``state``.

    ``live`` are the output slots wanted, ``dead`` the indices of inputs nobody else
    holds; those whose memory an output can take over are donated.
    """
    path = state.path()
    inputs = [a for s in path for a in s.new_inputs]
    outs = [a for s in path for a in s.outs]
    donated = _useful(dead, inputs, [outs[i] for i in live])
    started = time.perf_counter()
    order = _late_first(state, live)
    compiled = _build(path, order, inputs, donated, state.n_scalars, place)
    seconds = time.perf_counter() - started
    stats.current.compiles += 1
    stats.current.compile_seconds += seconds
    log.compiled(state, live, trigger, seconds)
    return Program(state, live, donated, frozenset(dead), compiled)


def _late_first(state: State, live) -> list[int]:
    """The live slots, those of the last op first.

    JAX gives donated inputs to the outputs in order. What the last op of a step (the
    optimizer's) makes of the parameters has the best use for their memory: an output
    computed earlier would have to be copied, and so would the parameter.
    """
    first = state.first_out
    return [s for s in live if s >= first] + [s for s in live if s < first]


def _useful(dead, inputs, outs) -> frozenset[int]:
    wanted = Counter(outs)
    donated = set()
    for i in dead:
        if wanted[inputs[i]] > 0:
            wanted[inputs[i]] -= 1
            donated.add(i)
    return frozenset(donated)


def _build(path, live, inputs, donated, n_scalars, place):
    needed = _needed(path, live)
    kinds = [(k, t) for k, t in SCALAR_KINDS if n_scalars[k]]
    first = len(kinds)

    def torchlike_step(*arguments):
        packed = {k: x for (k, _), x in zip(kinds, arguments, strict=False)}
        return _evaluate(needed, live, packed, arguments[first:])

    scalars = [jax.ShapeDtypeStruct((n_scalars[k],), t) for k, t in kinds]
    structs = [*scalars, *(a.struct() for a in inputs)]
    if host.active:
        return host.HostProgram(torchlike_step, structs)
    options = {}
    if _devices.cuda_devices():
        where = SingleDeviceSharding(_devices.jax_device(place))
        options = {"in_shardings": where, "out_shardings": where}
    jitted = jax.jit(
        torchlike_step,
        donate_argnums=tuple(first + i for i in sorted(donated)),
        **options,
    )
    with warnings.catch_warnings(), compiling_for(place.type):
        warnings.filterwarnings("ignore", "Some donated buffers were not usable")
        return jitted.lower(*structs).compile()


def _needed(path: list[State], live) -> list[State]:
    """The steps that the live outputs depend on, in order."""
    wanted = set(live)
    steps = []
    for state in reversed(path):
        first = state.first_out
        if any(first + i in wanted for i in range(len(state.outs))):
            steps.append(state)
            wanted.update(a for a in state.args if type(a) is int and a >= 0)
    return steps[::-1]


def _evaluate(steps, live, packed, inputs):
    """Run the steps on JAX tracers; ``packed`` has the scalars by kind."""
    results = {}

    def operand(a):
        if type(a) is int:
            return results[a] if a >= 0 else inputs[~a]
        if isinstance(a, Scalar):
            return Number(a.kind, packed[a.kind][a.index])
        return a.value if isinstance(a, Constant) else a

    for state in steps:
        outs = state.op.run([operand(a) for a in state.args], state.static)
        for i, out in enumerate(outs):
            results[state.first_out + i] = out
    return _distinct([results[i] for i in live], inputs)


def _distinct(outs, inputs):
    """Copy an output that is an input or another output: their fates differ."""
    seen = {id(x) for x in inputs}
    distinct = []
    for out in outs:
        if id(out) in seen:
            out = jax.numpy.array(out, copy=True)
        seen.add(id(out))
        distinct.append(out)
    return distinct
