"""Strides: where a view's elements stand in its base, in PyTorch's terms.

Values are dense; strides exist only as metadata, followed through the chain of views
when somebody asks: to decide whether ``view`` is allowed, and for ``stride()``. The
answers are kept, as a training loop asks the same at every step.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from ..autograd.variable import TensorBase

_kept = functools.lru_cache(maxsize=4096)


class Geometry(NamedTuple):
    """Shape, strides and offset, in elements."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0


def dense_strides(shape) -> tuple[int, ...]:
    """Strides of a contiguous tensor."""
    return _dense_strides(tuple(shape))


@_kept
def _dense_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= max(n, 1)
    return tuple(reversed(strides))


def geometry(tensor: TensorBase) -> Geometry | None:
    """The geometry of a tensor; None where it has no strides in its base."""
    view = tensor._view
    if view is None:
        shape = tensor._storage.value.aval.shape
        return Geometry(shape, dense_strides(shape))
    return geometry_after(view.base._value().aval.shape, view.steps)


def geometry_after(base: tuple[int, ...], steps) -> Geometry | None:
    """The geometry that steps of a view have in a base of this shape."""
    where = Geometry(base, dense_strides(base))
    for op, static, numbers in steps:
        if op.strides is None:
            return None
        where = _after(where, op.strides, static, tuple(map(int, numbers)))
        if where is None:
            return None
    return where


@_kept
def _after(where: Geometry, strides, static: tuple, numbers: tuple) -> Geometry | None:
    return strides(where, *static, *numbers)


def is_contiguous(tensor: TensorBase) -> bool:
    """Whether the elements stand in order without gaps."""
    where = geometry(tensor)
    return where is not None and _dense(where)


def _dense(where: Geometry) -> bool:
    if 0 in where.shape:
        return True
    wanted = dense_strides(where.shape)
    return all(
        s == w or n == 1
        for n, s, w in zip(where.shape, where.strides, wanted, strict=True)
    )


def infer_size(size: tuple[int, ...], numel: int) -> tuple[int, ...]:
    """Replace a -1 in ``size``; PyTorch's errors."""
    known, unknown = 1, None
    for i, n in enumerate(size):
        if n == -1:
            if unknown is not None:
                raise RuntimeError("only one dimension can be inferred")
            unknown = i
        elif n < 0:
            raise RuntimeError(f"invalid shape dimension {n}")
        else:
            known *= n
    if unknown is not None and known == 0 and numel == 0:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(size)} because the "
            "unspecified dimension size -1 can be any value and is ambiguous"
        )
    fits = numel % known == 0 if unknown is not None and known else numel == known
    if not fits:
        raise RuntimeError(f"shape '{list(size)}' is invalid for input of size {numel}")
    if unknown is None:
        return tuple(size)
    return tuple(size[:unknown]) + (numel // known,) + tuple(size[unknown + 1 :])


@_kept
def viewed(where: Geometry, size: tuple[int, ...]) -> Geometry | None:
    """The geometry of ``view(size)``, or None if it would need a copy."""
    numel = 1
    for n in where.shape:
        numel *= n
    size = infer_size(size, numel)
    if numel == 0:
        return Geometry(size, dense_strides(size), where.offset)
    strides = _split_chunks(_chunks(where), size)
    return None if strides is None else Geometry(size, strides, where.offset)


def _chunks(where: Geometry) -> list[tuple[int, int]]:
    """Runs of dimensions that are dense among themselves: (elements, last stride)."""
    chunks: list[tuple[int, int]] = []
    for n, s in zip(reversed(where.shape), reversed(where.strides), strict=True):
        if n == 1:
            continue
        if chunks and s == chunks[-1][0] * chunks[-1][1]:
            chunks[-1] = (chunks[-1][0] * n, chunks[-1][1])
        else:
            chunks.append((n, s))
    return chunks or [(1, 1)]


def _split_chunks(chunks, size) -> tuple[int, ...] | None:
    strides, i, (left, step) = [], 0, chunks[0]
    for n in reversed(size):
        if n != 1 and left == 1:
            i += 1
            if i == len(chunks):
                return None
            left, step = chunks[i]
        if left % n:
            return None
        strides.append(step)
        left //= n
        step *= n
    return tuple(reversed(strides)) if left == 1 and i == len(chunks) - 1 else None
