"""Products of matrices and vectors."""

from __future__ import annotations

import jax.numpy as jnp

from .._errors import broadcast_shapes
from . import _registry
from ._check import dtype_of, is_bool, not_implemented, scalar_name, short
from ._op import Array, Scalar, op


def product(a, b):
    """a @ b; half precision accumulates in float32, booleans are refused."""
    if is_bool(a):
        raise not_implemented("addmm_impl_cpu_", a)
    return jnp.matmul(a, b)


def check_pair(a, b) -> None:
    """PyTorch's errors for two matrices that do not fit."""
    rows, columns = b.shape[-2:]
    if a.shape[-1] != rows:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and "
            f"{rows}x{columns})"
        )
    if a.dtype != b.dtype:
        raise RuntimeError(
            "expected m1 and m2 to have the same dtype, but got: "
            f"{short(dtype_of(a))} != {short(dtype_of(b))}"
        )


def _check_batches(a, b) -> None:
    want = [a.shape[0], a.shape[2]]
    if list(b.shape[:2]) != want:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"{want} but got: {list(b.shape[:2])}."
        )
    _check_scalars(a, b)


def _check_scalars(a, b) -> None:
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"expected scalar type {scalar_name(a)} but found {scalar_name(b)}"
        )


def _check_vector(a, b) -> None:
    if a.shape[-1] != b.shape[0]:
        rows = 1
        for n in a.shape[:-1]:
            rows *= n
        raise RuntimeError(
            f"size mismatch, got input ({rows}), mat ({rows}x{a.shape[-1]}), vec "
            f"({b.shape[0]})"
        )
    _check_scalars(a, b)


def _check_dot(a, b) -> None:
    if a.ndim != 1 or b.ndim != 1:
        raise RuntimeError(
            f"1D tensors expected, but got {a.ndim}D and {b.ndim}D tensors"
        )
    if a.dtype != b.dtype:
        raise RuntimeError(
            "dot : expected both vectors to have same dtype, but found "
            f"{scalar_name(a)} and {scalar_name(b)}"
        )
    if a.shape != b.shape:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{a.size}] and src [{b.size}] "
            f"to have the same number of elements, but got {a.size} and {b.size} "
            "elements respectively"
        )


def _check_matmul(a, b) -> None:
    if not a.ndim or not b.ndim:
        raise RuntimeError(
            "both arguments to matmul need to be at least 1D, but they are "
            f"{a.ndim}D and {b.ndim}D"
        )
    if b.ndim == 1:
        return _check_dot(a, b) if a.ndim == 1 else _check_vector(a, b)
    if b.ndim == 2:
        rows = jnp.size(a) // a.shape[-1] if a.shape[-1] else 0
        flat = a if a.ndim == 2 else a.reshape(rows, a.shape[-1])
        return check_pair(flat, b)
    broadcast_shapes(a.shape[:-2], b.shape[:-2])
    if a.shape[-1] != b.shape[-2]:
        batch = 1
        for n in broadcast_shapes(a.shape[:-2], b.shape[:-2]):
            batch *= n
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{batch}, {a.shape[-1]}] but got: [{batch}, {b.shape[-2]}]."
        )
    _check_scalars(a, b)


@op(out=True, backward="MmBackward0")
def matmul(input: Array, other: Array) -> Array:
    """Matrix product of the last two dimensions, broadcast over the others."""
    _check_matmul(input, other)
    return product(input, other)


_registry.add("matmul", {"": matmul}, None, scope="linalg", method=False)


def _matrix(x, name: str) -> None:
    if x.ndim != 2:
        raise RuntimeError(f"{name} must be a matrix")


@op(out=True)
def mm(input: Array, mat2: Array) -> Array:
    """The product of two matrices."""
    _matrix(input, "self")
    _matrix(mat2, "mat2")
    check_pair(input, mat2)
    return product(input, mat2)


def _batches(**arrays) -> None:
    for name, x in arrays.items():
        if x.ndim != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")


@op(out=True)
def bmm(input: Array, mat2: Array) -> Array:
    """The products of two stacks of matrices."""
    _batches(batch1=input, batch2=mat2)
    _check_batches(input, mat2)
    return product(input, mat2)


@op(out=True)
def mv(input: Array, vec: Array) -> Array:
    """The product of a matrix and a vector."""
    if input.ndim != 2 or vec.ndim != 1:
        raise RuntimeError(
            f"vector + matrix @ vector expected, got 1, {input.ndim}, {vec.ndim}"
        )
    _check_vector(input, vec)
    return product(input, vec)


@op(out=True)
def dot(input: Array, tensor: Array) -> Array:
    """The sum of products of two vectors."""
    _check_dot(input, tensor)
    return product(input, tensor)


