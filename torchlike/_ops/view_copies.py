"""The ``*_copy`` forms of views, views written into copies, and lists of parts."""

from __future__ import annotations

import functools

from . import copies, shapes, views
from . import index as indexing
from ._forms import overloaded
from ._op import composite


def _publish(name: str, view) -> None:
    """``name_copy``: what ``view`` shows, as a tensor of its own."""

    @functools.wraps(view)
    def copied(*args, **kwargs):
        result = view(*args, **kwargs)
        if isinstance(result, tuple):
            return tuple(copies.clone(part) for part in result)
        return copies.clone(result)

    copied.__name__ = name
    copied.__doc__ = f"A copy of what ``{name.removesuffix('_copy')}`` shows."
    overloaded(copied, name=name, method=name == "narrow_copy", out=True)


def _alias(input):
    return indexing.getitem(input, ...)


def _view(input, size):
    return views.view(input, size)


def _slice(input, dim=0, start=None, end=None, step=1):
    where = (slice(None),) * _dim(input, dim) + (slice(start, end, step),)
    return indexing.getitem(input, where)


def _dim(input, dim: int) -> int:
    return views.wrap_dim(dim, len(input._value().aval.shape))


def _expand(input, size, *, implicit=False):
    return views.expand(input, tuple(size))


def _unfold(input, dimension, size, step):
    return views.unfold(input, dimension, size, step)


def _narrow(input, dim, start, length):
    if dim >= max(len(input._value().aval.shape), 1):
        raise RuntimeError(
            "Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but "
            "got false."
        )
    return views.narrow(input, dim, start, length)


for _name, _function in {
    "alias": _alias,
    "as_strided": views.as_strided,
    "diagonal": views.diagonal,
    "detach": lambda input: input.detach(),
    "expand": _expand,
    "narrow": _narrow,
    "permute": views.permute,
    "select": views.select,
    "slice": _slice,
    "split": shapes.split,
    "split_with_sizes": shapes.split_with_sizes,
    "squeeze": views.squeeze,
    "t": views.t,
    "transpose": views.transpose,
    "unbind": shapes.unbind,
    "unfold": _unfold,
    "unsqueeze": views.unsqueeze,
    "view": _view,
    "view_as_complex": views.view_as_complex,
    "view_as_real": views.view_as_real,
}.items():
    _publish(f"{_name}_copy", _function)


@composite(scope="torch", method=False)
def unsafe_split(tensor, split_size, dim=0):
    """``split``, the parts copies."""
    return tuple(copies.clone(p) for p in shapes.split(tensor, split_size, dim))


@composite(scope="torch", method=False)
def unsafe_split_with_sizes(input, split_sizes, dim=0):
    """``split_with_sizes``, the parts copies."""
    return tuple(
        copies.clone(p) for p in shapes.split_with_sizes(input, split_sizes, dim)
    )


@composite(scope="torch", method=False)
def unsafe_chunk(input, chunks, dim=0):
    """``chunk``, the parts copies."""
    return tuple(copies.clone(p) for p in shapes.chunk(input, chunks, dim))


for _method in (unsafe_split, unsafe_split_with_sizes, unsafe_chunk):
    composite(_method, name=_method.__name__, scope=None, method=True)


@overloaded(out=True)
def as_strided_scatter(input, src, size, stride, storage_offset=None):
    """A copy of ``input`` with ``src`` written through an ``as_strided`` view."""
    made = copies.clone(input)
    part = views.as_strided(made, size, stride, storage_offset)
    if part._value().aval.shape != src._value().aval.shape:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{list(src.shape)}, slice size = {list(part.shape)}"
        )
    copies.put(part, src)
    return made
