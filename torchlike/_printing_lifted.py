"""How tensors print whose values are sparse or belong to a transform."""

from __future__ import annotations

import jax
import numpy as np

from . import _dtypes, _printing
from ._engine import Lifted, realise
from ._ops.nested import is_nested
from ._ops.sparse_tensors import text_parts
from ._ops.sparse_values import is_sparse


def lifted_text(tensor, value: Lifted, notes: dict) -> str:
    """The text of a tensor with such a value."""
    if is_sparse(value):
        return _sparse_text(value, notes)
    if is_nested(value):
        return _nested_text(value)
    kind = type(value.level).__name__.removesuffix("Level")
    held = value.content._value()
    if isinstance(held, Lifted) or isinstance(held.array, jax.core.Tracer):
        inner = repr(value.content)
    else:
        inner = _printing.tensor_text(
            np.asarray(realise(held, "print").array),
            dtype=held.aval.dtype,
            device=str(held.device),
            requires_grad=False,
            grad_fn_name=None,
        )
    return f"{kind}Tensor(lvl={value.level.depth + 1}, value={inner})"


def _nested_text(value: Lifted) -> str:
    lines = []
    for part in value.content:
        array = np.asarray(realise(part._value(), "print").array)
        text = _printing.tensor_text(
            array,
            dtype=value.aval.dtype,
            device=str(value.device),
            requires_grad=False,
            grad_fn_name=None,
        )
        lines.append("  " + text.replace("\n", "\n  "))
    return "nested_tensor([\n" + ",\n".join(lines) + "\n])"


def _sparse_text(value: Lifted, notes: dict) -> str:
    fields = []
    for name, part in text_parts(value):
        array = np.asarray(realise(part._value(), "print").array)
        dtype = part._value().aval.dtype
        shown = _printing._contents(array, dtype, 7 + len(name) + 8)
        if array.size == 0:
            shown += f", size={tuple(array.shape)}"
        fields.append(f"{name}=tensor({shown})")
    default = value.aval.dtype in (_dtypes.get_default_dtype(), _dtypes.int64)
    facts = [f"size={value.aval.shape}", f"nnz={len(value_rows(value))}"]
    if not default and value.aval.dtype is not _dtypes.bool_:
        facts.append(f"dtype={value.aval.dtype}")
    facts.append(f"layout={value.level.layout}")
    if notes["grad_fn_name"]:
        facts.append(f"grad_fn=<{notes['grad_fn_name']}>")
    elif notes["requires_grad"]:
        facts.append("requires_grad=True")
    *first, last = fields
    head = "tensor(" + "".join(f + ",\n       " for f in first) + last
    if value.level.layout is _dtypes.sparse_coo:
        head += ",\n       " + facts.pop(0)
    return _printing._with_notes(head, facts, 7)


def value_rows(value: Lifted) -> range:
    """A range over the stored elements."""
    return range(value.content.indices.aval.shape[1])
