"""Recording: an op becomes a step in the trie, its results pending values."""

from __future__ import annotations

import threading
import time
from weakref import WeakSet

import jax
import numpy as np

from .. import _config, _dtypes
from .._devices import CPU, META, device
from .._native import quick
from . import host, segment, trie
from .flush import flush, read
from .host import eager
from .infer import Number, infer, kind_of, signature
from .lifted import Lifted, dispatch
from .state import State
from .target import precision_key
from .unread import adds_up, may_stay
from .value import Aval, Value, from_jax, to_device

_roots: dict[tuple, State] = {}
ARRAY_TYPES = {np.ndarray, type(jax.device_put(np.zeros(())))}


def root(place: device) -> State:
    """Where traces on ``place`` begin. Settings that ops read have their own root."""
    key = (place, _dtypes.get_default_dtype(), *precision_key())
    found = _roots.get(key)
    if found is None:
        found = _roots.setdefault(key, State())
    return found


class Trace:
    """The ops one thread has recorded on one device since the last flush.

    ``outs`` and ``inputs`` hold their values strongly; who else holds one tells
    whether it is alive (see ``flush``). ``with trace:`` has it for oneself.
    """

    __slots__ = (
        "device",
        "state",
        "outs",
        "inputs",
        "scalars",
        "lock",
        "owner",
        "busy",
        "claimed",
        "limit",
        "tape",
        "backwards",
        "due",
        "micros",
        "micros_before",
        "__weakref__",
    )

    def __init__(self, place: device):
        self.device = place
        self.lock = threading.RLock()
        self.owner = threading.get_ident()
        self.busy = self.claimed = False
        self.micros: list[State] = []  # the ends of those of this step (see micro)
        self.micros_before: list[State] = []
        self.reset()

    def reset(self) -> None:
        """Begin anew at the root."""
        self.state = root(self.device)
        self.outs: list[Value] = []
        self.inputs: list[Value] = []
        self.scalars = {float: [], int: [], complex: []}
        self.limit = segment.FIRST_CHECK
        self.tape = None  # of the autograd layer: the nodes made in this trace
        self.backwards = 0
        self.due = False  # a boundary has been passed (see boundary.after_call)

    def __enter__(self) -> None:
        """Hold the lock, and keep the owner from recording by the short way.

        That takes no lock (see ``autograd.short``): the owner sets ``busy`` and then
        looks at ``claimed``; who comes sets ``claimed`` and then waits for ``busy`` to
        go. So neither misses the other, and recording pays for two attributes.
        """
        self.lock.acquire()
        if threading.get_ident() != self.owner:
            self.claimed = True
            while self.busy:
                time.sleep(0)

    def __exit__(self, *_) -> None:
        self.claimed = False
        self.lock.release()

    def pinned(self) -> frozenset[int]:
        """The slots of the inputs that belong to parameters."""
        return frozenset(~i for i, value in enumerate(self.inputs) if value.pinned)

    def admit(self, value: Value) -> None:
        """Make a concrete value an input of this trace."""
        self.inputs.append(value)
        value.slot = -len(self.inputs)
        value.trace = self

    def forget(self, n_inputs: int, n_scalars: dict[type, int]) -> None:
        """Take back what an op that failed had admitted."""
        for value in self.inputs[n_inputs:]:
            value.trace = None
        del self.inputs[n_inputs:]
        for kind, n in n_scalars.items():
            del self.scalars[kind][n:]


class _Here(threading.local):
    """What a thread records into: ``trace`` is the one last met on the long way, while
    ops may take the short way into it (see ``autograd.short``). With ``at_once`` ops
    are tried by NumPy first, by ``plans`` (see ``host.eager``)."""

    short_way = not _config.flush_every_op
    at_once = False
    plans: dict | None = None
    _allowed = True

    def __init__(self):
        self.trace: Trace | None = None  # C looks for it among the thread's own
        self.traces: dict[device, Trace] = {}

    def allow_short_way(self, allow: bool) -> None:
        """Whether ops may take it; never with a flush after each."""
        self._allowed = allow
        self.plans = eager.known if self.at_once and allow else None
        self.short_way = allow and not (self.at_once or _config.flush_every_op)
        self.trace = self.traces.get(CPU) if self.short_way else None

    def run_at_once(self, at_once: bool) -> bool:
        """Whether NumPy may run ops in place of recording; returns what was set."""
        before, self.at_once = self.at_once, at_once
        self.allow_short_way(self._allowed)
        return before


here = _Here()
_everyone: WeakSet[Trace] = WeakSet()


def current(place: device = CPU) -> Trace:
    """This thread's trace on ``place``."""
    trace = here.traces.get(place)
    if trace is None:
        trace = here.traces[place] = Trace(place)
        _everyone.add(trace)
    return trace


def count_states() -> int:
    """How many states the tries hold."""
    return len(trie.states(_roots.values()))


def traces() -> list[Trace]:
    """This thread's traces."""
    return list(here.traces.values())


def everyone() -> list[Trace]:
    """The traces of all threads."""
    return list(_everyone)


