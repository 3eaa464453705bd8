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
from .unpickle import SafeUnpickler

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
SYSTEM = {
    "protocol_version": PROTOCOL,
    "little_endian": True,
    "type_sizes": {"short": 2, "int": 4, "long": 4},
}


class _Surveyor(SafeUnpickler):
    """Passes over a pickle, calls nothing at all, notes the storages.

    Everything made by a call is None to it.
    """

    def __init__(self, file: BinaryIO, names: Mapping[str, Any]):
        super().__init__(file, names, {}, self._note)
        self.item_sizes: dict[str, int] = {}

    def _global(self) -> None:
        found = self.names.get(f"{self._line()}.{self._line()}")
        self.stack.append(found if isinstance(found, StorageType) else None)

    def _made(self) -> None:
        self.stack.pop()  # its arguments
        self.stack[-1] = None

    def _extend(self, items: list[Any]) -> None:
        if self.stack[-1] is not None:
            super()._extend(items)

    def _set_items(self, items: list[Any], name: str) -> None:
        pass  # keys need not even be hashable

    def _note(self, identifier: tuple) -> None:
        kind, key = identifier[1:3]
        if isinstance(kind, StorageType):
            self.item_sizes[str(key)] = kind.dtype.itemsize if kind.dtype else 1

    actions = {
        **SafeUnpickler.actions,
        pickle.GLOBAL: _global,
        pickle.REDUCE: _made,
        pickle.NEWOBJ: _made,
        pickle.BUILD: lambda m: m.stack.pop(),
    }


def read_storages(file: BinaryIO, names: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The bytes of each storage; leaves the file at its end."""
    surveyor = _Surveyor(file, names)
    surveyor.load()
    keys = [str(key) for key in _Surveyor(file, names).load()]
    unknown = [key for key in keys if key not in surveyor.item_sizes]
    if unknown:
        raise pickle.UnpicklingError(f"the pickle is damaged (no storage {unknown[0]})")
    sizes = [surveyor.item_sizes[key] for key in keys]
    return {k: _read_one(file, n) for k, n in zip(keys, sizes, strict=True)}


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
