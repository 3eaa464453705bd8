"""PyTorch's dtypes, their JAX counterparts and the promotion rules.

One immutable ``dtype`` object per type, compared by identity, so it can stand in
cache keys. ``numpy_dtype`` is what JAX and NumPy call the same type.
"""

from __future__ import annotations

import ml_dtypes
import numpy as np

_CATEGORY = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}


class dtype:
    """A tensor element type, such as ``torch.float32``."""

    __slots__ = (
        "name",
        "numpy_dtype",
        "itemsize",
        "is_floating_point",
        "is_complex",
        "is_signed",
        "category",
    )

    def __init__(self, name: str, numpy_type: type, kind: str):
        self.name = name
        self.numpy_dtype = np.dtype(numpy_type)
        self.itemsize = self.numpy_dtype.itemsize
        self.is_floating_point = kind == "f"
        self.is_complex = kind == "c"
        self.is_signed = kind in "ifc"
        self.category = _CATEGORY[kind]

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self):
        return (_by_name, (self.name,))

    def to_complex(self) -> dtype:
        """The complex type whose parts have this type."""
        return _TO_COMPLEX.get(self, complex64) if not self.is_complex else self

    def to_real(self) -> dtype:
        """The type of the parts of this complex type."""
        return _TO_REAL.get(self, self)


bool_ = dtype("bool", np.bool_, "b")
uint8 = dtype("uint8", np.uint8, "u")
int8 = dtype("int8", np.int8, "i")
int16 = dtype("int16", np.int16, "i")
int32 = dtype("int32", np.int32, "i")
int64 = dtype("int64", np.int64, "i")
uint16 = dtype("uint16", np.uint16, "u")
uint32 = dtype("uint32", np.uint32, "u")
uint64 = dtype("uint64", np.uint64, "u")
float16 = dtype("float16", np.float16, "f")
bfloat16 = dtype("bfloat16", ml_dtypes.bfloat16, "f")
float32 = dtype("float32", np.float32, "f")
float64 = dtype("float64", np.float64, "f")
complex64 = dtype("complex64", np.complex64, "c")
complex128 = dtype("complex128", np.complex128, "c")
float8_e4m3fn = dtype("float8_e4m3fn", ml_dtypes.float8_e4m3fn, "f")
float8_e5m2 = dtype("float8_e5m2", ml_dtypes.float8_e5m2, "f")

ALL = (
    *(bool_, uint8, int8, int16, int32, int64, uint16, uint32, uint64),
    *(float16, bfloat16, float32, float64, complex64, complex128),
    *(float8_e4m3fn, float8_e5m2),
)
ALIASES = {
    "float": float32,
    "double": float64,
    "half": float16,
    "short": int16,
    "int": int32,
    "long": int64,
    "cfloat": complex64,
    "cdouble": complex128,
}
_NAMES = {d.name: d for d in ALL}
_FROM_NUMPY = {d.numpy_dtype: d for d in ALL}
_FROM_PYTHON = {bool: bool_, int: int64, float: float64, complex: complex128}
_TO_COMPLEX = {float32: complex64, float64: complex128}
_TO_REAL = {complex64: float32, complex128: float64}


def _by_name(name: str) -> dtype:
    return _NAMES[name]


def from_numpy(numpy_dtype) -> dtype:
    """The dtype of a NumPy or JAX array's ``dtype``."""
    try:
        return _FROM_NUMPY[numpy_dtype]
    except KeyError:
        pass
    found = _FROM_NUMPY.get(np.dtype(numpy_dtype).newbyteorder("="))
    if found is None:
        raise TypeError(
            f"can't convert np.ndarray of type {numpy_dtype}. The only supported types "
            "are: float64, float32, float16, complex64, complex128, int64, int32, "
            "int16, int8, uint64, uint32, uint16, uint8, and bool."
        )
    return found


def as_dtype(value) -> dtype:
    """Accept a dtype or a Python type (``float`` is ``float64`` as in PyTorch)."""
    if isinstance(value, dtype):
        return value
    found = _FROM_PYTHON.get(value) or getattr(value, "tensor_dtype", None)
    if found is None:
        raise TypeError(f"expected a torch.dtype, but got {value!r}")
    return found


