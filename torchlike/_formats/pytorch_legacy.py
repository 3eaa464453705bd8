"""PyTorch's file format before version 1.6: pickles, then the storages' bytes.

magic number, protocol version, system facts, object, list of storage keys (a pickle
each); then, for each key, an 8-byte element count and the elements, little-endian.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from .pytorch_names import StorageType

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
SYSTEM = {
    "protocol_version": PROTOCOL,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}


class _Anything:
    """Stands for every object of a pickle that is only being passed over."""

    def __new__(cls, *arguments, **keywords):
        return object.__new__(cls)

    def _ignore(self, *arguments, **keywords) -> None:
        pass

    def __call__(self, *arguments, **keywords) -> _Anything:
        return self

    __setstate__ = append = extend = add = __setitem__ = __init__ = _ignore


class _Surveyor(pickle.Unpickler):
    """Passes over a pickle, imports and calls nothing, notes the storages."""

    def __init__(self, file: BinaryIO, names: Mapping[str, Any]):
        super().__init__(file, encoding="latin1")
        self.names = names
        self.item_sizes: dict[str, int] = {}

    def find_class(self, module: str, name: str) -> Any:
        found = self.names.get(f"{module}.{name}")
        return found if isinstance(found, StorageType) else _Anything

    def persistent_load(self, identifier: Any) -> None:
        if isinstance(identifier, tuple) and len(identifier) > 2:
            kind, key = identifier[1:3]
            if isinstance(kind, StorageType):
                size = kind.dtype.itemsize if kind.dtype else 1
                self.item_sizes[str(key)] = size


def read_storages(file: BinaryIO, names: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The bytes of each storage; leaves the file at its end."""
    surveyor = _Surveyor(file, names)
    surveyor.load()
    keys = _Surveyor(file, names).load()
    return {str(key): _read_one(file, surveyor.item_sizes[str(key)]) for key in keys}


def _read_one(file: BinaryIO, item_size: int) -> np.ndarray:
    (count,) = struct.unpack("<q", _exactly(file, 8))
    return np.frombuffer(_exactly(file, count * item_size), np.uint8)


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size) if size >= 0 else b""
    if len(data) != size:
        raise RuntimeError(
            f"unexpected EOF, expected {size - len(data)} more bytes. The file might "
            "be corrupted."
        )
    return data
