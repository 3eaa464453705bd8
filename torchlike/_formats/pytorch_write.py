"""Write the files PyTorch's ``torch.load`` reads, without PyTorch.

The object becomes a pickle in which tensors are calls of PyTorch's rebuild functions
on named storages; the storages' bytes are records of their own. Nothing of PyTorch is
imported to be named, which is why the pickler is the one written in Python: the C
one looks every name up.
"""

from __future__ import annotations

import collections
import hashlib
import io
import pickle
import struct
import sys
import zipfile
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from .. import _devices, _dtypes
from . import pytorch_legacy as legacy
from .stored import STORAGE_OF_DTYPE, UNTYPED, Storage, StoredTensor

ALIGNMENT = 64  # bytes; lets a reader map records into memory
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same object gives the same file
_LIBRARY = __name__.partition(".")[0]
_TWINS = (f"{_LIBRARY}.nn.modules.", f"{_LIBRARY}.optim.")  # modules PyTorch has too
_ATOMS = (str, bytes, int, float, complex, bool, type(None))
Describe = Callable[[Any], StoredTensor | None]
Sizes = Callable[[Any], bool]


class _Name:
    """A global name of PyTorch's, written as such."""

    def __init__(self, module: str, name: str):
        self.module, self.name = module, name

    def __call__(self, *arguments: Any) -> Any:
        raise TypeError("a name to be written, not called")


class _Slot:
    """A storage as one tensor refers to it: under the type of its elements."""

    def __init__(self, storage: Storage, kind: str, item_size: int):
        self.storage, self.kind, self.item_size = storage, kind, item_size


_V2 = _Name("torch._utils", "_rebuild_tensor_v2")
_V3 = _Name("torch._utils", "_rebuild_tensor_v3")
_META = _Name("torch._utils", "_rebuild_meta_tensor_no_storage")
_PARAMETER = _Name("torch._utils", "_rebuild_parameter")
_PARAMETER_WITH = _Name("torch._utils", "_rebuild_parameter_with_state")
_WITH = _Name("torch._tensor", "_rebuild_from_type_v2")
_TENSOR = _Name("torch", "Tensor")
_ENCODE = _Name("_codecs", "encode")
_SIZE = _Name("torch", "Size")
_DEVICE = _Name("torch", "device")
_TYPES = {d: _Name("torch", d.name) for d in _dtypes.ALL}


class _Naming:
    """Part of a pickler; ``storages`` are then the storages it mentioned, by key."""

    def __init__(
        self, file, protocol: int, describe: Describe, is_size: Sizes, legacy: bool
    ):
        super().__init__(file, protocol)
        self.describe = describe
        self.is_size = is_size
        self.legacy = legacy
        self.storages: dict[str, _Slot] = {}
        self._keys: dict[int, str] = {}
        self._kinds: dict[str, _Name] = {}

    def persistent_id(self, obj: Any) -> tuple | None:
        if not isinstance(obj, _Slot):
            return None
        storage = obj.storage
        key = self._keys.setdefault(id(storage), str(len(self._keys)))
        if self.legacy and self.storages.get(key, obj).kind != obj.kind:
            raise RuntimeError(
                "Cannot save multiple tensors or storages that view the same data as "
                "different types"
            )
        self.storages.setdefault(key, obj)
        module = "torch.storage" if obj.kind == UNTYPED else "torch"
        kind = self._kinds.setdefault(obj.kind, _Name(module, obj.kind))
        count = storage.nbytes() // obj.item_size
        identifier = ("storage", kind, key, storage.location, count)
        return (*identifier, None) if self.legacy else identifier

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is bytes and not obj and self.proto < 3:
            return _ENCODE, ("", "latin1")  # else a name PyTorch does not allow
        if isinstance(obj, _ATOMS):
            return NotImplemented
        if isinstance(obj, _Name):
            return obj.name
        if isinstance(obj, _dtypes.dtype):
            return obj.name
        if isinstance(obj, _devices.device):
            parts = (obj.type,) if obj.index is None else (obj.type, obj.index)
            return _DEVICE, parts
        if self.is_size(obj):
            return _SIZE, (tuple(obj),)
        stored = self.describe(obj)
        return NotImplemented if stored is None else _tensor_call(stored)

    def save_global(self, obj: Any, name: str | None = None) -> None:
        target = _pytorch_name(obj)
        if target is None:
            super().save_global(obj, name)
            return
        if self.proto >= 4:
            self.save(target.module)
            self.save(target.name)
            self.write(pickle.STACK_GLOBAL)
        else:
            text = f"{target.module}\n{target.name}\n"
            self.write(pickle.GLOBAL + text.encode())
        self.memoize(obj)


def _pytorch_name(obj: Any) -> _Name | None:
    """PyTorch's name for a dtype, layer or optimizer, so that PyTorch finds its own."""
    if isinstance(obj, _Name):
        return obj
    if isinstance(obj, _dtypes.dtype):
        return _TYPES[obj]
    module = getattr(obj, "__module__", None) or ""
    if isinstance(obj, type) and module.startswith(_TWINS):
        return _Name("torch" + module.removeprefix(_LIBRARY), obj.__qualname__)
    return None


