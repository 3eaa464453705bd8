"""What the names inside PyTorch's checkpoints stand for here, without PyTorch.

``Names.table`` is the allow-list: everything in it builds plain data or tensors.
"""

from __future__ import annotations

import collections
import pickle
from typing import Any

from .. import _devices, _dtypes
from .stored import DTYPE_OF_STORAGE, Maker, Storage, StoredTensor, set_attributes

_UTILS = "torch._utils."
_GAPS = {
    "_rebuild_qtensor": "quantized tensors",
    "_rebuild_sparse_tensor": "sparse tensors",
    "_rebuild_nested_tensor": "nested tensors",
    "_rebuild_wrapper_subclass": "wrapper subclasses of Tensor",
    "_rebuild_device_tensor_from_numpy": "tensors of other devices (XLA, MAIA)",
    "_rebuild_device_tensor_from_cpu_tensor": "tensors of other devices (XLA, MAIA)",
}
_ENCODINGS = ("latin1", "latin-1", "ascii", "utf-8")


class StorageType:
    """``torch.FloatStorage`` and its kin; ``dtype`` is None for untyped bytes."""

    def __init__(self, name: str):
        self.name = name
        self.dtype = DTYPE_OF_STORAGE[name]

    def __repr__(self) -> str:
        return f"torch.{self.name}"


class TypeName:
    """A class a checkpoint may mention, though not call."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return self.name


class Names:
    """The table of allowed names, for one reader with its ``maker`` of objects."""

    def __init__(self, maker: Maker):
        self.maker = maker
        self.table: dict[str, Any] = {
            "collections.OrderedDict": collections.OrderedDict,
            "collections.Counter": collections.Counter,
            "builtins.set": set,
            "builtins.bytes": lambda: b"",  # how protocol 2 writes empty bytes
            "builtins.bytearray": bytearray,
            "builtins.complex": complex,
            "_codecs.encode": encode,
            "torch.Size": lambda sizes=(): maker.size(tuple(sizes)),
            "torch.device": _devices.device,
            "torch.Tensor": TypeName("torch.Tensor"),
            "torch.nn.parameter.Parameter": TypeName("torch.nn.Parameter"),
            "torch._tensor._rebuild_from_type_v2": self._from_type,
        }
        self._add_types()
        self._add_rebuilders()

    def _add_types(self) -> None:
        self.table |= {f"torch.{d.name}": d for d in _dtypes.ALL}
        for name in DTYPE_OF_STORAGE:
            kind = StorageType(name)
            for module in ("torch", "torch.storage", "torch.cuda"):
                self.table[f"{module}.{name}"] = kind

    def _add_rebuilders(self) -> None:
        self.table |= {
            _UTILS + "_rebuild_tensor": self._tensor_v1,
            _UTILS + "_rebuild_tensor_v2": self._tensor_v2,
            _UTILS + "_rebuild_tensor_v3": self._tensor_v3,
            _UTILS + "_rebuild_meta_tensor_no_storage": self._meta,
            _UTILS + "_rebuild_parameter": self._parameter,
            _UTILS + "_rebuild_parameter_with_state": self._parameter_with_state,
        }
        self.table |= {_UTILS + name: _gap(what) for name, what in _GAPS.items()}

    # ----- tensors -----

    def _tensor_v1(self, storage, offset, shape, strides):
        return self._tensor_v2(storage, offset, shape, strides, False, None)

    def _tensor_v2(
        self, storage, offset, shape, strides, requires_grad, hooks, metadata=None
    ):
        return self._tensor(*storage, offset, shape, strides, requires_grad, metadata)

    def _tensor_v3(
        self,
        storage,
        offset,
        shape,
        strides,
        requires_grad,
        hooks,
        dtype,
        metadata=None,
    ):
        return self._tensor(
            storage[0], dtype, offset, shape, strides, requires_grad, metadata
        )

    def _tensor(self, storage, dtype, offset, shape, strides, requires_grad, metadata):
        if not isinstance(dtype, _dtypes.dtype) or not isinstance(storage, Storage):
            raise pickle.UnpicklingError("a tensor without a storage or a dtype")
        stored = StoredTensor(
            storage, dtype, offset, tuple(shape), tuple(strides), bool(requires_grad)
        )
        return self.maker.tensor(_resolved(stored, metadata or {}))

    def _meta(self, dtype, shape, strides, requires_grad):
        return self.maker.tensor(
            StoredTensor(None, dtype, 0, tuple(shape), tuple(strides), requires_grad)
        )

    def _parameter(self, data, requires_grad, hooks):
        return self.maker.parameter(data, bool(requires_grad))

    def _parameter_with_state(self, data, requires_grad, hooks, state):
        return _with_attributes(self._parameter(data, requires_grad, hooks), state)

    def _from_type(self, function, kind, arguments, state):
        """A tensor that carries attributes, such as an ``nn.Buffer``."""
        if not any(function is v for v in self.table.values()):
            raise pickle.UnpicklingError(
                f"Trying to call reduce for unrecognized function {function!r}"
            )
        return _with_attributes(function(*arguments), state)


def encode(text: str, encoding: str = "latin1") -> bytes:
    """``_codecs.encode``, which protocol 2 writes bytes with; text encodings only."""
    if encoding not in _ENCODINGS:
        raise pickle.UnpicklingError(f"Unsupported encoding {encoding!r}")
    return text.encode(encoding)


def _gap(what: str):
    def refuse(*arguments):
        raise NotImplementedError(f"torchlike cannot load {what}")

    return refuse


def _resolved(stored: StoredTensor, metadata: dict) -> StoredTensor:
    """Carry out the lazy conjugation or negation a view was saved with."""
    if not (metadata.get("conj") or metadata.get("neg")):
        return stored
    array = stored.array()
    array = array.conj() if metadata.get("conj") else array
    array = -array if metadata.get("neg") else array
    return StoredTensor.of(
        array, stored.storage.location, requires_grad=stored.requires_grad
    )


def _with_attributes(tensor: Any, state: Any) -> Any:
    state = state[0] if isinstance(state, tuple) and state else state
    return set_attributes(tensor, state or {})
