"""What Flax sees of a Module: the hooks of ``nnx``'s graph protocol.

nnx walks the attributes of a module. Parameters are ``nnx.Variable``s already; buffers
and other tensors are shown as Variables that write through to the tensor. The
registries and hook tables travel as one static object.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict

from flax import nnx

from .._tensor import Tensor, from_array
from ._hooks import HOOK_TABLES
from ._registry import Registry
from .parameter import KEEP, is_contents

REGISTRIES = ("_parameters", "_buffers", "_modules")
_PRIVATE = frozenset(
    (*REGISTRIES, *HOOK_TABLES, "_non_persistent_buffers_set", "_is_full_backward_hook")
)
_LAYOUT = "_torch_layout"


# ---- tensors that are no parameters, as Variables ------------------------------------
class TensorVariable(nnx.Variable):
    """A tensor attribute shown to nnx; writes go through to the tensor."""

    __slots__ = ("_tensor", "__weakref__")

    @classmethod
    def of(cls, tensor: Tensor):
        """The Variable of ``tensor``: the same one as long as nnx holds it."""
        found = _shown.get(id(tensor))
        if found is None or type(found) is not cls:
            found = object.__new__(cls)
            found._hold(tensor)
            nnx.Variable.__init__(found, KEEP, hijax=False)
        return found

    def _hold(self, tensor) -> None:
        object.__setattr__(self, "_tensor", tensor)
        _shown[id(tensor)] = self

    def as_tensor(self) -> Tensor:
        """The tensor shown, or a new one around the array nnx put here."""
        held = _held_tensor(self)
        if held is None:
            held = from_array(self._raw_value)
            self._hold(held)
        return held

    @property
    def _raw_value(self):
        held = _held_tensor(self)
        return _slot.__get__(self) if held is None else held.__jax_array__()

    @_raw_value.setter
    def _raw_value(self, value):
        if value is KEEP:
            return
        held = _held_tensor(self)
        if held is None:
            _slot.__set__(self, value)
        elif is_contents(value):
            held.data = from_array(value)
        else:
            object.__setattr__(self, "_tensor", None)
            _slot.__set__(self, value)


class BufferVariable(TensorVariable, nnx.BatchStat):
    """A registered buffer shown to nnx; filters for ``nnx.BatchStat`` select it."""


_slot = nnx.Variable._raw_value
_shown: weakref.WeakValueDictionary[int, TensorVariable] = weakref.WeakValueDictionary()


def _held_tensor(variable) -> Tensor | None:
    try:
        return TensorVariable._tensor.__get__(variable)
    except AttributeError:
        return None


# ---- the static part -----------------------------------------------------------------
class _Layout:
    """Names of the registered members, and the hooks; compared by content."""

    def __init__(self, module):
        held = module.__dict__
        self.names = tuple(tuple(held.get(r, ())) for r in REGISTRIES)
        self.transient = frozenset(held.get("_non_persistent_buffers_set", ()))
        self.full_backward = held.get("_is_full_backward_hook")
        self.hooks = tuple(tuple(held.get(t, {}).items()) for t in HOOK_TABLES)
        self._key = (self.names, self.transient, self.full_backward, self.hooks)

    def __eq__(self, other):
        return isinstance(other, _Layout) and self._key == other._key

    def __hash__(self):
        return hash(self._key)

    def install(self, module, attributes: dict) -> None:
        held = module.__dict__
        held.update(attributes)
        held["_non_persistent_buffers_set"] = set(self.transient)
        held["_is_full_backward_hook"] = self.full_backward
        for table, items in zip(HOOK_TABLES, self.hooks, strict=True):
            held[table] = OrderedDict(items)
        for registry, names in zip(REGISTRIES, self.names, strict=True):
            members = {n: attributes[n] for n in names if n in attributes}
            held[registry] = Registry(module, members)


class _Unhashable:
    """A static attribute that cannot be hashed, compared by identity or equality."""

    def __init__(self, content):
        self.content = content

    def __hash__(self):
        return hash(type(self.content))

    def __eq__(self, other):
        if not isinstance(other, _Unhashable):
            return False
        return self.content is other.content or bool(self.content == other.content)


_NODES = (nnx.Variable, nnx.Pytree, list, tuple, dict, type(None))


def _show(module, name, item):
    if isinstance(item, Tensor) and not isinstance(item, nnx.Variable):
        is_buffer = name in module._buffers
        return (BufferVariable if is_buffer else TensorVariable).of(item)
    if isinstance(item, _NODES) or is_contents(item):
        return item
    try:
        hash(item)
    except TypeError:
        return _Unhashable(item)
    return item


def _take(item):
    if isinstance(item, TensorVariable):
        return item.as_tensor()
    return item.content if isinstance(item, _Unhashable) else item


class GraphNode:
    """nnx's graph protocol for ``nn.Module``."""

    def _graph_node_flatten(self):
        items = [
            (name, _show(self, name, item))
            for name, item in self.__dict__.items()
            if name not in _PRIVATE
        ]
        items.append((_LAYOUT, _Layout(self)))
        return sorted(items, key=lambda pair: pair[0]), type(self)

    def _graph_node_set_key(self, key, value):
        current = self.__dict__.get(key)
        if isinstance(current, Tensor) and isinstance(value, nnx.Variable):
            _show(self, key, current).update_from_state(value)
        else:
            setattr(self, key, _take(value))

    def _graph_node_pop_key(self, key):
        value = _show(self, key, self.__dict__[key])
        delattr(self, key)
        return value

    @staticmethod
    def _graph_node_create_empty(node_type):
        return object.__new__(node_type)

    def _graph_node_clear(self):
        self.__dict__.clear()

    def _graph_node_init(self, attributes):
        found = {name: _take(item) for name, item in attributes}
        found.pop(_LAYOUT).install(self, found)

    def _check_valid_context(self, error_msg) -> None:
        """Modules may be changed at any time, as in PyTorch."""