def _tensor_call(stored: StoredTensor) -> tuple:
    """The call that makes the tensor again, as (function, arguments)."""
    grad = stored.requires_grad and not stored.is_parameter
    call = _plain_tensor_call(stored, grad)
    more = () if stored.attributes is None else (stored.attributes,)
    if stored.is_parameter:
        hooks = collections.OrderedDict()
        parts = (_Call(*call), stored.requires_grad, hooks)
        return _PARAMETER_WITH if more else _PARAMETER, (*parts, *more)
    return (_WITH, (call[0], _TENSOR, call[1], *more)) if more else call


class _Call:
    """A call inside another call's arguments."""

    def __init__(self, function: Any, arguments: tuple):
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple:
        return self.function, self.arguments


def _plain_tensor_call(stored: StoredTensor, grad: bool) -> tuple:
    shape, strides = tuple(stored.shape), tuple(stored.strides)
    if stored.storage is None:
        return _META, (stored.dtype, shape, strides, grad)
    kind = STORAGE_OF_DTYPE.get(stored.dtype, UNTYPED)
    item_size = 1 if kind == UNTYPED else stored.dtype.itemsize
    slot = _Slot(stored.storage, kind, item_size)
    hooks = collections.OrderedDict()
    arguments = (slot, stored.offset, shape, strides, grad, hooks)
    return (_V3, (*arguments, stored.dtype)) if kind == UNTYPED else (_V2, arguments)


def _never(obj: Any) -> bool:
    return False


def stored_as_is(obj: Any) -> StoredTensor | None:
    """Write :class:`StoredTensor` objects, know no others."""
    return obj if isinstance(obj, StoredTensor) else None


def write(
    obj: Any,
    file: BinaryIO,
    *,
    name: str = "archive",
    describe: Describe = stored_as_is,
    is_size: Sizes = _never,
    protocol: int = 2,
    zipped: bool = True,
    pickler: type = pickle._Pickler,
) -> None:
    """Write ``obj`` to ``file``; PyTorch loads it with ``weights_only=True`` if plain.

    ``describe`` gives the stored form of a tensor and None for anything else,
    ``is_size`` knows a ``torch.Size``. ``name`` is the folder inside the archive.
    ``zipped=False`` writes the format before PyTorch 1.6. ``pickler`` is a pickler
    class written in Python.
    """
    buffer = io.BytesIO()
    kind = type("Pickler", (_Naming, pickler), {})
    writer = kind(buffer, protocol, describe, is_size, legacy=not zipped)
    writer.dump(obj)
    if zipped:
        _write_at_start(file, name, buffer.getvalue(), writer.storages)
    else:
        _write_legacy(file, buffer.getvalue(), writer.storages, protocol)


def _write_at_start(file: BinaryIO, *content: Any) -> None:
    """Count an archive's positions from its own start, as PyTorch does."""
    try:
        fresh = file.seekable() and file.tell() == 0
    except (AttributeError, OSError):
        fresh = False
    if fresh:
        _write_archive(file, *content)
        return
    buffer = io.BytesIO()
    _write_archive(buffer, *content)
    file.write(buffer.getbuffer())


def _write_archive(
    file: BinaryIO, name: str, data: bytes, storages: dict[str, _Slot]
) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        records = _Records(archive, name)
        put = records.put
        put("data.pkl", data)
        put(".format_version", b"1")
        put(".storage_alignment", str(ALIGNMENT).encode())
        put("byteorder", sys.byteorder.encode())
        for key, slot in storages.items():
            put(f"data/{key}", _bytes_of(slot))
        put("version", b"3\n")
        put(".data/serialization_id", records.identity())


class _Records:
    """Adds records to an archive, each starting at a multiple of 64 bytes."""

    def __init__(self, archive: zipfile.ZipFile, folder: str):
        self.archive, self.folder = archive, folder
        self.digest = hashlib.sha256()

    def put(self, name: str, data: bytes | memoryview) -> None:
        info = zipfile.ZipInfo(f"{self.folder}/{name}", _EPOCH)
        info.extra = self._padding(info, len(data))
        self.archive.writestr(info, data)
        info.extra = b""  # padding is of no use in the archive's directory
        self.digest.update(f"{name}:{info.CRC}".encode())

    def _padding(self, info: zipfile.ZipInfo, size: int) -> bytes:
        header = 30 + len(info.filename.encode())
        if size * 1.05 > zipfile.ZIP64_LIMIT:
            header += 20  # zipfile then adds a field of its own
        at = self.archive.fp.tell() + header + 4
        fill = -at % ALIGNMENT
        return b"FB" + struct.pack("<H", fill) + b"Z" * fill

    def identity(self) -> bytes:
        """Forty digits that depend on the names and contents."""
        return f"{int(self.digest.hexdigest(), 16) % 10**40:040d}".encode()


def _bytes_of(slot: _Slot) -> memoryview:
    return memoryview(np.ascontiguousarray(slot.storage.data))


def _write_legacy(
    file: BinaryIO, data: bytes, storages: dict[str, _Slot], protocol: int
) -> None:
    for fact in (legacy.MAGIC, legacy.PROTOCOL, legacy.SYSTEM):
        pickle.dump(fact, file, protocol=protocol)
    file.write(data)
    pickle.dump(sorted(storages), file, protocol=protocol)
    for key in sorted(storages):
        slot = storages[key]
        content = _bytes_of(slot)
        file.write(struct.pack("<q", len(content) // slot.item_size))
        file.write(content)
