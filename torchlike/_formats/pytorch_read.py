"""Read the files PyTorch's ``torch.save`` writes: the zip format and the older one.

By default nothing in a file is run (:mod:`.unpickle`). ``full=True`` unpickles
ordinarily, for files from a source one trusts; PyTorch is not imported then either:
its names mean torchlike's.
"""

from __future__ import annotations

import io
import pickle
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np

from . import pytorch_legacy as legacy
from .pytorch_full import full_unpickler
from .pytorch_names import Names, StorageType
from .stored import Maker, PlainMaker, Storage
from .unpickle import SafeUnpickler

_NEWEST_VERSION = 10
_ZIP_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error),
    *(NotImplementedError, RuntimeError),  # odd compression, encryption
)
_CORRUPTED = (
    "If you are seeing this error, there is a high likelihood that your checkpoint "
    "file is corrupted. This can happen if the checkpoint was not saved properly, was "
    "transferred incorrectly, or the file was modified after saving."
)


def is_zip(file: BinaryIO) -> bool:
    """Whether a zip archive starts at the file's position, which is kept."""
    start = file.tell()
    magic = file.read(4)
    file.seek(start)
    return magic == b"PK\x03\x04"


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
        self.read_bytes: Callable[[str, int], np.ndarray]

    # ----- the zip format -----

    def zip(self, file: BinaryIO, mmap: str | None) -> Any:
        with _open_archive(file) as archive:
            root = _root_of(archive)
            _check_version(archive, root)
            order = _record(archive, root, "byteorder", b"little").decode()
            self.swapped = order != sys.byteorder
            self.read_bytes = lambda key, size: (
                _mapped(archive, f"{root}/data/{key}", mmap)
                if mmap
                else np.frombuffer(_record(archive, root, f"data/{key}"), np.uint8)
            )
            return self.unpickle(io.BytesIO(_record(archive, root, "data.pkl")))

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
        self.read_bytes = lambda key, size: data[key]
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
        data = self.read_bytes(key, size) if count else np.empty(0, np.uint8)
        if data.size < size:
            raise RuntimeError(
                f"PytorchStreamReader failed reading file data/{key}: {data.size} "
                f"bytes where {size} were expected. {_CORRUPTED}"
            )
        return self.place(Storage(data[:size], location, self.swapped))


def _text(value: Any) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)


# ----- archives -----


def _open_archive(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _ZIP_DAMAGE as error:
        raise RuntimeError(
            "PytorchStreamReader failed reading zip archive: failed finding central "
            f"directory. {_CORRUPTED}"
        ) from error


def _root_of(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    first = names[0] if names else ""
    if "/" not in first:
        raise RuntimeError(
            f"file in archive is not in a subdirectory: {first}. This zip file was not "
            "written by torch.save."
        )
    root = first.split("/")[0]
    if f"{root}/constants.pkl" in names and f"{root}/data.pkl" in names:
        raise NotImplementedError(
            "torchlike cannot load TorchScript archives (torch.jit.save); "
            "torch.save the model's state_dict() instead"
        )
    return root


def _record(
    archive: zipfile.ZipFile, root: str, name: str, default: bytes | None = None
) -> bytes:
    try:
        return archive.read(f"{root}/{name}")
    except KeyError:
        if default is not None:
            return default
        raise RuntimeError(
            f"PytorchStreamReader failed locating file {name}: file not found. This "
            "zip file was not written by torch.save, or is damaged."
        ) from None
    except _ZIP_DAMAGE as error:
        raise RuntimeError(
            f"PytorchStreamReader failed reading file {name}: {error}. {_CORRUPTED}"
        ) from error


def _check_version(archive: zipfile.ZipFile, root: str) -> None:
    # Archives of PyTorch's C++ side have the version under another name, or none.
    text = _record(archive, root, "version", b"3").strip()
    if not text.isdigit() or int(text) > _NEWEST_VERSION:
        raise RuntimeError(
            f"Attempted to read a PyTorch file with version {text.decode('latin1')}, "
            "but the maximum supported version for reading is "
            f"{_NEWEST_VERSION}."
        )


def _mapped(archive: zipfile.ZipFile, name: str, path: str) -> np.ndarray:
    """A record's bytes, mapped from the file at ``path``; read where packed."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return np.frombuffer(_record(archive, *name.split("/", 1)), np.uint8)
    if info.compress_type != zipfile.ZIP_STORED:
        return np.frombuffer(archive.read(name), np.uint8)
    with open(path, "rb") as file:
        file.seek(info.header_offset + 26)
        name_size, extra_size = struct.unpack("<HH", file.read(4))
    start = info.header_offset + 30 + name_size + extra_size
    return np.memmap(path, np.uint8, "r", start, (info.file_size,))
