"""``torch.ops``: the operators that ``torch.library`` registered, by namespace."""

from __future__ import annotations

from . import _gaps, library

loaded_libraries: set[str] = set()


def load_library(path: str) -> None:
    """Libraries of PyTorch's C++ operators cannot be loaded."""
    raise OSError(
        f"torch.ops.load_library: {path} needs PyTorch's C++, which torchlike does not "
        "have (docs/differences.md)"
    )


class _Namespace:
    """One namespace; its operators may be registered later."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str):
        held = library._namespaces.get(self._name)
        if held is not None and hasattr(held, name):
            return getattr(held, name)
        raise _gaps.missing(name, f"torch.ops.{self._name}")


def __getattr__(name: str):
    if name.startswith("__"):
        raise AttributeError(name)
    made = globals()[name] = _Namespace(name)
    return made
