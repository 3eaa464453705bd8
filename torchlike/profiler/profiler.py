"""``torch.profiler.profile`` and its schedule."""

from __future__ import annotations

import enum
import json
import os
import time

from .. import _engine
from ._ranges import open_profiles
from ._report import EventList, FunctionEventAvg


class ProfilerActivity(enum.Enum):
    """What to profile."""

    CPU, XPU, MTIA, CUDA, HPU, PrivateUse1 = range(6)


class ProfilerAction(enum.Enum):
    """What a schedule says of a step."""

    NONE, WARMUP, RECORD, RECORD_AND_SAVE = range(4)


def supported_activities() -> set[ProfilerActivity]:
    """The CPU's."""
    return {ProfilerActivity.CPU}


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0,
    skip_first_wait: int = 0,
):  # fmt: skip
    """Which steps to wait, warm up and record, in cycles."""

    def action(step: int) -> ProfilerAction:
        step -= skip_first
        if step < 0:
            return ProfilerAction.NONE
        length = wait + warmup + active
        cycle, at = divmod(step + (wait if skip_first_wait else 0), length)
        if repeat and cycle >= repeat:
            return ProfilerAction.NONE
        if at < wait:
            return ProfilerAction.NONE
        if at < wait + warmup:
            return ProfilerAction.WARMUP
        last = at == length - 1
        return ProfilerAction.RECORD_AND_SAVE if last else ProfilerAction.RECORD

    return action


def _always(step: int) -> ProfilerAction:
    return ProfilerAction.RECORD


def tensorboard_trace_handler(dir_name: str, worker_name=None, use_gzip=False):
    """Write each trace into a folder."""

    def handler(prof) -> None:
        os.makedirs(dir_name, exist_ok=True)
        name = f"{worker_name or os.getpid()}.{time.time_ns()}.pt.trace.json"
        prof.export_chrome_trace(os.path.join(dir_name, name))

    return handler


class profile:
    """Collects named ranges and the engine's counters between start and stop."""

    def __init__(
        self, activities=None, schedule=None, on_trace_ready=None, *_, **options
    ) -> None:
        self.schedule = schedule or _always
        self._has_steps = schedule is not None
        self.on_trace_ready = on_trace_ready
        self.step_num = 0
        self._ranges: list[tuple[str, float, float]] = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc) -> None:
        self.stop()

    def start(self) -> None:
        """Begin."""
        self._before = _engine.stats()
        self._began = self._step_began = time.perf_counter()
        open_profiles.append(self)

    def stop(self) -> None:
        """End; what is recorded runs first."""
        _engine.synchronize()
        open_profiles.remove(self)
        self._seconds = time.perf_counter() - self._began
        self._after = _engine.stats()
        action = self.schedule(self.step_num)
        pending = not self._has_steps or action is ProfilerAction.RECORD
        if self.on_trace_ready is not None and pending:
            self.on_trace_ready(self)

    def step(self) -> None:
        """The end of a step."""
        now = time.perf_counter()
        self.add_range(f"ProfilerStep#{self.step_num}", self._step_began, now)
        action = self.schedule(self.step_num)
        if action is ProfilerAction.RECORD_AND_SAVE and self.on_trace_ready is not None:
            self._after = _engine.stats()
            self.on_trace_ready(self)
        self.step_num += 1
        self._step_began = now

    def add_range(self, name: str, started: float, ended: float) -> None:
        """Take a range, if this step is recorded."""
        action = self.schedule(self.step_num)
        if action in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE):
            self._ranges.append((name, started, ended))

    def events(self) -> EventList:
        """Each range by itself."""
        return EventList(
            FunctionEventAvg(name, 1, (ended - started) * 1e6)
            for name, started, ended in self._ranges
        )

    def key_averages(self, *args, **kwargs) -> EventList:
        """The ranges by name, and the engine's compiles."""
        held: dict[str, FunctionEventAvg] = {}
        for name, started, ended in self._ranges:
            event = held.setdefault(name, FunctionEventAvg(name))
            event.count += 1
            event.cpu_time_total += (ended - started) * 1e6
        after = getattr(self, "_after", None) or _engine.stats()
        compiles = after.compiles - self._before.compiles
        seconds = after.compile_seconds - self._before.compile_seconds
        found = EventList(held.values())
        if compiles:
            found.append(
                FunctionEventAvg("torchlike::compile", compiles, seconds * 1e6)
            )
        return found

    def export_chrome_trace(self, path: str) -> None:
        """Write the ranges for chrome://tracing; times in microseconds."""
        events = [
            {"name": name, "ph": "X", "pid": os.getpid(), "tid": 0,
             "ts": started * 1e6, "dur": (ended - started) * 1e6}
            for name, started, ended in self._ranges
        ]  # fmt: skip
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"traceEvents": events}, file)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Stacks are not collected."""
        raise NotImplementedError("profile.export_stacks (docs/differences.md)")

    def add_metadata(self, key: str, value: str) -> None:
        """Accepted."""

    add_metadata_json = add_metadata
