"""LDL decompositions of symmetric or Hermitian matrices, in LAPACK's form.

**Source** J. R. Bunch and L. Kaufman, "Some stable methods for calculating inertia and
solving symmetric linear systems", Math. Comp. 31 (1977), as LAPACK's ``sytf2`` and
``sytrs`` have it: blocks of 1 × 1 and 2 × 2 on the diagonal of D; ``pivots[k] = p``:
row k was swapped with row p (from 1 on); two equal ``-p``: the second row of a block.
"""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
from jax import lax

from ._check import is_complex, is_inexact, scalar_name
from ._forms import overloaded
from ._matrices import check_info, square, square_shape
from ._op import Array, op
from ._results import result_type

_FACTOR = result_type("linalg_ldl_factor", ("LD", "pivots"))
_ALPHA = (1 + math.sqrt(17)) / 8
_FAILED = (
    "D[{0},{0}] is zero and using it in ldl_solve would lead to a division by zero"
)


def _size(x):
    """The absolute value; of complex numbers LAPACK's cheaper |re| + |im|."""
    return jnp.abs(jnp.real(x)) + jnp.abs(jnp.imag(x)) if is_complex(x) else jnp.abs(x)


def _choose(A, k, n: int):
    """The row to swap with, and whether the block is 2 × 2, at step k."""
    rows = jnp.arange(n)
    column = jnp.where(rows > k, _size(A[:, k]), -1)
    other = jnp.argmax(column)
    largest = jnp.maximum(column[other], 0)
    here = _size(A[k, k])
    row = _size(A[other])
    across = jnp.max(jnp.where((rows >= k) & (rows != other), row, 0))
    stay = (here >= _ALPHA * largest) | (here * across >= _ALPHA * largest * largest)
    one = stay | (row[other] >= _ALPHA * across)
    return jnp.where(stay, k, other), ~one, jnp.maximum(here, largest) == 0


def _swap(A, i, j, k):
    """Rows and columns i and j of the part from k on, changed places."""
    n = A.shape[0]
    place = jnp.arange(n)
    order = jnp.where(place == i, j, jnp.where(place == j, i, place))
    kept = place < k
    swapped = A[order][:, order]
    columns_done = jnp.where(kept[None, :], A, swapped)
    return jnp.where(kept[:, None], A, columns_done)


def _block(A, k, n: int):
    """The 2 × 2 block at k, and the columns below it."""
    columns = lax.dynamic_slice(A, (0, k), (n, 2))
    D = lax.dynamic_slice(columns, (k, 0), (2, 2))
    below = jnp.arange(n)[:, None] > k + 1
    return D, jnp.where(below, columns, 0)


def _inverse2(D):
    (a, b), (c, d) = D
    return jnp.stack([jnp.stack([d, -b]), jnp.stack([-c, a])]) / (a * d - b * c)


def _one_step(A, k, mirror):
    n = A.shape[0]
    below = jnp.arange(n) > k
    column = jnp.where(below, A[:, k], 0)
    pivot = A[k, k]
    scaled = column / jnp.where(pivot == 0, 1, pivot)
    A = A - scaled[:, None] * mirror(column)[None, :]
    return A.at[:, k].set(jnp.where(below, scaled, A[:, k]))


def _two_steps(A, k, mirror):
    n = A.shape[0]
    D, columns = _block(A, k, n)
    scaled = columns @ _inverse2(D)
    A = A - scaled @ mirror(columns).T
    below = jnp.arange(n)[:, None] > k + 1
    old = lax.dynamic_slice(A, (0, k), (n, 2))
    return lax.dynamic_update_slice(A, jnp.where(below, scaled, old), (0, k))


def _factor(conjugate: bool, A):
    """LD, pivots and info of one matrix, of which the lower triangle is read."""
    n = A.shape[0]
    mirror = jnp.conj if conjugate else lambda x: x
    A = jnp.tril(A) + mirror(jnp.tril(A, -1)).T
    if conjugate:
        A = jnp.where(jnp.eye(n, dtype=bool), jnp.real(A), A)
    # One more row and column, so that a block may be looked at in the last row.
    A = jnp.pad(A, ((0, 1), (0, 1)))

    def step(carry):
        k, A, pivots, info = carry
        other, two, zero = _choose(A, k, n + 1)
        two = two & ~zero
        other = jnp.where(zero, k, other)
        second = k + two.astype(k.dtype)
        A = _swap(A, second, other, k)
        A = lax.cond(
            two,
            lambda A: _two_steps(A, k, mirror),
            lambda A: _one_step(A, k, mirror),
            A,
        )
        mark = (jnp.where(two, -1, 1) * (other + 1)).astype(jnp.int32)
        pivots = pivots.at[k].set(mark).at[second].set(mark)
        found = jnp.where(zero & (info == 0), k + 1, info).astype(jnp.int32)
        return second + 1, A, pivots, found

    start = (jnp.int64(0), A, jnp.zeros(n + 1, jnp.int32), jnp.int32(0))
    _, A, pivots, info = lax.while_loop(lambda c: c[0] < n, step, start)
    return jnp.tril(A[:n, :n]), pivots[:n], info


def _each(function, *arrays, core):
    """Apply to each matrix of a batch; ``core``: the dimensions of one argument."""
    batch = arrays[0].shape[: arrays[0].ndim - core[0]]
    flat = [
        x.reshape(-1, *x.shape[x.ndim - c :]) for x, c in zip(arrays, core, strict=True)
    ]
    made = jax.vmap(function)(*flat)
    return jax.tree.map(lambda x: x.reshape(*batch, *x.shape[1:]), made)


