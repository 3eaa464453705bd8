"""What the profiles of ``torch.profiler`` and ``torch.autograd.profiler`` collect."""

from __future__ import annotations

import json
import os

from .. import _engine
from ._ranges import open_profiles
from ._report import EventList, FunctionEventAvg


class Collected:
    """Named ranges of time, and what the engine did meanwhile."""

    def __init__(self) -> None:
        self._ranges: list[tuple[str, float, float]] = []
        self._before = self._after = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc) -> None:
        self.stop()

    def _open(self) -> None:
        open_profiles.append(self)
        self._begin_again()

    def _begin_again(self) -> None:
        self._ranges.clear()
        self._before, self._after = _engine.stats(), None

    def _close(self) -> None:
        _engine.synchronize()
        open_profiles.remove(self)
        self._after = _engine.stats()

    def add_range(self, name: str, started: float, ended: float) -> None:
        """Take a range; times in seconds."""
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
        return EventList([*held.values(), *self._compiles()])

    def _compiles(self) -> list[FunctionEventAvg]:
        if self._before is None:
            return []
        after = self._after or _engine.stats()
        count = after.compiles - after.loads
        count -= self._before.compiles - self._before.loads
        seconds = after.compile_seconds - self._before.compile_seconds
        event = FunctionEventAvg("torchlike::compile", count, seconds * 1e6)
        return [event] if count else []

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
