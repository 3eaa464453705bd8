"""``torch.autograd.profiler.profile``: the older profile, without steps."""

from __future__ import annotations

import time

from .. import _engine
from ._collected import Collected
from ._report import FunctionEventAvg


class profile(Collected):
    """Measures a region as a whole, and the ranges that the script named in it."""

    def __init__(self, enabled: bool = True, **options) -> None:
        super().__init__()
        self.enabled = enabled
        self._seconds = 0.0

    def start(self) -> None:
        """Begin; what was recorded before runs first."""
        if self.enabled:
            _engine.synchronize()
            self._open()
            self._began = time.perf_counter()

    def stop(self) -> None:
        """End; what is recorded runs first."""
        if self.enabled:
            self._close()
            self._seconds = time.perf_counter() - self._began

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds of the region."""
        return self._seconds * 1e6

    @property
    def function_events(self):
        """Each range by itself."""
        return self.events()

    def total_average(self) -> FunctionEventAvg:
        """All ranges as one."""
        return self.events().total_average()

    def table(self, *args, **options) -> str:
        """The ranges as text, longest first."""
        return self.key_averages().table(*args, **options)
