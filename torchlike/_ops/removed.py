"""Old names that PyTorch keeps only to say what to use instead."""

from __future__ import annotations

from ._forms import overloaded

_REMOVED = "This function was deprecated since version 1.9 and is now removed."


@overloaded
def symeig(input, eigenvectors=False, upper=True, *, out=None):
    """Removed: ``linalg.eigh``."""
    raise RuntimeError(
        f"{_REMOVED} The default behavior has changed from using the upper triangular "
        "portion of the matrix by default to using the lower triangular portion."
    )


@overloaded
def eig(self, eigenvectors=False, *, e=None, v=None):
    """Removed: ``linalg.eig``."""
    raise RuntimeError(
        f"{_REMOVED} `torch.linalg.eig` returns complex tensors of dtype `cfloat` or "
        "`cdouble` rather than real tensors mimicking complex tensors."
    )


@overloaded
def solve(input, A, *, out=None):
    """Removed: ``linalg.solve``."""
    raise RuntimeError(
        f"{_REMOVED} `torch.solve` is deprecated in favor of `torch.linalg.solve`. "
        "`torch.linalg.solve` has its arguments reversed and does not return the LU "
        "factorization."
    )


@overloaded
def lstsq(input, A, *, out=None):
    """Removed: ``linalg.lstsq``."""
    raise RuntimeError(
        f"{_REMOVED} `torch.lstsq` is deprecated in favor of `torch.linalg.lstsq`."
    )


@overloaded(method=False)
def matrix_rank(input, tol=None, symmetric=False, *, out=None):
    """Removed: ``linalg.matrix_rank``."""
    raise RuntimeError(_REMOVED)
