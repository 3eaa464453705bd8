"""Read the files PyTorch's ``torch.save`` writes: the zip format and the older one.

By default nothing in a file is run (:mod:`.unpickle`). ``full=True`` unpickles
ordinarily, for files from a source one trusts; PyTorch is not imported then either:
its names mean torchlike's.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np

from . import pytorch_legacy as legacy
from .archive import CORRUPTED, Archive, is_zip
from .pytorch_full import full_unpickler
from .pytorch_names import Names, StorageType
from .stored import Maker, PlainMaker, Storage
from .unpickle import SafeUnpickler


def read(
    file: BinaryIO,
    *,
    maker: Maker | None = None,
    place: Callable[[Storage], Storage] = lambda storage: storage,
    trusted: Mapping[str, Any] | None = None,
    full: bool = False,
    pickle_module: Any = pickle,
    encoding: str = "utf-8",
    mmap: str | None = None,
) -> Any:
    """The object saved in ``file``, read from its position on.

    ``maker`` builds tensors, ``place`` says where a storage goes, ``trusted`` are
    further names that may be called, ``mmap`` is the file's path if its tensors are
    to be mapped rather than read.
    """
    reader = _Reader(maker or PlainMaker(), place, trusted or {}, encoding)
    if full:
        reader.pickle_module = pickle_module
    if is_zip(file):
        return reader.zip(file, mmap)
    if mmap is not None:
        raise RuntimeError(
            "mmap can only be used with files saved with "
            "`torch.save(_use_new_zipfile_serialization=True), please torch.save your "
            "checkpoint with this option in order to use mmap."
        )
    return reader.old(file)


class _Reader:
    def __init__(self, maker: Maker, place, trusted: Mapping[str, Any], encoding: str):
        self.allowed = Names(maker).table
        self.place = place
        self.trusted = trusted
        self.encoding = encoding
        self.pickle_module = None  # set for ordinary unpickling
        self.storages: dict[str, Storage] = {}
        self.swapped = False
        self.read_bytes: Callable[[str], np.ndarray]

    # ----- the zip format -----

    def zip(self, file: BinaryIO, mmap: str | None) -> Any:
        archive = Archive(file)
        order = archive.record("byteorder", b"little")
        if order not in (b"little", b"big"):
            raise ValueError(f"Unknown endianness type: {order!r}")
        self.swapped = order != sys.byteorder.encode()
        self.read_bytes = lambda key: (
            archive.mapped(f"data/{key}", mmap)
            if mmap
            else archive.array(f"data/{key}")
        )
        return self.unpickle(io.BytesIO(archive.record("data.pkl")))

    # ----- the format before PyTorch 1.6 -----

    def old(self, file: BinaryIO) -> Any:
        if self.unpickle(file) != legacy.MAGIC:
            raise RuntimeError("Invalid magic number; corrupt file?")
        if self.unpickle(file) != legacy.PROTOCOL:
            raise RuntimeError(f"Invalid protocol version: {legacy.PROTOCOL} expected")
        self.unpickle(file)  # sizes of C types on the writer's machine
        self.swapped = sys.byteorder != "little"
        start = file.tell()
        # The bytes come after the object that needs them.
        data = legacy.read_storages(file, self.allowed)
        end = file.tell()
        self.read_bytes = data.__getitem__
        file.seek(start)
        result = self.unpickle(file)
        file.seek(end)
        return result

    # ----- both -----

    def unpickle(self, file: BinaryIO) -> Any:
        if self.pickle_module is None:
            return SafeUnpickler(
                file, self.allowed, self.trusted, self.storage, self.encoding
            ).load()
        return full_unpickler(self, file, self.pickle_module).load()

    def storage(self, identifier: tuple) -> tuple[Storage, Any]:
        """The storage an identifier names, with the dtype it is to be read as."""
        _, kind, key, location, count = identifier[:5]
        if not isinstance(kind, StorageType) or count < 0:
            raise pickle.UnpicklingError(f"unknown storage {identifier!r}")
        key, location = _text(key), _text(location)
        if key not in self.storages:
            self.storages[key] = self._load(kind, key, location, count)
        storage = self.storages[key]
        view = identifier[5] if len(identifier) > 5 else None
        if view is not None:
            raise NotImplementedError("torchlike cannot load views of storages")
        return storage, kind.dtype

    def _load(self, kind: StorageType, key: str, location: str, count: int) -> Storage:
        size = count * (kind.dtype.itemsize if kind.dtype else 1)
        data = self.read_bytes(key) if count else np.empty(0, np.uint8)
        if data.size < size:
            raise RuntimeError(
                f"PytorchStreamReader failed reading file data/{key}: {data.size} "
                f"bytes where {size} were expected. {CORRUPTED}"
            )
        return self.place(Storage(data[:size], location, self.swapped))


def _text(value: Any) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)
