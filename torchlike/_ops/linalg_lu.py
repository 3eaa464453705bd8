"""LU decompositions, and solutions from them."""

from __future__ import annotations

import jax.numpy as jnp
from jax.lax import linalg as lapack

from ._forms import overloaded
from ._look import look
from ._matrices import (
    adjoint,
    batched,
    check_info,
    fits,
    matrices,
    same_dtype,
    square_shape,
    triangular,
    zero_pivot,
)
from ._op import Array, op
from ._results import result_type
from .creation import filled

_SINGULAR = (
    "U[{0},{0}] is zero and using it on lu_solve would result in a division by zero. "
    "If you still want to perform the factorization, consider calling linalg.lu(A, "
    "pivot) or linalg.lu_factor_ex(A, pivot)"
)


def _lu(A, name: str):
    if A.ndim < 2:
        raise RuntimeError(
            f"{name}: Expected tensor with 2 or more dimensions. Got size: "
            f"{list(A.shape)} instead"
        )
    return lapack.lu(matrices(A, name, "lu_cpu"))


def _check_pivot(pivot) -> None:
    if not pivot:
        raise RuntimeError(
            "linalg.lu_factor: LU without pivoting is not implemented on the CPU"
        )


def _split(packed, k: int):
    """L, with ones on the diagonal, and U."""
    m = packed.shape[-2]
    lower = jnp.tril(packed[..., :, :k], -1) + jnp.eye(m, k, dtype=packed.dtype)
    return lower, jnp.triu(packed[..., :k, :])


def _matrix_of(permutation, dtype):
    """P of PLU: row i of LU is row permutation[i] of the product."""
    made = permutation[..., None] == jnp.arange(permutation.shape[-1])
    return jnp.swapaxes(made, -1, -2).astype(dtype)


@op(
    scope=None,
    method=False,
    name="linalg_lu",
    returns=(),
    backward="LinalgLuBackward0",
)
def _factors(A: Array) -> tuple:
    packed, _, _ = _lu(A, "linalg.lu")
    return _split(packed, min(A.shape[-2:]))


@op(scope=None, method=False, name="linalg_lu", differentiable=False)
def _permutation(A: Array) -> Array:
    _, _, permutation = _lu(A, "linalg.lu")
    return _matrix_of(permutation, A.dtype)


_LU = result_type("linalg_lu", ("P", "L", "U"))
_FACTOR = result_type("linalg_lu_factor", ("LU", "pivots"))
_INFO = result_type("_lu_with_info", ("LU", "pivots", "info"))
_UNPACKED = result_type("lu_unpack", ("P", "L", "U"))


@overloaded(scope="linalg", method=False, out=True)
def lu(A, *, pivot=True):
    """A = P L U."""
    _check_pivot(pivot)
    return _LU(_permutation(A), *_factors(A))


@op(
    scope=None,
    method=False,
    name="linalg_lu_factor_ex",
    returns=("LU", "pivots", "info"),
    backward="LinalgLuFactorExBackward0",
)
def _lu_factor_ex(A: Array) -> tuple:
    packed, pivots, _ = _lu(A, "torch.lu_factor")
    return packed, pivots.astype(jnp.int32) + 1, zero_pivot(packed)


@overloaded(scope="linalg", method=False, out=True)
def lu_factor_ex(A, *, pivot=True, check_errors=False):
    """L and U in one matrix, the row swaps, and 0 or the place of a zero pivot."""
    _check_pivot(pivot)
    made = _lu_factor_ex(A)
    if check_errors:
        check_info(made.info, "torch.linalg.lu_factor_ex", _SINGULAR, RuntimeError)
    return made


@overloaded(scope="linalg", method=False, out=True)
def lu_factor(A, *, pivot=True):
    """L and U in one matrix, and the row swaps (from 1 on)."""
    _check_pivot(pivot)
    packed, pivots, info = _lu_factor_ex(A)
    check_info(info, "torch.linalg.lu_factor", _SINGULAR, RuntimeError)
    return _FACTOR(packed, pivots)


@overloaded(name="lu", out=True)
def old_lu(A, pivot=True, get_infos=False):
    """L and U in one matrix, and the row swaps (the old form)."""
    _check_pivot(pivot)
    made = _lu_factor_ex(A)
    return _INFO(*made) if get_infos else (made.LU, made.pivots)


# ----- unpacking ---------------------------------------------------------------------


