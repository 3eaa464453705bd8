"""The table of rules: for each JAX primitive, how NumPy computes it."""

from __future__ import annotations

from collections.abc import Callable

rules: dict[str, Callable] = {}


def rule(*names: str) -> Callable:
    """Register ``f(*arrays, **params) -> array or tuple`` for primitives."""

    def register(function: Callable) -> Callable:
        for name in names:
            if name in rules:
                raise ValueError(f"primitive {name} has two rules")
            rules[name] = function
        return function

    return register
