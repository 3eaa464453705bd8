"""Singular values and vectors. Signs and phases are those of LAPACK."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import lax

from ..autograd.levels import lowest
from ._forms import overloaded
from ._look import look
from ._matrices import LinAlgError, adjoint, matrices
from ._op import Array, op

_SVD = ("linalg.svd", "linalg_svd_cpu")
_DRIVERS = (None, "gesvd", "gesvdj", "gesvda")


def _svd(A, full: bool):
    thin = jnp.linalg.svd(A, full_matrices=False)
    if not full or A.shape[-1] == A.shape[-2]:
        return thin
    # XLA has no derivative of the full form; the further vectors have none anyway.
    u, s, vh = thin
    k = s.shape[-1]
    wide_u, _, wide_vh = jnp.linalg.svd(lax.stop_gradient(A), full_matrices=True)
    u = jnp.concatenate([u, wide_u[..., k:]], -1)
    return u, s, jnp.concatenate([vh, wide_vh[..., k:, :]], -2)


@op(
    scope=None,
    method=False,
    name="linalg_svd",
    returns=("U", "S", "Vh"),
    backward="LinalgSvdBackward0",
)
def _linalg_svd(A: Array, full_matrices: bool) -> tuple:
    return tuple(_svd(matrices(A, *_SVD), full_matrices))


@op(scope=None, method=False, name="linalg_svdvals", backward="LinalgSvdBackward0")
def _svdvals(A: Array) -> Array:
    return jnp.linalg.svd(matrices(A, *_SVD), compute_uv=False)


def _checked(made, values):
    """Raise for what did not converge: LAPACK's result is NaN then."""
    found = look(lowest(values), "linalg.svd")
    if found is None or np.isfinite(found).all():
        return made
    first = np.argwhere(~np.isfinite(found))[0][0]
    which = f"(Batch element {first}): " if found.ndim > 1 else ""
    raise LinAlgError(
        f"linalg.svd: {which}The algorithm failed to converge because the input matrix "
        "contained non-finite values."
    )


def _check_driver(A, driver) -> None:
    if driver is None:
        return
    if A._value().device.type != "cuda":
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA "
            "inputs with cuSOLVER backend."
        )
    if driver not in _DRIVERS:
        raise RuntimeError(
            f"torch.linalg.svd: unknown svd driver {driver} in svd_cusolver"
        )


@overloaded(scope="linalg", method=False, out=True, name="svd")
def linalg_svd(A, full_matrices=True, *, driver=None):
    """A = U diag(S) Vh, singular values falling; LinAlgError for NaN in A."""
    _check_driver(A, driver)
    made = _linalg_svd(A, bool(full_matrices))
    return _checked(made, made.S)


@overloaded(scope="linalg", method=False, out=True)
def svdvals(A, *, driver=None):
    """Singular values, falling; LinAlgError for NaN in A."""
    _check_driver(A, driver)
    made = _svdvals(A)
    return _checked(made, made)


@op(
    scope=None,
    method=False,
    name="svd",
    returns=("U", "S", "V"),
    backward="LinalgSvdBackward0",
)
def _old_svd(input: Array, some: bool, compute_uv: bool) -> tuple:
    A = matrices(input, *_SVD)
    if not compute_uv:
        s = jnp.linalg.svd(A, compute_uv=False)
        m, n = A.shape[-2:]
        shape = A.shape[:-2]
        return jnp.zeros((*shape, m, m), A.dtype), s, jnp.zeros((*shape, n, n), A.dtype)
    u, s, vh = _svd(A, not some)
    return u, s, adjoint(vh)


@overloaded(out=True)
def svd(input, some=True, compute_uv=True):
    """input = U diag(S) V^H (the old form; ``some`` is the thin one)."""
    made = _old_svd(input, bool(some), bool(compute_uv))
    return _checked(made, made.S)
