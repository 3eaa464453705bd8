"""Write nested Python values as JSON, with tensors and arrays by name beside it.

JSON's own values stand for themselves; everything else is an object with one tag:
``{"tuple": [...]}``, ``{"dict": [[key, value], ...]}``, ``{"tensor": {...}}``. Lists,
dicts, sets and tensors met again are ``{"again": n}``, the n-th met first, so shared
and circular references are kept. Nothing in it is ever run.
"""

from __future__ import annotations

import base64
import collections
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _devices, _dtypes
from .names import Namer
from .stored import StoredTensor

_EXACT = (str, int, bool, type(None))
FACTORIES = {t.__name__: t for t in (int, float, str, list, dict, set, tuple, bool)}
FACTORIES["None"] = None


class Unstorable(TypeError):
    """An object that only a pickle could hold."""


class Encoder:
    """``encode`` gives JSON for an object; ``arrays`` are then its arrays by name."""

    def __init__(
        self,
        describe: Callable[[Any], StoredTensor | None],
        is_size: Callable[[Any], bool],
    ):
        self.describe = describe
        self.is_size = is_size
        self.arrays: dict[str, np.ndarray] = {}
        self._name = Namer()
        self._places: dict[int, str] = {}
        self._met: dict[int, int] = {}
        self._alive: list[Any] = []  # ids stay unique while their objects live

    def encode(self, value: Any, path: tuple = ()) -> Any:
        kind = type(value)
        if kind in _EXACT:
            return value
        if kind in _PLAIN:
            return _PLAIN[kind](value)
        if isinstance(value, np.generic):
            return {"numpy": self._array(np.asarray(value), path)}
        if self.is_size(value):
            return {"size": list(value)}
        if kind is tuple:
            return {"tuple": self._items(value, path)}
        return self._by_reference(value, path)

    def _by_reference(self, value: Any, path: tuple) -> Any:
        if id(value) in self._met:
            return {"again": self._met[id(value)]}
        self._met[id(value)] = len(self._met)
        self._alive.append(value)
        kind = type(value)
        if kind is list:
            return self._items(value, path)
        if kind in (set, frozenset):
            return {kind.__name__: self._items(value, path)}
        if kind in _MAPPINGS:
            return self._mapping(value, path)
        if kind is np.ndarray:
            return {"ndarray": self._array(value, path)}
        stored = self.describe(value)
        if stored is not None:
            return {"tensor": self._tensor(stored, path)}
        raise Unstorable(_refusal(value, path))

    def _items(self, values: Any, path: tuple) -> list:
        return [self.encode(v, (*path, i)) for i, v in enumerate(values)]

    def _mapping(self, value: dict, path: tuple) -> dict:
        pairs = [
            [self.encode(k, (*path, "key")), self.encode(v, (*path, k))]
            for k, v in value.items()
        ]
        tagged = {_MAPPINGS[type(value)]: pairs}
        attributes = getattr(value, "__dict__", None)
        if attributes:  # the _metadata of a state_dict()
            tagged["attributes"] = self.encode(dict(attributes), (*path, "attributes"))
        if type(value) is collections.defaultdict:
            tagged["factory"] = _factory_name(value.default_factory, path)
        return tagged

    def _array(self, array: np.ndarray, path: tuple) -> dict:
        try:
            dtype = _dtypes.from_numpy(array.dtype).numpy_dtype
        except TypeError:
            raise Unstorable(_refusal(array, path)) from None
        array = array.astype(dtype, copy=False)
        facts = {"dtype": array.dtype.name, "shape": list(array.shape)}
        if array.size:
            facts["array"] = self._keep(array, path)
        return facts

    def _tensor(self, stored: StoredTensor, path: tuple) -> dict:
        facts = {"dtype": stored.dtype.name, "shape": list(stored.shape)}
        if stored.storage is None:
            facts["device"] = "meta"
        else:
            facts |= self._storage(stored, path)
        if stored.requires_grad:
            facts["requires_grad"] = True
        if stored.is_parameter:
            facts["parameter"] = True
        if stored.attributes:
            facts["attributes"] = self.encode(stored.attributes, (*path, "attributes"))
        return facts

    def _storage(self, stored: StoredTensor, path: tuple) -> dict:
        storage = stored.storage
        facts = {} if storage.location == "cpu" else {"device": storage.location}
        if not stored.is_whole:
            facts |= {"strides": list(stored.strides), "offset": stored.offset}
        if not len(storage):
            return facts
        if id(storage) not in self._places:
            whole = stored.is_whole
            array = stored.array() if whole else storage.typed(stored.dtype)
            self._places[id(storage)] = self._keep(array, path)
            self._alive.append(storage)
        return {**facts, "array": self._places[id(storage)]}

    def _keep(self, array: np.ndarray, path: tuple) -> str:
        name = self._name(path)
        self.arrays[name] = array
        return name


def _float(value: float) -> Any:
    return value if math.isfinite(value) else {"float": repr(value)}


def _bytes(value: bytes | bytearray) -> str:
    return base64.b64encode(value).decode()


_MAPPINGS = {
    dict: "dict",
    collections.OrderedDict: "ordered_dict",
    collections.Counter: "counter",
    collections.defaultdict: "default_dict",
}
_PLAIN: dict[type, Callable[[Any], Any]] = {
    float: _float,
    complex: lambda v: {"complex": [_float(v.real), _float(v.imag)]},
    bytes: lambda v: {"bytes": _bytes(v)},
    bytearray: lambda v: {"bytearray": _bytes(v)},
    _dtypes.dtype: lambda v: {"torch_dtype": v.name},
    _devices.device: lambda v: {"torch_device": str(v)},
}


def _factory_name(factory: Any, path: tuple) -> str:
    for name, known in FACTORIES.items():
        if factory is known:
            return name
    raise Unstorable(_refusal(factory, path))


def _refusal(value: Any, path: tuple) -> str:
    where = "".join(f"[{p!r}]" for p in path)
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if hasattr(value, "state_dict"):
        advice = (
            "Save its state_dict() instead and load that with load_state_dict()"
            ", or pass format='pytorch' to write a pickle of the object"
        )
    else:
        advice = (
            "It holds tensors, arrays, numbers, strings, bytes, None, lists, tuples, "
            "dicts and sets. Pass format='pytorch' to write a pickle instead"
        )
    return (
        f"torch.save cannot write an object of type {kind} (obj{where}) to an Orbax "
        f"checkpoint. {advice}; that is loaded with weights_only=False."
    )
