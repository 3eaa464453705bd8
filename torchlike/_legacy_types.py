"""``torch.FloatTensor`` and its like: constructors and ``isinstance`` by dtype."""

from __future__ import annotations

from . import _devices, _dtypes
from ._ops import _registry
from ._tensor import Tensor
from ._typed_storage import TypedStorage

_torch = _registry.functions["torch"]


class _TensorType(type):
    """The class of ``torch.FloatTensor``: instances are tensors of its dtype."""

    tensor_dtype: _dtypes.dtype
    kind: str

    def __instancecheck__(cls, instance) -> bool:
        return (
            isinstance(instance, Tensor)
            and instance.dtype is cls.tensor_dtype
            and instance.device.type == cls.kind
        )

    def __call__(cls, *args, device=None):
        device = cls.kind if device is None else device
        if len(args) == 1 and not isinstance(args[0], int):
            return _from_data(args[0], cls, device)
        return _torch["empty"](*(args or (0,)), dtype=cls.tensor_dtype, device=device)

    def __repr__(cls) -> str:
        return f"<class '{cls.__module__}.{cls.__name__}'>"


def _from_data(data, cls: _TensorType, device):
    if isinstance(data, TypedStorage):
        made = _torch["empty"](0, dtype=cls.tensor_dtype, device=data.device)
        return made.set_(data)
    if isinstance(data, Tensor):
        if data.dtype is not cls.tensor_dtype:
            raise TypeError(
                f"expected {cls.tensor_dtype} (got {data.dtype}): use tensor.to(dtype)"
            )
        return data.detach()
    if isinstance(data, tuple) and type(data).__name__ == "Size":
        return _torch["empty"](data, dtype=cls.tensor_dtype, device=device)
    return _torch["tensor"](data, dtype=cls.tensor_dtype, device=device)


def _make(dtype: _dtypes.dtype, kind: str) -> _TensorType:
    name = _dtypes.scalar_type_name(dtype) + "Tensor"
    place = "torch" if kind == "cpu" else f"torch.{kind}"
    made = _TensorType(name, (), {"__module__": place})
    made.tensor_dtype, made.kind = dtype, kind
    return made


_OLD = [d for d in _dtypes.ALL if d.name in (
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16",
    "float32", "float64",
)]  # fmt: skip
CPU_TYPES = {made.__name__: made for made in (_make(d, "cpu") for d in _OLD)}
globals().update(CPU_TYPES)


def cuda_types() -> dict[str, _TensorType]:
    """``torch.cuda.FloatTensor`` and its like."""
    return {made.__name__: made for made in (_make(d, "cuda") for d in _OLD)}


def as_dtype(kind) -> _dtypes.dtype | None:
    """The dtype of a tensor type; None for anything else."""
    return kind.tensor_dtype if isinstance(kind, _TensorType) else None


def set_default_tensor_type(t) -> None:
    """Set dtype and device of new tensors by a tensor type or its name."""
    if isinstance(t, str):
        name = t.removeprefix("torch.")
        place, _, name = name.rpartition(".")
        made = _make_by_name(name, place or "cpu")
    else:
        made = t
    if not isinstance(made, _TensorType) or not made.tensor_dtype.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _dtypes.set_default_dtype(made.tensor_dtype)
    _devices.set_default_device(None if made.kind == "cpu" else made.kind)


def _make_by_name(name: str, kind: str):
    found = CPU_TYPES.get(name)
    if found is None:
        raise TypeError(f"invalid type name: {name}")
    return found if kind == "cpu" else _make(found.tensor_dtype, kind)
