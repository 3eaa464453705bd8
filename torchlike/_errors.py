"""Exceptions with PyTorch's types and wording, raised while recording."""

from __future__ import annotations

GAPS_PAGE = "docs/differences.md"


def wrap_dim(dim: int, ndim: int) -> int:
    """Return ``dim`` counted from the front; a 0-d tensor counts as 1-d."""
    rank = max(ndim, 1)
    if not -rank <= dim < rank:
        raise IndexError(
            "Dimension out of range (expected to be in range of "
            f"[{-rank}, {rank - 1}], but got {dim})"
        )
    return dim % rank


def wrap_dims(dims: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """Wrap each of ``dims`` and reject repeats."""
    wrapped = tuple(wrap_dim(d, ndim) for d in dims)
    for d in wrapped:
        if wrapped.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return wrapped


def broadcast_shapes(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Broadcast like PyTorch; a mismatch names the sizes and the dimension."""
    rank = max((len(s) for s in shapes), default=0)
    result = [1] * rank
    for shape in shapes:
        offset = rank - len(shape)
        for i, size in reversed([*enumerate(shape)]):
            have = result[offset + i]
            if have == 1:
                result[offset + i] = size
            elif size not in (1, have):
                raise RuntimeError(
                    f"The size of tensor a ({have}) must match the size of tensor b "
                    f"({size}) at non-singleton dimension {offset + i}"
                )
    return tuple(result)