@op(out=True)
def vdot(input: Array, other: Array) -> Array:
    """dot of the conjugate of ``input``."""
    _check_dot(input, other)
    return product(jnp.conj(input), other)


# ----- sums with products ------------------------------------------------------------


def expand_to(x, shape):
    """x broadcast to ``shape`` with PyTorch's error."""
    if x.ndim > len(shape):
        raise RuntimeError(
            f"expand(torch.{scalar_name(x)}Tensor{{{list(x.shape)}}}, "
            f"size={list(shape)}): the number of sizes provided ({len(shape)}) must be "
            f"greater or equal to the number of dimensions in the tensor ({x.ndim})"
        )
    offset = len(shape) - x.ndim
    for i in reversed(range(x.ndim)):
        if x.shape[i] not in (1, shape[offset + i]):
            raise RuntimeError(
                f"The expanded size of the tensor ({shape[offset + i]}) must match the "
                f"existing size ({x.shape[i]}) at non-singleton dimension "
                f"{offset + i}.  Target sizes: {list(shape)}.  Tensor sizes: "
                f"{list(x.shape)}"
            )
    return jnp.broadcast_to(x, shape)


def _combined(input, made, beta, alpha):
    if input.dtype != made.dtype:
        raise RuntimeError(
            f"self and mat2 must have the same dtype, but got {scalar_name(input)} and "
            f"{scalar_name(made)}"
        )
    if not (isinstance(alpha, int) and alpha == 1):
        made = made * _scale(alpha, made)
    input = expand_to(input, made.shape)
    if not (isinstance(beta, int) and beta == 1):
        # With beta 0, PyTorch ignores NaN in the input.
        scale = _scale(beta, input)
        input = jnp.where(scale == 0, jnp.zeros_like(input), input * scale)
    return input + made


def _scale(number, x):
    """A factor in the dtype of x; PyTorch cuts fractions off for integers."""
    return jnp.asarray(number).astype(x.dtype)


@op(out=True, inplace=True)
def addmm(
    input: Array, mat1: Array, mat2: Array, *, beta: Scalar = 1, alpha: Scalar = 1
) -> Array:
    """beta · input + alpha · (mat1 @ mat2)."""
    _matrix(mat1, "mat1")
    _matrix(mat2, "mat2")
    check_pair(mat1, mat2)
    return _combined(input, product(mat1, mat2), beta, alpha)


@op(out=True, inplace=True)
def addmv(
    input: Array, mat: Array, vec: Array, *, beta: Scalar = 1, alpha: Scalar = 1
) -> Array:
    """beta · input + alpha · (mat @ vec)."""
    if mat.ndim != 2 or vec.ndim != 1 or input.ndim > 1:
        raise RuntimeError(
            f"vector + matrix @ vector expected, got {input.ndim}, {mat.ndim}, "
            f"{vec.ndim}"
        )
    if mat.shape[1] != vec.shape[0] or (
        input.size != 1 and input.shape[0] != mat.shape[0]
    ):
        raise RuntimeError(
            f"size mismatch, got input ({input.size}), mat "
            f"({mat.shape[0]}x{mat.shape[1]}), vec ({vec.shape[0]})"
        )
    return _combined(input, product(mat, vec), beta, alpha)


@op(out=True, inplace=True)
def addr(
    input: Array, vec1: Array, vec2: Array, *, beta: Scalar = 1, alpha: Scalar = 1
) -> Array:
    """beta · input + alpha · (vec1 ⊗ vec2)."""
    for i, x in ((1, vec1), (2, vec2)):
        if x.ndim != 1:
            raise RuntimeError(
                f"addr: Expected 1-D argument vec{i}, but got {x.ndim}-D"
            )
    return _combined(input, vec1[:, None] * vec2[None, :], beta, alpha)


@op(out=True, inplace=True)
def addbmm(
    input: Array, batch1: Array, batch2: Array, *, beta: Scalar = 1, alpha: Scalar = 1
) -> Array:
    """beta · input + alpha · Σ batch1 @ batch2."""
    _batches(batch1=batch1, batch2=batch2)
    _check_batches(batch1, batch2)
    made = jnp.einsum("bij,bjk->ik", batch1, batch2)
    return _combined(input, made, beta, alpha)


@op(out=True, inplace=True)
def baddbmm(
    input: Array, batch1: Array, batch2: Array, *, beta: Scalar = 1, alpha: Scalar = 1
) -> Array:
    """beta · input + alpha · (batch1 @ batch2)."""
    _batches(batch1=batch1, batch2=batch2)
    _check_batches(batch1, batch2)
    return _combined(input, product(batch1, batch2), beta, alpha)