def drop_traces() -> None:
    """Forget the traces (in a forked child), and run ops at once where possible."""
    _Here.at_once, _Here.plans = True, eager.known
    here.run_at_once(True)
    here.traces.clear()
    here.trace = None
    _everyone.clear()


def drop_tries() -> None:
    """Forget every state and what was compiled for it (in a forked child)."""
    _roots.clear()
    trie.reset()


def record(op, static: tuple, operands, place: device) -> tuple[State | None, list]:
    """Record ``op``; return the state reached and the pending results.

    ``operands`` are values, Python numbers, ``None`` or ``...``. With a JAX tracer
    among them, or on the meta device, nothing is recorded and the state is None.
    """
    if place is META:
        return None, _infer_only(op, static, operands, place)
    trace = here.traces.get(place) or current(place)
    with trace.lock:
        state = trace.state
        key = foreign = None
        if quick is not None:
            key = quick.key_of(trace, op, static, operands)
            if key is None:  # not all operands are plain
                trace.forget(state.n_inputs, state.n_scalars)
        if key is None:
            key, foreign = _key_of(trace, op, static, operands)
        if foreign is None:
            child = state.next.get(key) or explore(trace, key, operands)
            trace.state = child
            if here.short_way:
                here.trace = trace
            outs = results(trace, child)
            if child.cut or child.depth >= trace.limit:
                segment.at_limit(trace)
            elif _config.flush_every_op:
                flush(trace, "every op")
            return child, outs
        trace.forget(state.n_inputs, state.n_scalars)
    # Outside of the lock: another thread may be waiting for ours.
    if any(isinstance(v, Lifted) for v in operands):
        return None, dispatch(op, static, operands, place)
    for v in operands:
        if v.__class__ is Value and v.array is None and v.trace is not trace:
            realise(v, "used elsewhere")
    if isinstance(foreign.array, jax.core.Tracer):
        return None, run_now(op, static, operands, place)
    return record(op, static, operands, place)


def _key_of(trace: Trace, op, static: tuple, operands) -> tuple:
    """The key of the transition, its operands admitted to the trace; and None.

    Or no key, and the operand that is for others to record.
    """
    key = [op, static]
    for v in operands:
        if v.__class__ is Value:
            if v.trace is trace:
                key.append(v.slot)
            elif v.array.__class__ in ARRAY_TYPES:
                key.append(v.aval)
                trace.admit(v)
            elif adds_up(op) and may_stay(v):
                key.append(v.aval)
                trace.admit(v)
            else:
                return None, v
        elif v is None or v is ...:
            key.append(v)
        else:
            try:
                kind = kind_of(v)
            except TypeError:
                if isinstance(v, Lifted):
                    return None, v
                state = trace.state
                trace.forget(state.n_inputs, state.n_scalars)
                raise
            if kind is float or kind is int or kind is complex:
                trace.scalars[kind].append(v)
            key.append(kind)
    return tuple(key), None


def pending(trace: Trace, shape_dtype: Aval, slot: int) -> Value:
    """A new value that is the output ``slot`` of the trace."""
    value = Value(shape_dtype, trace.device, None, trace, slot)
    trace.outs.append(value)
    return value


def results(trace: Trace, state: State) -> list[Value]:
    """A pending value for each result of the op that led to ``state``."""
    first = state.first_out
    return [pending(trace, x, first + i) for i, x in enumerate(state.outs)]


def explore(trace: Trace, key: tuple, operands) -> State:
    """First time here: infer the results; an error leaves the trace as it was."""
    state = trace.state
    try:
        outs = infer(key[0], key[1], signature(operands))
    except BaseException:
        trace.forget(state.n_inputs, state.n_scalars)
        raise
    trie.make_room(_roots.values(), everyone)
    return state.extend(key, outs)


def realise(value: Value, trigger: str) -> Value:
    """Make sure that ``value`` is concrete."""
    if value.array is None:
        if isinstance(value, Lifted):
            return value.level.realise(value, trigger)
        if value.unread is not None:
            read(value, trigger)
            return value
        if value.device is META:
            raise NotImplementedError("Cannot copy out of meta tensor; no data!")
        owner = value.trace
        if owner is not None:  # else another thread has just computed it
            flush(owner, trigger)
        if value.array is None:
            raise RuntimeError("torchlike: a pending value was lost by its trace")
    elif host.active:
        host.check_readable(value.array)
    return value


def _infer_only(op, static, operands, place):
    outs = infer(op, static, signature(operands))
    return [Value(a, place) for a in outs]


def run_now(op, static, operands, place) -> list[Value]:
    """Run an op without recording it, on JAX tracers or for their neighbours."""
    arguments = []
    for v in operands:
        if v.__class__ is Value:
            arguments.append(realise(v, "a JAX transformation").array)
        elif type(v) in (float, int, complex):
            arguments.append(Number(type(v), v))
        else:
            arguments.append(v)
    results = []
    for array in op.run(arguments, static):
        results.append(from_jax(array, place))
    return results


def move(value: Value, place: device) -> Value:
    """A copy of ``value`` on another device; a pending one is computed first."""
    if place is META:
        return Value(value.aval, META)
    array = realise(value, "move to " + str(place)).array
    return Value(value.aval, place, to_device(array, place))


if quick is not None:
    results = quick.results
