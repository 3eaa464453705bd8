"""Checks of matrices, with the errors of torch.linalg."""

from __future__ import annotations

import jax.numpy as jnp
from jax.lax import linalg as lapack

from ..autograd.levels import lowest
from . import _registry
from ._check import is_inexact, not_implemented, scalar_name
from ._look import look

_HALF = (jnp.float16, jnp.bfloat16)
SINGULAR = (
    "The diagonal element {} is zero, the inversion could not be completed because the "
    "input matrix is singular."
)


class LinAlgError(RuntimeError):
    """A matrix for which an operation has no result, such as a singular one."""


# PyTorch shows it under its private name.
LinAlgError.__name__ = LinAlgError.__qualname__ = "_LinAlgError"
LinAlgError.__module__ = "torch._C"
_registry.add("LinAlgError", {"": LinAlgError}, None, scope="linalg", method=False)


def check_info(info, name: str, text: str, kind=LinAlgError) -> None:
    """Raise for the first matrix whose ``info`` is not 0, which replaces ``{}``.

    Reads the values, so that the error comes on the user's line: one flush.
    """
    found = look(lowest(info), name)
    if found is None or not found.any():
        return
    code = found.reshape(-1)[found.reshape(-1) != 0][0]
    which = f"(Batch element {found.reshape(-1).nonzero()[0][0]}): " * bool(found.ndim)
    raise kind(f"{name}: {which}{text.format(code)}")


def at_least_2d(x, name: str, letter: str = "A"):
    """Matrices of any dtype."""
    if x.ndim < 2:
        raise RuntimeError(
            f"{name}: The input tensor {letter} must have at least 2 dimensions."
        )
    return x


def matrices(x, name: str, kernel: str | None = None):
    """At least 2-d and floating; half precision has no kernel (by name) or no place."""
    at_least_2d(x, name)
    if not is_inexact(x):
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got "
            f"{scalar_name(x)}"
        )
    if x.dtype in _HALF:
        if kernel is not None:
            raise not_implemented(kernel, x)
        raise RuntimeError(
            f"{name}: Low precision dtypes not supported. Got {scalar_name(x)}"
        )
    return x


def square_shape(x, name: str):
    """Square matrices of any dtype."""
    prefix = f"{name}: " if name else ""
    if x.ndim >= 2 and x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            f"{prefix}A must be batches of square matrices, but they are "
            f"{x.shape[-2]} by {x.shape[-1]} matrices"
        )
    return x


def square(x, name: str, kernel: str | None = None):
    """Square, floating matrices."""
    return matrices(square_shape(x, name), name, kernel)


def same_dtype(a, b, name: str, letters: str = "AB") -> None:
    """Both matrices have one dtype."""
    if a.dtype != b.dtype:
        first, second = letters[:-1], letters[-1]
        raise RuntimeError(
            f"{name}: Expected {first} and {second} to have the same dtype, but found "
            f"{first} of type {scalar_name(a)} and {second} of type {scalar_name(b)} "
            "instead"
        )


def fits(a, b, left: bool, name: str) -> None:
    """The shapes fit AX = B, or XA = B."""
    at_least_2d(b, name, "B")
    if a.shape[-1] != b.shape[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} "
            f"({a.shape[-2]}x{a.shape[-1]} and {b.shape[-2]}x{b.shape[-1]})"
        )


def fits_old(a, b, name: str) -> None:
    """The same under the names of the old functions."""
    if a.shape[-1] != b.shape[-2]:
        raise RuntimeError(
            f"Incompatible matrix sizes for {name}: each A matrix is {a.shape[-1]} by "
            f"{a.shape[-1]} but each b matrix is {b.shape[-2]} by {b.shape[-1]}"
        )


def transposed(x):
    """The transpose."""
    return jnp.swapaxes(x, -1, -2)


def adjoint(x):
    """The conjugate transpose."""
    return jnp.conj(jnp.swapaxes(x, -1, -2))


def batched(A, B):
    """Two stacks of matrices broadcast to one batch."""
    batch = jnp.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    return (
        jnp.broadcast_to(A, batch + A.shape[-2:]),
        jnp.broadcast_to(B, batch + B.shape[-2:]),
    )


def triangular(A, B, *, upper: bool, left: bool = True, unit=False, adjoint=False):
    """X of AX = B or XA = B for a triangular A, or for its adjoint."""
    A, B = batched(A, B)
    return lapack.triangular_solve(
        A,
        B,
        left_side=left,
        lower=not upper,
        unit_diagonal=unit,
        transpose_a=adjoint,
        conjugate_a=adjoint,
    )


def zero_pivot(packed):
    """From 1 on, the place of the first zero on the diagonal; 0 if there is none."""
    zero = jnp.diagonal(packed, axis1=-2, axis2=-1) == 0
    if not zero.shape[-1]:
        return jnp.zeros(zero.shape[:-1], jnp.int32)
    first = jnp.argmax(zero, -1) + 1
    return jnp.where(zero.any(-1), first, 0).astype(jnp.int32)
