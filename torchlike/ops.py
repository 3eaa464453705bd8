"""``torch.ops``: operators that ``torch.library`` registered, and a few of ``aten``."""

from __future__ import annotations

from . import _gaps, library
from ._ops import _registry
from ._tensor import Tensor

loaded_libraries: set[str] = set()


def load_library(path: str) -> None:
    """Libraries of PyTorch's C++ operators cannot be loaded."""
    raise OSError(
        f"torch.ops.load_library: {path} needs PyTorch's C++, which torchlike does not "
        "have (docs/differences.md)"
    )


class _Packet:
    """A kernel by its name in ``aten``; its overloads all do the same."""

    def __init__(self, name: str, function, overload: str = "") -> None:
        self._name, self._function, self._overload = name, function, overload
        self.__name__ = name + "." * bool(overload) + overload

    def __call__(self, *args, **kwargs):
        return self._function(*args, **kwargs)

    def __getattr__(self, overload: str):
        if overload.startswith("_") or self._overload:
            raise AttributeError(overload)
        made = _Packet(self._name, self._function, overload)
        self.__dict__[overload] = made
        return made

    def __repr__(self) -> str:
        return f"aten.{self.__name__}"


def _lacking(name: str):
    def kernel(*args, **kwargs):
        raise NotImplementedError(f"torch.ops.aten.{name} (docs/differences.md)")

    return kernel


def _to_copy(self, **options):
    return self.to(**options, copy=True)


# Kernels under other names than their functions, and two that packages only name.
_OTHERS = {
    "_to_copy": _to_copy,
    "_pin_memory": lambda self, device=None: self.pin_memory(device),
    "alias": lambda self: self.view_as(self),
    "index": lambda self, indices: self[tuple(indices)],
    "_local_scalar_dense": lambda self: self.item(),
    "_unsafe_view": lambda self, size: self.reshape(size),
} | {name: _lacking(name) for name in ("_sparse_mm_reduce_impl", "_sparse_addmm")}


def _aten(name: str) -> _Packet | None:
    """The kernel of a function or method of this name."""
    function = _OTHERS.get(name) or _registry.functions["torch"].get(name)
    if function is None and not name.startswith("__"):
        function = _registry.functions["nn.functional"].get(name)
        function = function or getattr(Tensor, name, None)
    return _Packet(name, function) if callable(function) else None


class _Namespace:
    """One namespace; its operators may be registered later."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str):
        held = library._namespaces.get(self._name)
        if held is not None and hasattr(held, name):
            return getattr(held, name)
        own = _registry.functions.get(f"ops.{self._name}", {})
        if name in own:
            return own[name]
        found = self._name == "aten" and _aten(name)
        if found:
            self.__dict__[name] = found
            return found
        raise _gaps.missing(name, f"torch.ops.{self._name}")


def __getattr__(name: str):
    if name.startswith("__"):
        raise AttributeError(name)
    made = globals()[name] = _Namespace(name)
    return made
