"""``parallel_apply``: the modules one after another."""

from __future__ import annotations


def parallel_apply(modules, inputs, kwargs_tup=None, devices=None) -> list:
    """Each module on its own inputs."""
    kwargs_tup = kwargs_tup or [{}] * len(modules)
    calls = zip(modules, inputs, kwargs_tup, strict=True)
    return [
        module(*(given if isinstance(given, (list, tuple)) else (given,)), **kwargs)
        for module, given, kwargs in calls
    ]
