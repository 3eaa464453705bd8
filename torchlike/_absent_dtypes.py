"""Dtypes that packages name, and that no tensor here can have."""

from __future__ import annotations

from . import _dtypes

_WIDTHS = {
    "c": "complex32:4",
    "f": "float8_e4m3fnuz:1 float8_e5m2fnuz:1 float8_e8m0fnu:1 float4_e2m1fn_x2:1",
    "i": "qint8:1 qint32:4 int1:1 int2:1 int3:1 int4:1 int5:1 int6:1 int7:1",
    "u": "quint8:1 quint4x2:1 quint2x4:1 uint1:1 uint2:1 uint3:1 uint4:1 uint5:1 "
    "uint6:1 uint7:1 bits8:1 bits16:2 bits1x8:1 bits2x4:1 bits4x2:1",
}


class _AbsentDtype(_dtypes.dtype):
    """A dtype that can be named and compared with; no tensor has it."""

    __slots__ = ()

    def __init__(self, name: str, itemsize: int, kind: str) -> None:
        self.name, self.itemsize = name, itemsize
        self.is_floating_point, self.is_complex = kind == "f", kind == "c"
        self.is_signed = kind in "ifc"
        self.category = _dtypes._CATEGORY[kind]

    @property
    def numpy_dtype(self):
        """There is none."""
        raise NotImplementedError(f"{self!r} (docs/differences.md)")

    def __reduce__(self):
        return (_absent_dtype, (self.name,))


def _absent_dtype(name: str) -> _AbsentDtype:
    return names[name]


names: dict[str, object] = {
    name: _AbsentDtype(name, int(width), kind)
    for kind, text in _WIDTHS.items()
    for name, width in (item.split(":") for item in text.split())
}
names["chalf"] = names["complex32"]
