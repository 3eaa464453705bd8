"""``torch.cuda.streams``: accepted; XLA orders the work of a device itself."""

from __future__ import annotations

import time

from .. import _engine
from .._devices import device as Device


class Stream:
    """The one queue of a device."""

    def __init__(self, device=None, priority: int = 0, **kwargs) -> None:
        self.device = Device("cuda", 0) if device is None else Device(device)
        self.priority = priority
        self.stream_id = self.cuda_stream = 0

    def synchronize(self) -> None:
        """Run what is recorded and wait."""
        _engine.synchronize()

    def query(self) -> bool:
        """Whether all work is done: after waiting for it, yes."""
        _engine.synchronize()
        return True

    def wait_stream(self, stream) -> None:
        """Work is in order already."""

    def wait_event(self, event) -> None:
        """Work is in order already."""

    def record_event(self, event=None):
        """An event at this point."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def __enter__(self):
        return self

    def __exit__(self, *exc) -> None:
        pass

    def __eq__(self, other) -> bool:
        return isinstance(other, Stream) and self.device is other.device

    def __hash__(self) -> int:
        return hash(self.device)


ExternalStream = Stream


class Event:
    """A point in time; recording one waits for the work before it."""

    def __init__(self, enable_timing=False, blocking=False, interprocess=False) -> None:
        self.enable_timing = enable_timing
        self._seconds: float | None = None

    def record(self, stream=None) -> None:
        """Wait for the work so far and note the time."""
        _engine.synchronize()
        self._seconds = time.perf_counter()

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds between two events."""
        if self._seconds is None or end_event._seconds is None:
            raise ValueError(
                "Both events must be recorded before calculating elapsed time."
            )
        return (end_event._seconds - self._seconds) * 1000

    def synchronize(self) -> None:
        """The work before it is done."""

    def query(self) -> bool:
        """The work before it is done."""
        return True

    def wait(self, stream=None) -> None:
        """Work is in order already."""


class StreamContext:
    """``with torch.cuda.stream(s)``: nothing changes."""

    def __init__(self, stream) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc) -> None:
        pass


def stream(stream) -> StreamContext:
    """A context in which nothing changes."""
    return StreamContext(stream)
