"""Collects what the engine does while a program runs."""

from __future__ import annotations

import dataclasses
import resource
import sys
import time
from collections import Counter

import jax

from torchlike import _config, _engine
from torchlike._engine import log


@dataclasses.dataclass
class Program:
    """A compiled program; times in seconds, no ``compile_seconds`` if from disk."""

    number: int
    ops: Counter
    n_inputs: int
    n_outputs: int
    line: str
    reason: str
    compile_seconds: float | None
    runs: int = 0
    run_seconds: float = 0.0

    @property
    def n_ops(self) -> int:
        """How many operations were fused into it."""
        return sum(self.ops.values())


@dataclasses.dataclass
class Flush:
    """All flushes of one trigger on one source line."""

    trigger: str
    line: str
    count: int = 0
    ops: int = 0
    seconds: float = 0.0


class Collector:
    """Between ``start`` and ``stop``, told of each compile and each flush.

    Each program is run to its end and timed, so that the page can say where the time
    went; without the page, Python would run ahead of the device.
    """

    def __init__(self) -> None:
        self.programs: list[Program] = []
        self.flushes: dict[tuple[str, str], Flush] = {}
        self.seconds = 0.0
        self._by_state: dict[int, Program] = {}
        self._states: list = []
        self._running = 0.0

    def start(self) -> None:
        """Begin to listen."""
        flush = sys.modules["torchlike._engine.flush"]
        self._plain_run = flush._run
        flush._run = self._timed_run
        log.watchers.append(self)
        self._topics = _config.log_topics
        _config.log_topics = frozenset({*_config.log_topics, "explain"})
        self._began = time.perf_counter()

    def stop(self) -> None:
        """Run what is left, and stop to listen."""
        _engine.synchronize()
        self.seconds = time.perf_counter() - self._began
        log.watchers.remove(self)
        _config.log_topics = self._topics
        sys.modules["torchlike._engine.flush"]._run = self._plain_run

    # ---- told by the engine
    def compiled(self, state, live, seconds, reason: str, line: str) -> None:
        """A program was compiled, or found on disk (``seconds`` None)."""
        ops = Counter(step.op.name for step in state.path())
        number = len(self.programs) + 1
        program = Program(number, ops, state.n_inputs, len(live), line, reason, seconds)
        self.programs.append(program)
        self._states.append(state)  # kept, so that its id stays its own
        self._by_state[id(state)] = program

    def flushed(self, state, trigger: str, line: str) -> None:
        """A recorded trace ran."""
        held = self.flushes.setdefault((trigger, line), Flush(trigger, line))
        held.count += 1
        held.ops += state.depth
        held.seconds += self._running
        self._running = 0.0

    def _timed_run(self, trace, program, arrays, alive) -> None:
        began = time.perf_counter()
        self._plain_run(trace, program, arrays, alive)
        jax.block_until_ready([value.array for value in alive])
        self._running = time.perf_counter() - began
        held = self._by_state.get(id(program.state))
        if held is not None:
            held.runs += 1
            held.run_seconds += self._running

    # ---- sums
    @property
    def compile_seconds(self) -> float:
        """Seconds spent compiling."""
        return sum(p.compile_seconds or 0.0 for p in self.programs)

    @property
    def loads(self) -> int:
        """Programs found on disk, where earlier runs of the script left them."""
        return sum(p.compile_seconds is None for p in self.programs)

    @property
    def run_seconds(self) -> float:
        """Seconds spent in compiled programs."""
        return sum(f.seconds for f in self.flushes.values())

    @property
    def python_seconds(self) -> float:
        """The rest: recording and the program's own Python."""
        return max(self.seconds - self.compile_seconds - self.run_seconds, 0.0)


def peak_memory() -> dict[str, int]:
    """The most bytes in use: of the process, and of each GPU."""
    unit = 1 if sys.platform == "darwin" else 1024
    peaks = {"process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}
    for where in jax.local_devices():
        held = where.memory_stats() if where.platform == "gpu" else None
        if held:
            peaks[str(where)] = int(held.get("peak_bytes_in_use", 0))
    return peaks
