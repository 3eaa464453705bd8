"""Eigenvalues and eigenvectors of general matrices, by LAPACK's geev on the CPU."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from ..autograd.levels import lowest
from ._forms import overloaded
from ._look import look
from ._matrices import square
from ._op import Array, op

_KERNEL = "linalg_eig_out_cpu"


@op(
    scope=None,
    method=False,
    name="linalg_eig",
    returns=("eigenvalues", "eigenvectors"),
    backward="LinalgEigBackward0",
)
def _eig(A: Array) -> tuple:
    w, v = jnp.linalg.eig(square(A, "linalg.eig", _KERNEL))
    return w, v


@op(scope=None, method=False, name="linalg_eigvals", backward="LinalgEigBackward0")
def _eigvals(A: Array) -> Array:
    return jnp.linalg.eigvals(square(A, "linalg.eigvals", _KERNEL))


def _finite(values, name: str) -> None:
    found = look(lowest(values), name)
    if found is not None and not np.isfinite(found).all():
        raise RuntimeError(
            f"torch.linalg.{name}: input tensor should not contain infs or NaNs."
        )


@overloaded(scope="linalg", method=False, out=True)
def eig(A):
    """Eigenvalues and eigenvectors, complex, in LAPACK's order."""
    made = _eig(A)
    _finite(made.eigenvalues, "eig")
    return made


@overloaded(scope="linalg", method=False, out=True)
def eigvals(A):
    """Eigenvalues, complex, in LAPACK's order."""
    made = _eigvals(A)
    _finite(made, "eigvals")
    return made
