"""Nested tensors: tensors of different sizes held as one, until they are padded."""

from __future__ import annotations

from itertools import accumulate

import jax.numpy as jnp

from .. import _dtypes
from .._engine import Lifted, aval
from ..autograd import levels
from ..autograd.variable import TensorBase, is_deferred, wrap
from . import copies, from_data, join
from ._elementwise import BINARY, UNARY
from ._op import Array, Ints, composite, op

_BY_PART = UNARY | BINARY | {"linear", "dropout", "layer_norm"}


class NestedLevel:
    """The level of nested values; the content is a tuple of tensors."""

    depth = -3
    tensor_class = None

    def __init__(self, layout):
        self.layout = layout

    def hold(self, parts: tuple) -> Lifted:
        """The nested value of these tensors; its shape is that of the padded one."""
        shapes = [p._value().aval.shape for p in parts]
        if not parts:
            first = from_data.tensor([])._value()
            return Lifted(aval((0,), first.aval.dtype), first.device, self, ())
        largest = tuple(max(sizes) for sizes in zip(*shapes, strict=True))
        first = parts[0]._value()
        shape_dtype = aval((len(parts), *largest), first.aval.dtype)
        return Lifted(shape_dtype, first.device, self, tuple(parts))

    def peek(self, value):
        return None

    def realise(self, value, trigger):
        raise RuntimeError(
            "Internal error: NestedTensorImpl doesn't support strides. Please use "
            "to_padded_tensor first."
        )

    def refuse_write(self, tensor) -> None:
        """Any tensor may become nested."""

    def process(self, op, static, operands, place) -> list:
        """Run an op on every part, where it works part by part."""
        if op.name not in _BY_PART:
            raise NotImplementedError(
                f"Could not run 'aten::{op.name}' with arguments from the "
                "'NestedTensorCPU' backend. Use to_padded_tensor or unbind first."
            )
        n = next(len(x.content) for x in operands if is_nested(x))
        results = [
            levels.run(op, static, [_part(x, i) for x in operands], place)
            for i in range(n)
        ]
        return [self.hold(tuple(column)) for column in zip(*results, strict=True)]


def is_nested(x) -> bool:
    """Whether a value is nested."""
    return isinstance(x, Lifted) and isinstance(x.level, NestedLevel)


def _part(x, i: int):
    if is_nested(x):
        return x.content[i]
    return wrap(x) if hasattr(x, "aval") else x


STRIDED = NestedLevel(_dtypes.strided)
JAGGED = NestedLevel(_dtypes.jagged)


def make(tensors, dtype=None, layout=None, device=None):
    """A nested tensor on the graphs of ``tensors``."""
    parts = []
    for i, t in enumerate(tensors):
        if not isinstance(t, TensorBase):
            t = from_data.tensor(t, dtype=dtype, device=device)
        if dtype is not None:
            t = copies.cast(t, _dtypes.as_dtype(dtype))
        parts.append(t)
        if t.dim() != parts[0].dim():
            raise RuntimeError(
                "All Tensors given to nested_tensor must have the same dimension. "
                f"Found dimension {t.dim()} for Tensor at index {i} and dimension "
                f"{parts[0].dim()} for Tensor at index 0."
            )
    level = JAGGED if layout is _dtypes.jagged else STRIDED
    return wrap(level.hold(tuple(parts)))


@op(name="nested_pad", scope=None, method=False)
def _padded(input: Array, size: Ints, padding: float) -> Array:
    widths = [(0, n - m) for n, m in zip(size, input.shape, strict=True)]
    return jnp.pad(input, widths, constant_values=padding)


@composite(scope=None, method=True)
def to_padded_tensor(self, padding, output_size=None):
    """The parts in one tensor, the shorter ones filled up with ``padding``."""
    value = self._value()
    if not is_nested(value):
        raise TypeError("to_padded_tensor: expected a nested tensor")
    size = value.aval.shape if output_size is None else tuple(output_size)
    if any(n < m for n, m in zip(size, value.aval.shape, strict=True)):
        raise RuntimeError(
            "Value in output_size is less than NestedTensor padded size. Truncation is "
            "not supported."
        )
    if not value.content:
        return from_data.tensor([])
    return join.stack([_padded(p, size[1:], float(padding)) for p in value.content])


@composite(scope=None, method=True)
def offsets(self):
    """Where the rows of each part begin in ``values()``, and where the last ends."""
    lengths = [p._value().aval.shape[0] for p in _jagged(self, "offsets")]
    return from_data.tensor([0, *accumulate(lengths)], device=self.device)


@composite(scope=None, method=True)
def lengths(self):
    """None: the parts follow each other without gaps."""
    _jagged(self, "lengths")


def _jagged(tensor, name: str) -> tuple:
    value = tensor._value()
    if not is_nested(value) or value.level is not JAGGED:
        raise AttributeError(f"'Tensor' object has no attribute '{name}'")
    return value.content


def nested_parts(tensor):
    """The tensors a nested tensor holds, or None."""
    if is_deferred(tensor):
        return None
    value = tensor._value()
    return value.content if is_nested(value) else None
