"""Classes and functions the user lets a ``weights_only`` load make use of."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

_LIBRARY = __name__.partition(".")[0]
_trusted: list[Any] = []


def add_safe_globals(safe_globals: list[Any]) -> None:
    """Allow these in ``torch.load(weights_only=True)``.

    Each is a class or function, or a pair (class or function, full name in files).
    """
    _trusted.extend(g for g in safe_globals if g not in _trusted)


def get_safe_globals() -> list[Any]:
    """What was allowed with :func:`add_safe_globals`."""
    return list(_trusted)


def clear_safe_globals() -> None:
    """Forget what was allowed with :func:`add_safe_globals`."""
    _trusted.clear()


@contextlib.contextmanager
def safe_globals(safe_globals: list[Any]) -> Iterator[None]:
    """Allow these inside a ``with`` block."""
    before = list(_trusted)
    add_safe_globals(safe_globals)
    try:
        yield
    finally:
        _trusted[:] = before


def trusted_names() -> dict[str, Any]:
    """The allowed objects by the names files may use for them.

    A class of this library goes by PyTorch's name for it too.
    """
    names = {}
    for entry in _trusted:
        thing, name = entry if isinstance(entry, tuple) else (entry, None)
        if name is None:
            name = f"{thing.__module__}.{thing.__qualname__}"
        if not isinstance(name, str):
            raise TypeError(
                "Expected second item in tuple to be str of callable full path, but "
                f"got: {type(name)}"
            )
        names[name] = thing
        if name.startswith(_LIBRARY + "."):
            names["torch" + name.removeprefix(_LIBRARY)] = thing
    return names
