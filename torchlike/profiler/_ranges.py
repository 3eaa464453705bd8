"""Named ranges of time, collected by the profiles that are open."""

from __future__ import annotations

import functools
import time

import jax

open_profiles: list = []


class record_function:
    """``with record_function("name"):`` or a decorator; JAX's profiler sees it too."""

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name, self.args = name, args

    def __enter__(self):
        self._annotation = jax.profiler.TraceAnnotation(self.name)
        self._annotation.__enter__()
        self._started = time.perf_counter()
        return self

    def __exit__(self, *exc) -> None:
        ended = time.perf_counter()
        self._annotation.__exit__(*exc)
        for profile in open_profiles:
            profile.add_range(self.name, self._started, ended)

    def __call__(self, function):
        @functools.wraps(function)
        def call(*args, **kwargs):
            with record_function(self.name, self.args):
                return function(*args, **kwargs)

        return call
