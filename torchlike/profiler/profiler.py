"""``torch.profiler.profile`` and its schedule."""

from __future__ import annotations

import enum
import os
import time

from ._collected import Collected


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


_RECORDING = (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)


def tensorboard_trace_handler(dir_name: str, worker_name=None, use_gzip=False):
    """Write each trace into a folder."""

    def handler(prof) -> None:
        os.makedirs(dir_name, exist_ok=True)
        name = f"{worker_name or os.getpid()}.{time.time_ns()}.pt.trace.json"
        prof.export_chrome_trace(os.path.join(dir_name, name))

    return handler


class profile(Collected):
    """Collects named ranges and the engine's counters, in the steps of a schedule."""

    def __init__(
        self, activities=None, schedule=None, on_trace_ready=None, *_, **options
    ) -> None:
        super().__init__()
        self.schedule = schedule or _always
        self._has_steps = schedule is not None
        self.on_trace_ready = on_trace_ready
        self.step_num = 0
        self.current_action = self.schedule(0)

    def start(self) -> None:
        """Begin."""
        self._open()
        self._step_began = time.perf_counter()

    def stop(self) -> None:
        """End; what is recorded runs first."""
        self._close()
        if self.current_action in _RECORDING:
            self._hand_out()

    def step(self) -> None:
        """The end of a step; the handler is called when the next one begins."""
        now = time.perf_counter()
        if self._has_steps:
            self.add_range(f"ProfilerStep#{self.step_num}", self._step_began, now)
        before = self.current_action
        self.step_num += 1
        self.current_action = self.schedule(self.step_num)
        if before is ProfilerAction.RECORD_AND_SAVE:
            self._hand_out()
        if before not in _RECORDING[:1] and self.current_action in _RECORDING:
            self._begin_again()
        self._step_began = time.perf_counter()

    def _hand_out(self) -> None:
        if self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def add_range(self, name: str, started: float, ended: float) -> None:
        """Take a range, if this step is recorded."""
        if self.current_action in _RECORDING:
            super().add_range(name, started, ended)

    def add_metadata(self, key: str, value: str) -> None:
        """Accepted."""

    add_metadata_json = add_metadata
