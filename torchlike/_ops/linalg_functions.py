"""Functions of square matrices: exponential and powers."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ._compute import widen
from ._forms import overloaded
from ._matrices import at_least_2d, matrices, square_shape
from ._op import Array, op
from .linalg_inverse import also, inverse
from .matmul import product


@op(backward="LinalgMatrixExpBackward0")
def matrix_exp(input: Array) -> Array:
    """The exponential of matrices.

    **Source** N. J. Higham, "The scaling and squaring method for the matrix
    exponential revisited", SIAM J. Matrix Anal. Appl. 26 (2005), by JAX.
    """
    A = widen(square_shape(input, "linalg.matrix_exp"))
    A = matrices(A, "linalg.matrix_exp")
    if not A.size:
        return input
    return jax.scipy.linalg.expm(A).astype(input.dtype)


@op(scope=None, method=False, name="matrix_power", backward="MmBackward0")
def _power(A: Array, n: int) -> Array:
    if n == 0:
        return jnp.broadcast_to(jnp.eye(A.shape[-1], dtype=A.dtype), A.shape)
    made, square = None, A
    while n:
        if n % 2:
            made = square if made is None else product(made, square)
        n //= 2
        square = product(square, square) if n else square
    return made


@overloaded(out=True)
def matrix_power(input, n):
    """Products of n equal matrices; of the inverse for a negative n."""
    shape = _Shape(input._value().aval.shape)
    square_shape(at_least_2d(shape, "linalg.matrix_power"), "linalg.matrix_power")
    return _power(inverse(input), -n) if n < 0 else _power(input, n)


class _Shape:
    def __init__(self, shape):
        self.shape, self.ndim = shape, len(shape)


also(matrix_exp, "matrix_exp")
also(matrix_power, "matrix_power")