@op(
    scope=None,
    method=False,
    name="lu_unpack",
    returns=(),
    backward="LuUnpackBackward0",
)
def _unpacked(LU_data: Array) -> tuple:
    return _split(LU_data, min(LU_data.shape[-2:]))


@op(scope=None, method=False, name="lu_unpack", differentiable=False)
def _pivot_matrix(LU_data: Array, LU_pivots: Array) -> Array:
    m, k = LU_data.shape[-2], min(LU_data.shape[-2:])
    swaps = LU_pivots[..., :k] - 1
    return _matrix_of(lapack.lu_pivots_to_permutation(swaps, m), LU_data.dtype)


def _check_unpacked(data, pivots) -> None:
    shape = data._value().aval.shape
    if len(shape) < 2:
        raise RuntimeError(
            "torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: "
            f"{list(shape)} instead"
        )
    if pivots._value().aval.dtype.name != "int32":
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of "
            "torch.int32 dtype."
        )
    found = look(pivots, "lu_unpack")
    m, k = shape[-2], min(shape[-2:])
    if found is None:
        return
    if found.shape[-1] < k or (found.size and not 1 <= found.min() <= found.max() <= m):
        raise RuntimeError(
            "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive."
            "Did you properly pass the result of lu_factor?"
        )


@overloaded(method=False, out=True)
def lu_unpack(LU_data, LU_pivots, unpack_data=True, unpack_pivots=True):
    """P, L and U of the result of ``lu_factor``."""
    _check_unpacked(LU_data, LU_pivots)
    value = LU_data._value()
    empty = filled((0,), 0, value.aval.dtype, value.device)
    lower, upper = _unpacked(LU_data) if unpack_data else (empty, empty)
    pivots = _pivot_matrix(LU_data, LU_pivots) if unpack_pivots else empty
    return _UNPACKED(pivots, lower, upper)


# ----- solutions ---------------------------------------------------------------------


def _solved(LU, pivots, B, reverse: bool):
    """X of AX = B, or of A^H X = B (``reverse``)."""
    order = lapack.lu_pivots_to_permutation(pivots - 1, LU.shape[-1])
    order = jnp.broadcast_to(order, B.shape[:-1])[..., None].astype(jnp.int64)
    if not reverse:
        rows = jnp.take_along_axis(B, order, -2)
        half = triangular(LU, rows, upper=False, unit=True)
        return triangular(LU, half, upper=True)
    half = triangular(LU, B, upper=True, adjoint=True)
    rows = triangular(LU, half, upper=False, unit=True, adjoint=True)
    return jnp.take_along_axis(rows, jnp.argsort(order, -2), -2)


def _lu_solve(LU, pivots, B, left: bool = True, adjoint_too: bool = False):
    name = "linalg.lu_solve"
    same_dtype(LU, B, name, ("LU", "B"))
    if pivots.dtype != jnp.int32:
        raise RuntimeError(
            f"{name}: pivots should be a Tensor of scalar type torch.int32"
        )
    square_shape(LU, "torch.linalg.lu_solve")
    fits(LU, B, left, name)
    if pivots.shape[-1] != LU.shape[-1]:
        raise RuntimeError(
            f"{name}: Number of pivots per batch should be same as the dimension of "
            "the matrix"
        )
    if pivots.shape[:-1] != LU.shape[:-2]:
        raise RuntimeError(
            f"{name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got "
            f"pivots with shape {list(pivots.shape)} instead"
        )
    LU, B = batched(LU, B)
    if left:
        return _solved(LU, pivots, B, adjoint_too)
    return adjoint(_solved(LU, pivots, adjoint(B), not adjoint_too))


@op(out=True, name="lu_solve", backward="LinalgLuSolveBackward0")
def lu_solve(b: Array, LU_data: Array, LU_pivots: Array) -> Array:
    """X of AX = b, given the LU factors of A (the old form)."""
    return _lu_solve(LU_data, LU_pivots, b)


@op(
    scope="linalg",
    method=False,
    name="lu_solve",
    out=True,
    backward="LinalgLuSolveBackward0",
)
def linalg_lu_solve(
    LU: Array, pivots: Array, B: Array, *, left: bool = True, adjoint: bool = False
) -> Array:
    """X of AX = B (or XA = B), given the LU factors of A, or of the adjoint of A."""
    return _lu_solve(LU, pivots, B, left, adjoint)
