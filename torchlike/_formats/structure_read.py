"""Read what :mod:`.structure_write` wrote: JSON, with tensors and arrays beside."""

from __future__ import annotations

import base64
import collections
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _devices, _dtypes
from .stored import Maker, Storage, StoredTensor, packed_strides, set_attributes
from .structure_write import FACTORIES


class Decoder:
    """``decode`` gives the object again from JSON and the arrays by name."""

    def __init__(
        self,
        arrays: dict[str, np.ndarray],
        maker: Maker,
        place: Callable[[Storage], Storage],
    ):
        self.arrays = arrays
        self.maker = maker
        self.place = place
        self._storages: dict[str, Storage] = {}
        self._met: list[Any] = []

    def decode(self, value: Any) -> Any:
        if isinstance(value, list):
            return self._filled([], value)
        if not isinstance(value, dict):
            return value
        tag = next(iter(value))
        return _READERS[tag](self, value[tag], value)

    def _filled(self, empty: Any, items: list) -> Any:
        self._met.append(empty)
        add = empty.append if isinstance(empty, list) else empty.add
        for item in items:
            add(self.decode(item))
        return empty

    def _again(self, number, facts):
        return self._met[number]

    def _float(self, text, facts=None):
        return float(text)

    def _complex(self, parts, facts):
        return complex(*(self.decode(p) for p in parts))

    def _bytes(self, text, facts):
        return base64.b64decode(text, validate=True)

    def _bytearray(self, text, facts):
        return bytearray(base64.b64decode(text, validate=True))

    def _torch_dtype(self, name, facts):
        return _dtypes._by_name(name)

    def _torch_device(self, name, facts):
        return _devices.device(name)

    def _size(self, sizes, facts):
        return self.maker.size(tuple(sizes))

    def _tuple(self, items, facts):
        return tuple(self.decode(i) for i in items)

    def _set(self, items, facts):
        return self._filled(set(), items)

    def _frozenset(self, items, facts):
        place = len(self._met)
        self._met.append(None)
        self._met[place] = frozenset(self.decode(i) for i in items)
        return self._met[place]

    def _dict(self, pairs, facts):
        return self._mapping({}, pairs, facts)

    def _ordered_dict(self, pairs, facts):
        return self._mapping(collections.OrderedDict(), pairs, facts)

    def _counter(self, pairs, facts):
        return self._mapping(collections.Counter(), pairs, facts)

    def _default_dict(self, pairs, facts):
        empty = collections.defaultdict(FACTORIES[facts["factory"]])
        return self._mapping(empty, pairs, facts)

    def _mapping(self, empty, pairs, facts):
        self._met.append(empty)
        for key, value in pairs:
            key = self.decode(key)
            empty[key] = self.decode(value)
        if "attributes" in facts:
            empty.__dict__.update(self.decode(facts["attributes"]))
        return empty

    def _numpy(self, facts, outer):
        return self._values(facts)[()]

    def _ndarray(self, facts, outer):
        self._met.append(self._values(facts))
        return self._met[-1]

    def _values(self, facts: dict) -> np.ndarray:
        if "array" in facts:
            return np.array(self.arrays[facts["array"]])
        return np.empty(facts["shape"], facts["dtype"])

    def _tensor(self, facts, outer):
        shape, dtype = tuple(facts["shape"]), _dtypes._by_name(facts["dtype"])
        strides = tuple(facts.get("strides", packed_strides(shape)))
        grad = facts.get("requires_grad", False)
        parameter = facts.get("parameter", False)
        storage = self._storage_of(facts)
        stored = StoredTensor(
            storage, dtype, facts.get("offset", 0), shape, strides, grad
        )
        tensor = self.maker.tensor(stored)
        if parameter:
            tensor = self.maker.parameter(tensor, grad)
        self._met.append(tensor)
        return set_attributes(tensor, self.decode(facts.get("attributes")) or {})

    def _storage_of(self, facts: dict) -> Storage | None:
        device = facts.get("device", "cpu")
        if device == "meta":
            return None
        if "array" not in facts:
            return self.place(Storage(np.empty(0, np.uint8), device))
        name = facts["array"]
        if name not in self._storages:
            data = np.ascontiguousarray(self.arrays[name])
            self._storages[name] = self.place(Storage(data, device))
        return self._storages[name]


_READERS: dict[str, Callable[[Decoder, Any, dict], Any]] = {
    "float": Decoder._float,
    "complex": Decoder._complex,
    "bytes": Decoder._bytes,
    "bytearray": Decoder._bytearray,
    "torch_dtype": Decoder._torch_dtype,
    "torch_device": Decoder._torch_device,
    "size": Decoder._size,
    "tuple": Decoder._tuple,
    "set": Decoder._set,
    "frozenset": Decoder._frozenset,
    "dict": Decoder._dict,
    "ordered_dict": Decoder._ordered_dict,
    "counter": Decoder._counter,
    "default_dict": Decoder._default_dict,
    "numpy": Decoder._numpy,
    "ndarray": Decoder._ndarray,
    "tensor": Decoder._tensor,
    "again": Decoder._again,
}
