"""Programs: a piece of trace compiled by XLA for given outputs and donations."""

from __future__ import annotations

import time
import warnings

import jax
import numpy as np
from jax.sharding import SingleDeviceSharding

from .. import _devices
from . import ahead, facts, host, in_place, launch, log, products, stats, store, varying
from .form import Form, form_of, form_of_unread
from .state import State
from .target import compiling_for
from .value import to_device

_MUCH = 16 << 20  # bytes of scratch memory
_WORTH = 0.01  # seconds of tracing and compiling; quicker programs are not kept


class Program:
    """A compiled function ``(scalars…, inputs…) -> live outputs``.

    ``positions`` tells where each live slot is among the outputs; -1 for one that is
    left out, which can be computed of the inputs ``kept`` (see ``unread``).
    """

    __slots__ = (
        "state",
        "live",
        "unread",
        "kept",
        "place",
        "donated",
        "considered",
        "call",
        "direct",
        "scratch",
        "positions",
        "used",
        "numbers",
    )

    def __init__(self, state, form: Form, considered, call, scratch, direct=None):
        self.state = state
        self.live = form.live  # in the order of the outputs
        self.unread = form.unread
        self.kept = form.kept
        self.place = form.place
        self.donated = frozenset(form.donated())
        self.considered = considered
        self.call = call
        self.direct = direct  # see launch
        self.scratch = scratch  # bytes of memory while it runs
        self.used = 0  # time of the last use (see cache)
        self.numbers: dict[type, tuple] = {}  # of the last call: bytes, array if placed
        self.positions = {slot: i for i, slot in enumerate(form.live)}
        self.positions.update(dict.fromkeys(form.unread, -1))

    def run(self, arguments: list):
        """The outputs for the numbers and inputs."""
        if self.direct is None:
            return self.call(*arguments)
        return launch.run(self.direct, arguments)

    def needs_much(self) -> bool:
        """Whether compiling and running it leaves much free memory behind."""
        return self.scratch > _MUCH

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


def compile_program(trace, live, dead, trigger: str) -> Program:
    """Compile what the trace has recorded, or find it on disk.

    ``live`` are the output slots wanted, ``dead`` the indices of inputs nobody else
    holds.
    """
    form = form_of(trace.state, live, dead, trace.pinned(), trace.device)
    return _compiled(form, trace.state, live, dead, trigger)


def compile_unread(program: Program, trigger: str) -> Program:
    """What computes the results that a program has left out."""
    state, slots = program.state, program.unread
    form = form_of_unread(state, slots, program.kept, program.place)
    return _compiled(form, state, slots, (), trigger)


def compile_piece(state: State, live, place) -> Program:
    """Steps by themselves, with the results ``live``, that give nothing up."""
    form = form_of(state, live, (), frozenset(), place)
    return _compiled(form, state, live, (), "piece")


def _compiled(form: Form, state: State, live, dead, trigger: str) -> Program:
    direct = None
    if host.active:
        call, scratch = host.HostProgram(form.function(), form.structs()), 0
    else:
        call, scratch = _stored_or_built(form, state, live, trigger)
        facts.save()
        if form.place.type == "cpu":
            direct = launch.direct(call, len(form.structs()))
    return Program(state, form, frozenset(dead), call, scratch, direct)


def _stored_or_built(form: Form, state: State, live, trigger: str) -> tuple:
    stats.current.compiles += 1
    name = store.name_of(form)
    found = _stored(store.find(name))
    if found is not None:
        _tell_of_load(state, live)
        return found.call, found.scratch
    started = time.perf_counter()
    lowered = _lower(form)
    if form.place.type == "cpu":
        products.take_ours(lowered.compiler_ir())
        in_place.keep_arguments(lowered.compiler_ir())
    text = "" if name is None else lowered.as_text()
    second = store.text_name(text, name, form.place)
    found = _stored(second)
    if found is not None:
        _tell_of_load(state, live)
        store.keep_name(name, second)
        return found.call, found.scratch
    call = lowered.compile()
    seconds = time.perf_counter() - started
    analysis = call.memory_analysis()
    scratch = 0 if analysis is None else analysis.temp_size_in_bytes
    _tell(form, state, live, trigger, seconds)
    if seconds > _WORTH:
        store.keep(name, second, form, text, call, scratch)
    return call, scratch


def _stored(second: str | None) -> store.Stored | None:
    """The program of that name, from disk or loaded already."""
    if second is None:
        return None
    return ahead.take(second) or store.load(second)


def _tell_of_load(state: State, live) -> None:
    stats.current.loads += 1
    log.loaded(state, live)


def _tell(form: Form, state: State, live, trigger: str, seconds: float) -> None:
    stats.current.compile_seconds += seconds
    log.compiled(state, live, trigger, seconds)
    if text := varying.notice(form, seconds):
        log.say(f"{text} (at {log.user_line()})")


def _lower(form: Form) -> jax.stages.Lowered:
    options = {}
    if _devices.cuda_devices():
        where = SingleDeviceSharding(_devices.jax_device(form.place))
        options = {"in_shardings": where, "out_shardings": where}
    # An argument that is left out because nothing uses it would not show in the text,
    # which names the program on disk.
    jitted = jax.jit(
        form.function(),
        donate_argnums=form.donated_arguments(),
        keep_unused=True,
        **options,
    )
    with warnings.catch_warnings(), compiling_for(form.place.type):
        warnings.filterwarnings("ignore", "Some donated buffers were not usable")
        return jitted.lower(*form.structs())