@op(
    scope=None,
    method=False,
    name="linalg_ldl_factor_ex",
    returns=("LD", "pivots", "info"),
    differentiable=False,
)
def _ldl_factor_ex(A: Array, hermitian: bool) -> tuple:
    square(A, "torch.linalg.ldl_factor_ex", "ldl_factor_kernel_cpu")
    if not A.size:
        batch = A.shape[:-2]
        pivots = jnp.zeros(A.shape[:-1], jnp.int32)
        return A, pivots, jnp.zeros(batch, jnp.int32)
    conjugate = hermitian and jnp.iscomplexobj(A)
    return _each(functools.partial(_factor, conjugate), A, core=(2,))


@overloaded(scope="linalg", method=False, out=True)
def ldl_factor_ex(A, *, hermitian=False, check_errors=False):
    """L and D in one matrix, the swaps, and 0 or the place of a zero on D."""
    made = _ldl_factor_ex(A, bool(hermitian))
    if check_errors:
        check_info(made.info, "torch.linalg.ldl_factor_ex", _FAILED)
    return made


@overloaded(scope="linalg", method=False, out=True)
def ldl_factor(A, *, hermitian=False):
    """L and D in one matrix (A = P L D L^T P^T), and the swaps."""
    factor, pivots, info = _ldl_factor_ex(A, bool(hermitian))
    check_info(info, "torch.linalg.ldl_factor", _FAILED)
    return _FACTOR(factor, pivots)


# ----- solutions ---------------------------------------------------------------------


def _swap_rows(B, i, j):
    return B.at[i].set(B[j]).at[j].set(B[i])


def _forward(LD, pivots, B, mirror):
    """P, L and D undone, from the first column to the last."""
    n = LD.shape[0] - 1

    def two(k, B):
        B = _swap_rows(B, k + 1, -pivots[k] - 1)
        D, columns = _block(LD, k, n + 1)
        D = D.at[0, 1].set(mirror(D[1, 0]))
        top = lax.dynamic_slice(B, (k, 0), (2, B.shape[1]))
        B = B - columns @ top
        return lax.dynamic_update_slice(B, _inverse2(D) @ top, (k, 0))

    def one(k, B):
        B = _swap_rows(B, k, pivots[k] - 1)
        column = jnp.where(jnp.arange(n + 1) > k, LD[:, k], 0)
        B = B - column[:, None] * B[k][None, :]
        return B.at[k].divide(LD[k, k])

    def step(carry):
        k, B = carry
        block = pivots[k] < 0
        return k + 1 + block, lax.cond(block, two, one, k, B)

    return lax.while_loop(lambda c: c[0] < n, step, (jnp.int64(0), B))[1]


def _backward(LD, pivots, B, mirror):
    """L's transpose and P undone, from the last column to the first."""
    n = LD.shape[0] - 1

    def two(k, B):
        columns = _block(LD, k - 1, n + 1)[1]
        old = lax.dynamic_slice(B, (k - 1, 0), (2, B.shape[1]))
        B = lax.dynamic_update_slice(B, old - mirror(columns).T @ B, (k - 1, 0))
        return _swap_rows(B, k, -pivots[k] - 1)

    def one(k, B):
        column = jnp.where(jnp.arange(n + 1) > k, LD[:, k], 0)
        B = B.at[k].add(-mirror(column) @ B)
        return _swap_rows(B, k, pivots[k] - 1)

    def step(carry):
        k, B = carry
        block = pivots[k] < 0
        return k - 1 - block, lax.cond(block, two, one, k, B)

    return lax.while_loop(lambda c: c[0] >= 0, step, (jnp.int64(n - 1), B))[1]


def _solve(conjugate: bool, LD, pivots, B):
    mirror = jnp.conj if conjugate else lambda x: x
    LD, B = jnp.pad(LD, ((0, 1), (0, 1))), jnp.pad(B, ((0, 1), (0, 0)))
    B = _forward(LD, pivots, B, mirror)
    return _backward(LD, pivots, B, mirror)[:-1]


@op(scope="linalg", method=False, out=True, differentiable=False)
def ldl_solve(LD: Array, pivots: Array, B: Array, *, hermitian: bool = False) -> Array:
    """X of AX = B, given the LDL factors of A."""
    name = "torch.linalg.ldl_solve"
    square_shape(LD, name)
    if B.ndim < 2:
        raise IndexError(
            "Dimension out of range (expected to be in range of [-1, 0], but got -2)"
        )
    _check_solve(LD, pivots, B, name)
    batch = jnp.broadcast_shapes(LD.shape[:-2], B.shape[:-2])
    LD = jnp.broadcast_to(LD, batch + LD.shape[-2:])
    pivots = jnp.broadcast_to(pivots, batch + pivots.shape[-1:]).astype(jnp.int64)
    B = jnp.broadcast_to(B, batch + B.shape[-2:])
    if not B.size:
        return B
    conjugate = hermitian and jnp.iscomplexobj(LD)
    return _each(functools.partial(_solve, conjugate), LD, pivots, B, core=(2, 1, 2))


def _check_solve(LD, pivots, B, name: str) -> None:
    if LD.shape[-1] != B.shape[-2]:
        raise RuntimeError(
            f"Incompatible matrix sizes for {name}: each A matrix is {LD.shape[-1]} by "
            f"{LD.shape[-1]} but each b matrix is {B.shape[-2]} by {B.shape[-1]}"
        )
    if pivots.shape != LD.shape[:-1]:
        raise RuntimeError(
            f"{name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got "
            f"pivots with shape {list(pivots.shape)} instead"
        )
    if is_inexact(pivots):
        raise RuntimeError(
            f"{name}: Expected pivots to be integers. Got {scalar_name(pivots)}"
        )
    if LD.dtype != B.dtype:
        raise RuntimeError(
            f"{name}: LD dtype {scalar_name(LD)} does not match b dtype "
            f"{scalar_name(B)}"
        )
