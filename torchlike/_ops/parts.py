"""A whole basic index as one op: ``x[1:-1, 0, ::2]`` and its write.

An index of ints and slices is one view here, rather than one for each dimension, where
nobody can tell the difference: off the graph.

Of each dimension it takes a part: length, step (``SELECT`` for an int) and start. The
start is traced, unless it is written beside a border: ``x[1:-1]`` says by its length
where it starts, so that a constant costs no further program, and with one XLA compiles
loops that vector instructions run.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _dtypes
from .._engine import Number, Single, Value
from .._native import quick
from ..autograd.grad_mode import mode
from ..autograd.short import call
from ..autograd.variable import TensorBase
from ..autograd.views import apply_view, assign, deferred_view, settled
from . import _promote
from .copies import convert, fit
from .geometry import Geometry

SELECT = 0  # in place of a step
TRACED = -1  # in place of a start
_NEAR = 4  # a border
_LAST = 2  # negative ints that are constants


def parts_in_python(shape: tuple[int, ...], index) -> tuple[tuple, list[int]] | None:
    """The parts an index of ints and slices takes, laid flat, and the traced starts.

    None for other indices and for those that are errors.
    """
    items = index if type(index) is tuple else (index,)
    if len(items) > len(shape):
        return None
    parts: list[int] = []
    starts: list[int] = []
    for n, item in zip(shape, items, strict=False):
        if type(item) is int:
            if not -n <= item < n:
                return None
            start = item + n if item < 0 else item
            parts += (1, SELECT, start if -_LAST <= item < 0 else TRACED)
        elif type(item) is slice:
            try:
                start, stop, step = item.indices(n)
            except (TypeError, ValueError):
                return None
            if step <= 0:
                return None
            length = max(0, -(-(stop - start) // step))
            start = start if length else 0
            known = _is_known(item, start, length, n)
            parts += (length, step, start if known else TRACED)
        else:
            return None
        if parts[-1] == TRACED:
            starts.append(start)
    for n in shape[len(items) :]:
        parts += (n, 1, 0)
    return tuple(parts), starts


def _is_known(item: slice, start: int, length: int, n: int) -> bool:
    """Whether the length tells the start, or nearly so."""
    stop = item.stop
    if length in (0, n) or item.start is None or stop is None:
        return True
    return start <= _NEAR and stop < 0


parts_of = parts_in_python if quick is None else quick.parts_of


def _is_plain(tensor: TensorBase) -> bool:
    """Whether a tensor is an ordinary one that an op leaves off the graph."""
    view = tensor._view
    base = tensor if view is None else view.base
    if base._storage.value.__class__ is not Value or mode.levels:
        return False
    if tensor._node is None and not tensor._requires_grad:
        if view is None or (base._node is None and not base._requires_grad):
            return True
    return not mode.enabled


def get(tensor: TensorBase, index):
    """``tensor[index]`` for a tuple that takes parts of several dimensions, or None."""
    if not _is_plain(tensor):
        return None
    shape = tensor._aval().shape
    found = parts_of(shape, index)
    if found is None:
        return None
    static, starts = found
    if settled(tensor):
        return deferred_view(PARTS, static, tensor, _shape(static), *starts)
    return apply_view(PARTS, static, tensor, *starts)


def put(tensor: TensorBase, index, value) -> bool:
    """``tensor[index] = value`` for a tensor or number; False if it is not for here."""
    if not _is_plain(tensor):
        return False
    kind = type(value)
    if kind is not float and kind is not int:
        if not (isinstance(value, TensorBase) and _is_plain(value)):
            return False
        if value._storage.value.device is not tensor._storage.value.device:
            return False
    found = parts_of(tensor._aval().shape, index)
    if found is None:
        return False
    static, starts = found
    new = call(PARTS.write, static, tensor, value, *starts)
    if tensor._view is None and tensor._node is None:
        tensor._storage.write(new._storage.value)
    else:
        assign(tensor, new)
    return True


def _shape(static: tuple) -> tuple[int, ...]:
    pairs = zip(static[::3], static[1::3], strict=True)
    return tuple([n for n, step in pairs if step != SELECT])


def _window(static, starts) -> tuple[list, list[int]]:
    """Start and extent in each dimension of what the parts lie in."""
    left, where, sizes = iter(starts), [], []
    for length, step, start in zip(
        static[::3], static[1::3], static[2::3], strict=True
    ):
        where.append(_array(next(left)) if start == TRACED else np.int64(start))
        sizes.append((length - 1) * max(step, 1) + 1 if length else 0)
    return where, sizes


def _array(start):
    return start.array if isinstance(start, Number) else start


def _steps(static: tuple) -> list[int]:
    return [max(step, 1) for step in static[1::3]]


class _Parts(Single):
    """The view."""

    name = "slice"
    view = differentiable = True
    on_host = None
    overlaps = False

    def __init__(self):
        self.write = _Write()

    def grad_name(self) -> str:
        """That of its last view in PyTorch."""
        return "SliceBackward0"

    def run(self, operands, static) -> list:
        """``operands``: what is viewed, and the starts."""
        base, *starts = operands
        where, sizes = _window(static, starts)
        part = lax.dynamic_slice(base, where, sizes, allow_negative_indices=False)
        if max(_steps(static)) > 1:
            part = lax.slice(part, (0,) * part.ndim, part.shape, _steps(static))
        return [part.reshape(_shape(static))]

    def strides(self, where: Geometry, *given) -> Geometry:
        """Where the elements stand."""
        rank = 3 * len(where.shape)
        static, starts = given[:rank], iter(given[rank:])
        shape, strides, offset = [], [], where.offset
        for d, s in enumerate(where.strides):
            length, step, start = static[3 * d : 3 * d + 3]
            offset += (next(starts) if start == TRACED else start) * s
            if step != SELECT:
                shape.append(length)
                strides.append(s * step)
        return Geometry(tuple(shape), tuple(strides), offset)

    def __repr__(self) -> str:
        return "<op slice>"


class _Write(Single):
    """The write: ``new``, a number too, is converted and broadcast."""

    name = "slice_write"
    view = False
    differentiable = True
    on_host = None

    def grad_name(self) -> str:
        """PyTorch's name of a write through a view."""
        return "CopySlices"

    def run(self, operands, static) -> list:
        """``operands``: what is written to, its new contents, and the starts."""
        base, new, *starts = operands
        new = _fitted(new, _shape(static), base.dtype)
        new = new.reshape(static[::3])
        where, sizes = _window(static, starts)
        if max(_steps(static)) > 1:
            new = _spread(new, base, static, where, sizes)
        return [
            lax.dynamic_update_slice(base, new, where, allow_negative_indices=False)
        ]

    def __repr__(self) -> str:
        return "<op slice_write>"


def _fitted(new, shape: tuple[int, ...], dtype):
    """What is written, in the shape and dtype of what it replaces."""
    if isinstance(new, Number):
        number = _promote.cast_scalar(new, _dtypes.from_numpy(dtype))
        new = convert(jnp.asarray(number), dtype)
        return jnp.full(shape, new)
    return fit(new, jax.ShapeDtypeStruct(shape, dtype))


def _spread(new, base, static, where, sizes):
    """The window with ``new`` at every few places."""
    window = lax.dynamic_slice(base, where, sizes, allow_negative_indices=False)
    gaps = [(0, 0, step - 1) for step in _steps(static)]
    taken = lax.pad(jnp.ones(new.shape, bool), False, gaps)
    return jnp.where(taken, lax.pad(new, jnp.zeros((), new.dtype), gaps), window)


PARTS = _Parts()
