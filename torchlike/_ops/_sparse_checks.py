"""What ``check_invariants=True`` asks of a compressed sparse matrix."""

from __future__ import annotations

import numpy as np

_ROWS = ("crow_indices", "col_indices", "nrows", "ncols", "rows")
_COLUMNS = ("ccol_indices", "row_indices", "ncols", "nrows", "columns")


def _refuse(condition: str) -> None:
    raise RuntimeError(f"`{condition}` is not satisfied.")


def check_compressed(outer, inner, count: int, size, by_rows: bool) -> None:
    """Raise PyTorch's error for indices (on the host) that make no matrix."""
    first, second, many, few, word = _ROWS if by_rows else _COLUMNS
    rows, columns = size if by_rows else size[::-1]
    if len(outer) != rows + 1:
        raise RuntimeError(
            f"{first}.shape[-1] must be equal to the number of {word} + 1 "
            f"(={rows + 1}), but got {len(outer)}"
        )
    if outer[0] != 0:
        _refuse(f"{first}[..., 0] == 0")
    if outer[-1] != count:
        _refuse(f"{first}[..., -1] == nnz")
    steps = np.diff(outer)
    if ((steps < 0) | (steps > columns)).any():
        _refuse(f"0 <= {first}[..., 1:] - {first}[..., :-1] <= {few}")
    if ((inner < 0) | (inner >= columns)).any():
        _refuse(f"0 <= {second} < {few}")
    own = np.repeat(np.arange(rows), steps)
    if ((np.diff(inner) <= 0) & (np.diff(own) == 0)).any():
        _refuse(
            f"{second}[..., {first}[..., i - 1]:{first}[..., i]] for all i = 1, ..., "
            f"{many} are sorted and distinct along the last dimension values"
        )