def _promotion_table() -> dict[tuple[dtype, dtype], dtype]:
    """PyTorch's lattice for two tensors of the same category rank."""
    table = {}
    floats = (float16, bfloat16, float32, float64)
    ints = (int8, int16, int32, int64)
    for a in ALL:
        for b in ALL:
            table[a, b] = _promote_pair(a, b, floats, ints)
    return table


def _promote_pair(a, b, floats, ints):
    if a is b:
        return a
    if a.category < b.category:
        a, b = b, a
    if a.is_complex:
        part = b if b.is_floating_point else b.to_real() if b.is_complex else None
        wide = part is float64 or a is complex128
        return complex128 if wide else complex64
    if a.is_floating_point:
        if b.category < 2:
            return a
        if a not in floats or b not in floats:
            return None
        if {a, b} == {float16, bfloat16}:
            return float32
        return floats[max(floats.index(a), floats.index(b))]
    if b is bool_:
        return a
    if a in ints and b in ints:
        return ints[max(ints.index(a), ints.index(b))]
    unsigned, signed = (a, b) if not a.is_signed else (b, a)
    if signed.is_signed and unsigned is uint8:
        return int16 if signed is int8 else signed
    return None


_TABLE = _promotion_table()


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest type that both convert to, as ``torch.promote_types``.

    **Source** https://pytorch.org/docs/stable/tensor_attributes.html
    """
    result = _TABLE[type1, type2]
    if result is None:
        raise RuntimeError(
            f"Promotion for {name_of(type1)} and {name_of(type2)} is not supported, "
            "attempted to promote "
            f"{scalar_type_name(type1)} and {scalar_type_name(type2)}"
        )
    return result


_SCALAR_TYPE_NAMES = {
    "bool": "Bool",
    "uint8": "Byte",
    "int8": "Char",
    "int16": "Short",
    "int32": "Int",
    "int64": "Long",
    "uint16": "UInt16",
    "uint32": "UInt32",
    "uint64": "UInt64",
    "float16": "Half",
    "bfloat16": "BFloat16",
    "float32": "Float",
    "float64": "Double",
    "complex64": "ComplexFloat",
    "complex128": "ComplexDouble",
    "float8_e4m3fn": "Float8_e4m3fn",
    "float8_e5m2": "Float8_e5m2",
}


def scalar_type_name(d: dtype) -> str:
    """The name used in PyTorch's error texts, such as ``Long``."""
    return _SCALAR_TYPE_NAMES[d.name]


def name_of(d: dtype) -> str:
    """As in ``torch.promote_types`` errors."""
    return d.name


_default = float32


def get_default_dtype() -> dtype:
    """The floating type of new tensors made from Python floats."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Set it; what is recorded depends on it, so callers go through ``_settings``."""
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


def default_for_kind(kind: type) -> dtype:
    """The dtype of a tensor made from Python numbers of type ``kind``."""
    if kind is float:
        return _default
    if kind is complex:
        return complex128 if _default is float64 else complex64
    return _FROM_PYTHON[kind]


def result_type(tensors, zero_dim, numbers) -> dtype:
    """Combine the dtypes of dimensioned and 0-d tensors and of Python number types.

    A lower-priority group counts only when its category (bool, integer, floating,
    complex) is above that of the groups before it.
    """
    result = None
    for group in (tensors, zero_dim, [default_for_kind(k) for k in numbers]):
        own = None
        for d in group:
            own = d if own is None else promote_types(own, d)
        if own is None:
            continue
        if result is None:
            result = own
        elif own.category > result.category:
            if own.is_complex and result.is_floating_point:
                result = result.to_complex() if result.itemsize >= 4 else complex64
            else:
                result = own
    return result if result is not None else _default


class layout:
    """How elements are stored."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"


strided = layout("strided")
sparse_coo = layout("sparse_coo")
sparse_csr = layout("sparse_csr")
sparse_csc = layout("sparse_csc")
sparse_bsr = layout("sparse_bsr")
sparse_bsc = layout("sparse_bsc")
jagged = layout("jagged")


class memory_format:
    """Accepted wherever PyTorch takes one; tensors are always contiguous here."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"
