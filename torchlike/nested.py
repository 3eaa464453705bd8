"""``torch.nested``: lists of tensors of different sizes as one tensor."""

from __future__ import annotations

from . import _dtypes
from ._ops import nested as _nested
from .autograd.variable import TensorBase


def nested_tensor(
    tensor_list,
    *,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """A nested tensor of copies of the given tensors, a leaf of the graph."""
    copies = [
        t.detach().clone() if isinstance(t, TensorBase) else t for t in tensor_list
    ]
    if requires_grad:
        raise NotImplementedError(
            "torchlike: nested_tensor(requires_grad=True); use as_nested_tensor of "
            "tensors that require a gradient"
        )
    return _nested.make(copies, dtype, layout, device)


def as_nested_tensor(ts, dtype=None, device=None, layout=None):
    """A nested tensor on the graphs of the given tensors (or slices of one)."""
    parts = ts.unbind() if isinstance(ts, TensorBase) else list(ts)
    return _nested.make(parts, dtype, layout, device)


def to_padded_tensor(input, padding, output_size=None, out=None):
    """The parts in one tensor, the shorter ones filled up with ``padding``."""
    return input.to_padded_tensor(padding, output_size)


def narrow(tensor, dim, start, length, layout=_dtypes.strided):
    """A nested tensor of slices of the rows of ``tensor`` along dimension 1."""
    if dim != 1:
        raise RuntimeError("Nested narrow: dim must be 1")
    n = tensor.shape[0]
    starts, lengths = (
        x.tolist() if isinstance(x, TensorBase) else [x] * n for x in (start, length)
    )
    rows = [
        tensor[i].narrow(0, s, k)
        for i, (s, k) in enumerate(zip(starts, lengths, strict=True))
    ]
    return _nested.make(rows, layout=layout)


def nested_tensor_from_jagged(values, offsets=None, lengths=None, **options):
    """A nested tensor of the runs of ``values`` that begin at ``offsets``."""
    if offsets is None:
        if lengths is None:
            raise RuntimeError(
                "nested_tensor_from_jagged(): At least one of offsets or lengths is "
                "required."
            )
        return _nested.make(values.split(lengths.tolist()), layout=_dtypes.jagged)
    bounds = offsets.tolist()
    sizes = [b - a for a, b in zip(bounds, bounds[1:], strict=False)]
    sizes = sizes if lengths is None else lengths.tolist()
    runs = [values[a : a + n] for a, n in zip(bounds, sizes, strict=False)]
    return _nested.make(runs, layout=_dtypes.jagged)
