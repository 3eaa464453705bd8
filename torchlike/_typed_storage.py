"""``tensor.storage()`` and ``torch.FloatStorage``: all elements of a storage in a row.

PyTorch keeps them for old scripts; tensors themselves do all they can do.
"""

from __future__ import annotations

import operator
import warnings

from . import _dtypes
from ._ops import _registry
from ._tensor import Tensor, UntypedStorage

_torch = _registry.functions["torch"]
_DEPRECATED = (
    "TypedStorage is deprecated. It will be removed in the future and UntypedStorage "
    "will be the only storage class. This should only matter to you if you are using "
    "storages directly.  To access UntypedStorage directly, use "
    "tensor.untyped_storage() instead of tensor.storage()"
)


class _Kinds(type):
    """``isinstance(storage, torch.FloatStorage)`` asks for the dtype."""

    def __instancecheck__(cls, instance) -> bool:
        if not issubclass(type(instance), TypedStorage):
            return False
        own = cls.__dict__.get("dtype")
        return not isinstance(own, _dtypes.dtype) or own is instance.dtype


class TypedStorage(metaclass=_Kinds):
    """The elements of a tensor's storage, of one dtype."""

    def __init__(self, data=0, *, dtype=None, device=None):
        dtype = dtype or _dtypes.get_default_dtype()
        if isinstance(data, int):
            self._flat = _torch["empty"](data, dtype=dtype, device=device)
        else:
            self._flat = _torch["tensor"](list(data), dtype=dtype, device=device)

    @classmethod
    def _of(cls, tensor: Tensor) -> TypedStorage:
        """The storage that ``tensor`` shows, or a part of it."""
        made = object.__new__(TypedStorage)
        count = tensor.untyped_storage().nbytes() // tensor.itemsize
        made._flat = tensor.detach().as_strided((count,), (1,), 0)
        return made

    @property
    def dtype(self):
        """The dtype of the elements."""
        return self._flat.dtype

    @property
    def device(self):
        """Where they are."""
        return self._flat.device

    @property
    def is_cuda(self) -> bool:
        """Whether they are on a GPU."""
        return self._flat.is_cuda

    def __len__(self) -> int:
        return self._flat.numel()

    size = __len__

    def element_size(self) -> int:
        """Bytes of an element."""
        return self._flat.itemsize

    def nbytes(self) -> int:
        """Bytes of all."""
        return self.size() * self.element_size()

    def data_ptr(self) -> int:
        """The address of the first element, as ``Tensor.data_ptr``."""
        return self._flat.data_ptr()

    def untyped(self) -> UntypedStorage:
        """The storage without its dtype."""
        return self._flat.untyped_storage()

    def type(self, dtype=None):
        """The name of the type, or the elements in another."""
        if dtype is None:
            return f"torch.{_name(self.dtype)}"
        kind = dtype if isinstance(dtype, _dtypes.dtype) else KINDS[_last(dtype)].dtype
        return self._of(self._flat.to(kind))

    # ----- elements ------------------------------------------------------------------
    @property
    def _storage(self):
        return self._flat._storage

    def _place(self, index) -> int:
        try:
            place = operator.index(index)
        except TypeError:
            raise RuntimeError(
                f"can't index a <class 'torch.storage.TypedStorage'> with {type(index)}"
            ) from None
        if not -len(self) <= place < len(self):
            raise IndexError(
                f"index {index} out of range for storage of size {len(self)}"
            )
        return place

    def __getitem__(self, index):
        if isinstance(index, slice):
            raise RuntimeError(
                "slices are only supported in UntypedStorage.__getitem__"
            )
        return self._flat[self._place(index)].item()

    def __setitem__(self, index, value) -> None:
        if not isinstance(index, slice):
            index = self._place(index)
        self._flat[index] = value

    def __iter__(self):
        return iter(self.tolist())

    def tolist(self) -> list:
        """The elements as Python numbers."""
        return self._flat.tolist()

    def fill_(self, value) -> TypedStorage:
        """Set each element."""
        self._flat.fill_(value)
        return self

    def copy_(self, source: TypedStorage, non_blocking=None) -> TypedStorage:
        """Take the elements of another storage."""
        self._flat.copy_(source._flat)
        return self

    # ----- copies --------------------------------------------------------------------
    def clone(self) -> TypedStorage:
        """A copy."""
        return self._of(self._flat.clone())

    def cpu(self) -> TypedStorage:
        """The elements on the CPU."""
        return self._of(self._flat.cpu())

    def cuda(self, device=None, non_blocking=False) -> TypedStorage:
        """The elements on a GPU."""
        return self._of(self._flat.cuda(device))

    def share_memory_(self) -> TypedStorage:
        """Accepted: tensors travel by copy."""
        return self

    def pin_memory(self, device=None) -> TypedStorage:
        """Accepted."""
        return self

    def __str__(self) -> str:
        text = f"torch.storage.TypedStorage(dtype={self.dtype}, device={self.device})"
        lines = "\n ".join(str(x) for x in self)
        return f" {lines}\n[{text} of size {len(self)}]"

    __repr__ = __str__


def _name(dtype: _dtypes.dtype) -> str:
    return f"{_dtypes.scalar_type_name(dtype)}Storage"


def _last(kind) -> str:
    name = kind if isinstance(kind, str) else kind.__name__
    return name.rpartition(".")[2]


def _kind(dtype: _dtypes.dtype) -> type:
    def __init__(self, data=0, *, device=None):
        TypedStorage.__init__(self, data, dtype=dtype, device=device)

    body = {"__module__": "torch", "__init__": __init__, "dtype": dtype}
    return _Kinds(_name(dtype), (TypedStorage,), body)


def storage(self) -> TypedStorage:
    """The storage (deprecated in PyTorch too: ``untyped_storage`` tells them apart)."""
    warnings.warn(_DEPRECATED, stacklevel=2)
    return TypedStorage._of(self)


def storage_type(self) -> type:
    """The class of ``storage()``."""
    return KINDS[_name(self.dtype)]


_OLD = (
    "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 "
    "complex128"
).split()
KINDS = {k.__name__: k for k in (_kind(d) for d in _dtypes.ALL if d.name in _OLD)}
globals().update(KINDS)
_CASTS = _dtypes.ALIASES | {
    "byte": _dtypes.uint8,
    "char": _dtypes.int8,
    "bool": _dtypes.bool_,
    "bfloat16": _dtypes.bfloat16,
}
for _own, _dtype in _CASTS.items():
    if not hasattr(TypedStorage, _own):
        setattr(TypedStorage, _own, lambda self, dtype=_dtype: self.type(dtype))
Tensor.storage, Tensor.storage_type = storage, storage_type
