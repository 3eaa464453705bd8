"""Counters of the engine, for users, benchmarks and tests."""

from __future__ import annotations

import dataclasses
from collections import Counter


@dataclasses.dataclass
class Stats:
    """What the engine has done in this process; times in seconds."""

    compiles: int = 0  # programs made, those found on disk too
    compile_seconds: float = 0.0
    loads: int = 0  # those found on disk
    cold: int = 0  # traces run without a compile
    flushes: int = 0
    triggers: Counter = dataclasses.field(default_factory=Counter)

    def copy(self) -> Stats:
        return dataclasses.replace(self, triggers=Counter(self.triggers))


current = Stats()
