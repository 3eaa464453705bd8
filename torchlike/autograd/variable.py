"""What every tensor is made of: a storage, a chain of views, autograd metadata."""

from __future__ import annotations

import itertools

import numpy as np

from .._engine import Value, from_host
from .._engine.value import Aval
from .._native import quick

_versions = itertools.count(1)
STALE, DEFERRED = -1, -2  # versions of views that no storage has


class Storage:
    """The one mutable cell: it points at a value. Views and ``detach`` share it."""

    __slots__ = ("value", "version", "__weakref__")

    def __init__(self, value: Value):
        self.value = value
        self.version = 0

    def write(self, value: Value) -> None:
        """Point at a new value; views made before see it by their version."""
        value.pinned = self.value.pinned
        self.value = value
        self.version += 1


class View:
    """How a view is computed from its base: view ops applied one after another.

    ``value`` is the view's value at ``version`` of the storage. While ``version`` is
    ``DEFERRED`` the view is not recorded yet, and ``value`` is its ``Aval``. One that
    is ``STALE`` has no value yet.
    """

    __slots__ = ("base", "steps", "version", "value", "tracked")

    def __init__(self, base, steps, version, value, tracked):
        self.base = base
        self.steps = steps
        self.version = version
        self.value = value
        self.tracked = tracked


class TensorBase:
    """State of a tensor; ``torchlike.Tensor`` adds the methods.

    A tensor is a leaf (``_node`` is None) or output ``_output_nr`` of ``_node``.
    """

    _storage: Storage
    _view: View | None = None
    _node: object | None = None
    _output_nr: int = 0
    _requires_grad: bool = False
    _grad: TensorBase | None = None
    _hooks: dict | None = None
    _after_hooks: dict | None = None
    _retains_grad: bool = False
    _leaf_alias: TensorBase | None = None

    def _value(self) -> Value:
        """The current value."""
        if self._view is None:
            return self._storage.value
        return self._fresh()

    def _aval(self) -> Aval:
        """Shape and dtype; they are known of a view that is not recorded yet."""
        view = self._view
        if view is None:
            return self._storage.value.aval
        return view.value if view.version == DEFERRED else self._fresh().aval

    def _fresh(self) -> Value:
        """The current value of a view, computed again if the storage was written."""
        view = self._view
        if view.version != self._storage.version:
            replay(self)
        return view.value


def is_deferred(tensor: TensorBase) -> bool:
    """Whether a tensor is a view of a computed one that nobody has used yet."""
    view = tensor._view
    return view is not None and view.version == DEFERRED


tensor_class: type = TensorBase

# Subclasses whose instances have ``_storage``, ``_view``, ``_node`` and
# ``_requires_grad`` in their ``__dict__``, for quick reading.
leaf_classes: set[type] = set()


def bind_tensor_class(cls: type) -> None:
    """Tell the autograd layer which class results have (called once by _tensor)."""
    global tensor_class
    tensor_class = cls


def bare(cls: type):
    """A new leaf tensor that has no storage yet.

    What every call reads is set on the instance: that is quicker than a default.
    """
    tensor = object.__new__(cls)
    tensor._view = tensor._node = None
    tensor._requires_grad = False
    return tensor


def wrap(value: Value, cls: type | None = None):
    """A new leaf tensor that owns ``value``."""
    tensor = bare(cls or tensor_class)
    tensor._storage = Storage(value)
    return tensor


_MAX_AVALS = 4096
_avals: dict = {}  # by shape and dtype of arrays met before


def of_array(array: np.ndarray):
    """A new leaf tensor on the CPU, of an array nobody else will change."""
    if quick is not None and (found := quick.of_array(array, _avals)) is not None:
        return found
    value = from_host(array)
    if len(_avals) >= _MAX_AVALS:
        _avals.clear()
    _avals[array.shape, array.dtype] = value.aval
    return wrap(value)


_replay = None


def bind_replay(function) -> None:
    """Set how a stale view is computed again (see ``autograd.views``)."""
    global _replay
    _replay = function


def replay(tensor) -> None:
    """Compute a stale view again from its base."""
    _replay(tensor)
