"""``torch.types``: the names PyTorch's annotations use."""

from __future__ import annotations

import builtins
import os
from collections.abc import Sequence
from typing import IO, Any, TypeAlias

from ._devices import device as _device_type
from ._dtypes import dtype as _dtype_type
from ._dtypes import layout as _layout_type
from ._size import Size
from ._tensor import Tensor, UntypedStorage

_int = builtins.int
_float = builtins.float
_bool = builtins.bool
_complex = builtins.complex
_dtype = _dtype_type
_device = _device_type
_layout = _layout_type
_qscheme = Any

Number: TypeAlias = int | float | bool
_Number = (int, float, bool)
PySymType: TypeAlias = int | float | bool
IntLikeType: TypeAlias = int
FloatLikeType: TypeAlias = float
BoolLikeType: TypeAlias = bool
FileLike: TypeAlias = str | os.PathLike[str] | IO[bytes]
Device: TypeAlias = _device_type | str | int | None
Storage: TypeAlias = UntypedStorage
_size: TypeAlias = Size | list[int] | tuple[int, ...]
_symsize: TypeAlias = Size | Sequence[int]
_dispatchkey: TypeAlias = str
_TensorOrTensors: TypeAlias = Tensor | Sequence[Tensor]
_TensorOrTensorsOrGradEdge: TypeAlias = Tensor | Sequence[Tensor]
_TensorOrOptionalTensors: TypeAlias = Tensor | Sequence[Tensor | None]

__all__ = ["Number", "Device", "FileLike", "Storage"]
