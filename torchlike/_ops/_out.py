"""What some ops ask of ``out=``: its own memory, the very dtype of the result."""

from __future__ import annotations

from .._dtypes import scalar_type_name
from ..autograd.variable import TensorBase
from ._check import short
from .geometry import Geometry, geometry


def _tensors(items):
    for x in items:
        if isinstance(x, TensorBase):
            yield x
        elif isinstance(x, (tuple, list)):
            yield from _tensors(x)


def _span(tensor) -> tuple[int, int] | None:
    """The elements from the first to behind the last, of a view without holes."""
    where = geometry(tensor)
    if where is None or 0 in where.shape or not _dense(where):
        return None
    size = 1
    for n in where.shape:
        size *= n
    return where.offset, where.offset + size


def _dense(where: Geometry) -> bool:
    step = 1
    for s, n in sorted(zip(where.strides, where.shape, strict=True)):
        if n > 1 and s != step:
            return False
        step *= n
    return True


def _overlap(a: TensorBase, b: TensorBase) -> bool:
    if a is not b and a._storage is not b._storage:
        return False
    first, second = _span(a), _span(b)
    if first is None or second is None:
        return False
    return first[0] < second[1] and second[0] < first[1]


def apart(out, result, inputs) -> None:
    """Refuse an ``out`` that shares memory with an input, or with another one."""
    outs = list(_tensors([out]))
    others = list(_tensors(inputs))
    for i, target in enumerate(outs):
        if any(_overlap(target, x) for x in [*others, *outs[:i]]):
            raise RuntimeError(
                "unsupported operation: some elements of the input tensor and the "
                "written-to tensor refer to a single memory location. Please clone() "
                "the tensor before performing the operation."
            )


def of_input(out, result, inputs) -> None:
    """``exact`` in the words of reductions that keep the dtype of their input."""
    want, got = (x._value().aval.dtype for x in (result, out))
    if want is not got:
        raise RuntimeError(
            "Expected the dtype for input and out to match, but got "
            f"{scalar_type_name(want)} for input's dtype and {scalar_type_name(got)} "
            "for out's dtype."
        )


def exact(out, result, inputs) -> None:
    """Refuse an ``out`` of another dtype, even of one that could hold the result."""
    for target, made in zip(_tensors([out]), _tensors([result]), strict=True):
        want, got = made._value().aval.dtype, target._value().aval.dtype
        if want is not got:
            raise RuntimeError(
                f"Expected out tensor to have dtype {short(want)}, but got "
                f"{short(got)} instead"
            )
