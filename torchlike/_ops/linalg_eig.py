"""Eigenvalues and eigenvectors of general matrices, by LAPACK's geev on the CPU."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import linalg as lapack

from ._forms import overloaded
from ._look import look
from ._matrices import square
from ._op import Array, op

_KERNEL = "linalg_eig_out_cpu"


@jax.custom_jvp
def _decomposed(A):
    w, v = lapack.eig(A, compute_left_eigenvectors=False)
    return w, v


@_decomposed.defjvp
def _tangent(primals, tangents):
    """With eigenvectors of length 1, as LAPACK gives them.

    **Source** C. Boeddeker et al., "On the computation of complex-valued gradients with
    application to statistically optimum beamforming", arXiv:1701.00392 (2017).
    """
    w, v = _decomposed(*primals)
    change = jnp.linalg.solve(v, tangents[0].astype(v.dtype) @ v)
    same = jnp.eye(w.shape[-1], dtype=bool)
    gaps = w[..., None, :] - w[..., :, None]
    dv = v @ jnp.where(same, 0, change / jnp.where(same, 1, gaps))
    along = jnp.real(jnp.sum(jnp.conj(v) * dv, -2, keepdims=True))
    dw = jnp.diagonal(change, axis1=-2, axis2=-1)
    return (w, v), (dw, dv - v * along)


@op(
    scope=None,
    method=False,
    name="linalg_eig",
    returns=("eigenvalues", "eigenvectors"),
    backward="LinalgEigBackward0",
)
def _eig(A: Array) -> tuple:
    return _decomposed(square(A, "linalg.eig", _KERNEL))


@op(scope=None, method=False, name="linalg_eigvals", backward="LinalgEigBackward0")
def _eigvals(A: Array) -> Array:
    return _decomposed(square(A, "linalg.eigvals", _KERNEL))[0]


def _finite(values) -> None:
    found = look(values, "linalg.eig")
    if found is not None and not np.isfinite(found).all():
        raise RuntimeError(
            "torch.linalg.eig: input tensor should not contain infs or NaNs."
        )


@overloaded(scope="linalg", method=False, out=True)
def eig(A):
    """Eigenvalues and eigenvectors, complex, in LAPACK's order."""
    made = _eig(A)
    _finite(made.eigenvalues)
    return made


@overloaded(scope="linalg", method=False, out=True)
def eigvals(A):
    """Eigenvalues, complex, in LAPACK's order."""
    made = _eigvals(A)
    _finite(made)
    return made
