"""Writing results: in-place forms, ``out=`` and copies into existing tensors."""

from __future__ import annotations

import warnings

from .. import _dtypes
from .._native import quick
from ..autograd.apply import apply
from ..autograd.graph import edge_of
from ..autograd.primitives import CAST
from ..autograd.short import call
from ..autograd.variable import TensorBase
from ..autograd.views import assign, check_inplace
from .geometry import geometry


def inplace(op, static: tuple, operands: tuple):
    """Run ``op`` and make its result the contents of its first operand."""
    tensor = operands[0]
    if quick is not None and quick.inplace(op, static, operands):
        return tensor
    check_inplace(tensor)
    no_overlap(tensor)
    new = call(op, static, *operands)
    _put(tensor, new)
    return tensor


def overwrite(tensor: TensorBase, new: TensorBase) -> None:
    """Make ``new`` the contents of ``tensor``, whose shape it must have."""
    no_overlap(tensor)
    _put(tensor, new)


def _put(tensor: TensorBase, new: TensorBase) -> None:
    wanted, got = tensor._value().aval, new._value().aval
    if wanted is not got:
        if wanted.shape != got.shape:
            raise RuntimeError(
                f"output with shape {list(wanted.shape)} doesn't match the broadcast "
                f"shape {list(got.shape)}"
            )
        check_cast(got.dtype, wanted.dtype)
        (new,) = apply(CAST, (wanted.dtype,), (new,))
    assign(tensor, new)


def no_overlap(tensor: TensorBase) -> None:
    """Refuse to write to a view that shows one element in several places."""
    if tensor._view is None or not any(op.overlaps for op, _, _ in tensor._view.steps):
        return
    where = geometry(tensor)
    if where is not None and any(
        s == 0 and n > 1 for n, s in zip(where.shape, where.strides, strict=True)
    ):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor "
            "refers to a single memory location. Please clone() the tensor before "
            "performing the operation."
        )


def check_cast(source: _dtypes.dtype, target: _dtypes.dtype) -> None:
    """PyTorch's rule for results: a lower category cannot hold a higher one."""
    if source.category > target.category:
        raise RuntimeError(
            f"result type {_dtypes.scalar_type_name(source)} can't be cast to the "
            f"desired output type {_dtypes.scalar_type_name(target)}"
        )


def into(out, result):
    """Write ``result`` into ``out``, a tensor or a tuple of tensors."""
    if isinstance(result, tuple):
        for target, item in zip(out, result, strict=True):
            into(target, item)
        return type(result)(*out) if hasattr(result, "_fields") else out
    if edge_of(out) is not None or edge_of(result) is not None:
        raise RuntimeError(
            "functions with out=... arguments don't support automatic "
            "differentiation, but one of the arguments requires grad."
        )
    no_overlap(out)
    wanted, got = out._value().aval, result._value().aval
    check_cast(got.dtype, wanted.dtype)
    if wanted.dtype is not got.dtype:
        (result,) = apply(CAST, (wanted.dtype,), (result,))
    if wanted.shape == got.shape:
        assign(out, result)
        return out
    if 0 not in wanted.shape:
        warnings.warn(
            "An output with one or more elements was resized since it had shape "
            f"{list(wanted.shape)}, which does not match the required output shape "
            f"{list(got.shape)}. This behavior is deprecated, and in a future PyTorch "
            "release outputs will not be resized unless they have zero elements. You "
            "can explicitly reuse an out tensor t by resizing it, inplace, to zero "
            "elements with t.resize_(0).",
            stacklevel=3,
        )
    out._view = None
    out._storage.write(result._value())
    return out
