"""Where the ops publish themselves: functions by scope, and Tensor methods."""

from __future__ import annotations

from collections.abc import Callable

functions: dict[str, dict[str, Callable]] = {}
methods: dict[str, Callable] = {}
SCOPES = {  # the public module of a scope
    "torch": "torch",
    "nn.functional": "torch.nn.functional",
    "linalg": "torch.linalg",
    "fft": "torch.fft",
    "special": "torch.special",
}


def add(name, forms: dict[str, Callable], as_method, *, scope, method) -> None:
    """Publish ``forms`` (suffix to function) of ``name``; a second time is an error.

    ``scope`` may name several public modules, separated by spaces.
    """
    for suffix, function in forms.items():
        for place in (scope or "").split():
            if not suffix or place in ("torch", "nn.functional"):
                _place(function, place)
                _put(functions.setdefault(place, {}), name + suffix, function)
        if method:
            own = method if isinstance(method, str) else name
            _put(methods, own + suffix, as_method if not suffix else function)


def _put(table: dict[str, Callable], name: str, function: Callable) -> None:
    if table.setdefault(name, function) is not function:
        raise ValueError(f"{name} is registered twice")


def _place(function: Callable, place: str) -> None:
    """Let ``function`` say where it is public: pickle finds it there."""
    if function.__module__ == "torch":
        function.__module__ = "torchlike" + (place != "torch") * f".{place}"
