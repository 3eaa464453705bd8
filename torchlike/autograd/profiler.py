"""``torch.autograd.profiler``: the names scripts use; JAX's own profiler measures."""

from __future__ import annotations

import functools
import importlib
import time

import jax

from .. import _engine, _gaps


class record_function:
    """Mark a region in the trace of ``jax.profiler``; a context and a decorator."""

    def __init__(self, name: str, args: str | None = None):
        self.name = name
        self.args = args

    def __enter__(self):
        self._annotation = jax.profiler.TraceAnnotation(self.name)
        self._annotation.__enter__()
        return self

    def __exit__(self, *exc):
        self._annotation.__exit__(*exc)

    def __call__(self, function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            with record_function(self.name):
                return function(*args, **kwargs)

        return wrapper


class profile:
    """Measure a region as a whole: ops run fused, so there is no time for each."""

    def __init__(self, enabled: bool = True, **options):
        self.enabled = enabled
        self.self_cpu_time_total = 0.0  # microseconds

    def __enter__(self):
        _engine.synchronize()
        self._start = time.perf_counter()
        return self

    def __exit__(self, *exc):
        _engine.synchronize()
        self.self_cpu_time_total = (time.perf_counter() - self._start) * 1e6

    def total_average(self):
        """Averages per op do not exist."""
        raise NotImplementedError(
            "autograd.profiler: ops run fused; use jax.profiler.trace"
        )

    key_averages = total_average
    table = total_average

    def export_chrome_trace(self, path: str) -> None:
        """There is no trace of single ops."""
        raise NotImplementedError("autograd.profiler: use jax.profiler.trace")


class _Nothing:
    def __init__(self, enabled: bool = True, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


class emit_nvtx(_Nothing):
    """Accepted; does nothing."""


class emit_itt(_Nothing):
    """Accepted; does nothing."""


def __getattr__(name: str):
    if name in ("EventList", "FunctionEventAvg"):  # they come with ``torch.profiler``
        report = importlib.import_module("torchlike.profiler._report")
        return getattr(report, name)
    raise _gaps.missing(name, "torch.autograd.profiler")
