"""Inverses, determinants, powers and the exponential of matrices; products of several.

**Differs** from PyTorch: a singular matrix gives inf or NaN, not an error: a recorded
op cannot look at values.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from . import _registry, products, views
from ._forms import overloaded
from ._matrices import square
from ._op import Array, Ints, op


def _also(function, *names: str) -> None:
    """Publish a function of torch in torch.linalg too."""
    for name in names:
        _registry.add(name, {"": function}, None, scope="linalg", method=False)


@op(out=True)
def inverse(input: Array) -> Array:
    """The inverse."""
    return jnp.linalg.inv(square(input, "linalg.inv"))


@op(out=True)
def det(input: Array) -> Array:
    """The determinant."""
    return jnp.linalg.det(square(input, "linalg.det", "lu_cpu"))


@op(out=True, returns=("sign", "logabsdet"))
def slogdet(input: Array) -> tuple:
    """Sign (or phase) of the determinant and log of its absolute value."""
    sign, logabs = jnp.linalg.slogdet(square(input, "linalg.slogdet"))
    return sign, logabs


@op
def logdet(input: Array) -> Array:
    """log of the determinant; NaN where it is negative."""
    sign, logabs = jnp.linalg.slogdet(square(input, "logdet"))
    return jnp.where(sign == -1, jnp.nan, logabs)


@op(out=True)
def matrix_exp(input: Array) -> Array:
    """The exponential of matrices."""
    return jax.scipy.linalg.expm(square(input, "linalg.matrix_exp"))


@op(out=True)
def matrix_power(input: Array, n: int) -> Array:
    """Products of n equal matrices; of the inverse for a negative n."""
    return jnp.linalg.matrix_power(square(input, "linalg.matrix_power"), n)


_also(inverse, "inv")
_also(det, "det")
_also(slogdet, "slogdet")
_also(matrix_exp, "matrix_exp")
_also(matrix_power, "matrix_power")


@op(scope="linalg", method=False, returns=("inverse", "info"), out=True)
def inv_ex(A: Array, *, check_errors: bool = False) -> tuple:
    """The inverse and 0, or 1 where there is none."""
    made = jnp.linalg.inv(square(A, "linalg.inv"))
    return made, (~jnp.isfinite(made)).any((-2, -1)).astype(jnp.int32)


# ----- products and tensors ----------------------------------------------------------


@overloaded(scope="linalg", method=False, out=True)
def multi_dot(tensors):
    """The product of several matrices in the cheapest order."""
    tensors = tuple(tensors)
    if len(tensors) < 2:
        raise RuntimeError(
            f"multi_dot(): expected at least 2 tensors but got {len(tensors)}"
        )
    for i, (a, b) in enumerate(zip(tensors, tensors[1:], strict=False)):
        if a.shape[-1] != b.shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {i} and {i + 1} with shapes {list(a.shape)} and "
                f"{list(b.shape)} cannot be multiplied"
            )
    return products.chain_matmul(*tensors)


@op(scope="linalg", method=False, out=True)
def tensorinv(A: Array, ind: int = 2) -> Array:
    """The inverse with respect to tensordot(…, ind)."""
    rows, columns = math.prod(A.shape[ind:]), math.prod(A.shape[:ind])
    if rows != columns:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == "
            f"prod(self.shape[:ind]), but got {rows} != {columns}"
        )
    return jnp.linalg.tensorinv(A, ind)


@op(scope="linalg", method=False, out=True)
def tensorsolve(A: Array, B: Array, dims: Ints | None = None) -> Array:
    """X of tensordot(A, X, X.ndim) = B."""
    return jnp.linalg.tensorsolve(A, B, dims)


@op(scope="linalg", method=False, name="vander")
def linalg_vander(x: Array, *, N: int | None = None) -> Array:
    """Rows of rising powers of each element."""
    n = x.shape[-1] if N is None else N
    return x[..., None] ** jnp.arange(n)


@overloaded(scope="linalg", method=False, name="diagonal")
def linalg_diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices, a view."""
    return views.diagonal(A, offset, dim1, dim2)
