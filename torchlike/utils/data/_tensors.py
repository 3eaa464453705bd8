"""What data loading takes from tensors and generators, in one place."""

from __future__ import annotations

import contextlib
import math

import numpy as np

from ... import _devices, _dtypes
from ..._engine import boundary as boundary
from ..._engine import realise
from ..._engine.record import here
from ..._native import quick
from ..._ops import _registry, views
from ..._ops._host import seen_through
from ..._tensor import Tensor as Tensor
from ..._tensor import rebuild
from ...autograd.variable import DEFERRED, of_array
from ...random import Generator as Generator
from ...random import default_generator
from ...random import manual_seed as manual_seed

_functions = _registry.functions["torch"]
as_tensor = _functions["as_tensor"]
tensor = _functions["tensor"]
stack = _functions["stack"]
float64 = _dtypes.float64
ALIGNMENT = 64  # bytes; XLA takes host memory so aligned without a copy
_SELECT = views.select_index.op


# ----- draws -----
def _host(generator: Generator | None) -> Generator:
    if generator is None:
        return default_generator
    if generator.device.type != "cpu":
        raise RuntimeError(
            "Expected a 'cpu' device type for generator but found "
            f"'{generator.device.type}'"
        )
    return generator


def permutation(n: int, generator: Generator | None) -> list[int]:
    """``randperm(n)`` as a list."""
    return _host(generator).permutation(n).tolist()


def integers_below(n: int, size: int, generator: Generator | None) -> list[int]:
    """``size`` integers of 0 … n − 1."""
    return _host(generator).integers(0, n, (size,)).tolist()


def random_seed(generator: Generator | None) -> int:
    """63 random bits: PyTorch's ``empty((), dtype=int64).random_()``."""
    return int(_host(generator).full_range(()))


def as_weights(weights) -> Tensor:
    """Weights as a float64 tensor."""
    return as_tensor(weights, dtype=_dtypes.float64)


def multinomial(weights, n: int, replacement: bool, generator) -> list[int]:
    """``n`` indices drawn with ``weights``."""
    draw = _functions["multinomial"]
    return draw(weights, n, replacement, generator=generator).tolist()


# ----- host arrays -----
@contextlib.contextmanager
def reading():
    """Samples are read: small ops on them run at once (see ``_engine/host/eager``)."""
    before = here.run_at_once(True)
    try:
        yield
    finally:
        here.run_at_once(before)


def host_array(t) -> np.ndarray | None:
    """The elements of a plain CPU tensor whose storage is computed, as a view.

    None where that would wait, or where the result must stay on the graph.
    """
    if type(t) is not Tensor or t._storage.value.array is None:
        return None
    if (
        t._storage.value.device is not _devices.CPU
        or t._requires_grad
        or t._node is not None
    ):
        return None
    view = t._view
    if view is None:
        return np.asarray(t._storage.value.array)
    if view.version != DEFERRED and (array := t._value().array) is not None:
        return np.asarray(array)
    return seen_through(np.asarray(view.base._value().array), view.steps)


def rows_array(batch) -> np.ndarray | None:
    """Stacked rows ``[base[i], base[j], …]`` of one computed CPU tensor, by one index.

    None for any other batch. What ``self.data[i]`` in a dataset gives is such a row.
    """
    if quick is not None and (found := quick.rows_of(batch)) is not None:
        base, rows = found
        return take(np.asarray(base._storage.value.array), rows)
    first = batch[0]
    if type(first) is not Tensor or first._view is None:
        return None
    base, before, rows = first._view.base, first._view.steps[:-1], []
    array = base._storage.value.array
    if array is None or base._requires_grad or base._node is not None:
        return None
    for t in batch:
        if type(t) is not Tensor or t._requires_grad:
            return None
        view = t._view
        if view is None or view.version != DEFERRED or view.base is not base:
            return None
        *above, (op, static, numbers) = view.steps
        if op is not _SELECT or static != (0,) or (above and tuple(above) != before):
            return None
        rows.append(numbers[0])
    array = np.asarray(array)
    array = seen_through(array, before) if before else array
    return None if array is None else take(array, rows)


def aligned(shape, dtype) -> np.ndarray:
    """An array to fill, aligned so that XLA takes its memory without a copy."""
    dtype = np.dtype(dtype)
    size = dtype.itemsize * math.prod(shape)
    room = np.empty(size + ALIGNMENT, np.uint8)
    start = -room.__array_interface__["data"][0] % ALIGNMENT
    return room[start : start + size].view(dtype).reshape(shape)


def take(array: np.ndarray, rows: list[int]) -> np.ndarray:
    """``array[rows]`` for rows of 0 … n − 1."""
    out = aligned((len(rows), *array.shape[1:]), array.dtype)
    return np.take(array, rows, 0, out, mode="clip")


def stacked(arrays: list) -> np.ndarray:
    """``np.stack`` of arrays of one shape and dtype."""
    first = arrays[0]
    return np.stack(arrays, 0, aligned((len(arrays), *first.shape), first.dtype))


def packed(batch) -> np.ndarray | None:
    """``stacked`` of plain computed tensors; None for others."""
    first = host_array(batch[0]) if quick is not None else None
    if first is None:
        return None
    out = aligned((len(batch), *first.shape), first.dtype)
    return out if quick.pack(batch, out) else None


def computed_array(t) -> np.ndarray | None:
    """The same, but waits for what is still recorded."""
    if type(t) is Tensor and t.device is _devices.CPU and not t.requires_grad:
        realise(t._value(), "dataloader")
    return host_array(t)


def from_host(array: np.ndarray) -> Tensor:
    """A tensor of an array nobody else will change."""
    return of_array(array)


def reduce_tensor(t: Tensor):
    """How a tensor is pickled between processes: its host array by itself."""
    if not t.is_leaf:
        return None  # the ordinary way raises PyTorch's error
    array = np.asarray(t._numpy(), order="C")
    if type(t) is Tensor and t.device is _devices.CPU and not t.requires_grad:
        return from_host, (array,)
    return rebuild, (type(t), array, str(t.device), t.requires_grad)


def accelerator() -> str | None:
    """``cuda`` where there is one."""
    return "cuda" if _devices.cuda_devices() else None
