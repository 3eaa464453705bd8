"""The parametrization of orthogonal and unitary matrices.

**Source** https://arxiv.org/abs/1909.09501 (dynamic trivialisations)
"""

from __future__ import annotations

import enum

from ..._ops import _registry
from ...autograd.grad_mode import no_grad
from .. import _torch as torch
from ..module import Module

_linalg = _registry.functions["linalg"]


class _OrthMaps(enum.Enum):
    matrix_exp = enum.auto()
    cayley = enum.auto()
    householder = enum.auto()


def _tall(matrix):
    """The matrix with at least as many rows as columns, and whether it was turned."""
    turned = matrix.size(-2) < matrix.size(-1)
    return (matrix.mT if turned else matrix), turned


def _orthonormal(matrix):
    """The Q of matrix = QR with a positive diagonal of R."""
    q, r = _linalg["qr"](matrix)
    return q * r.diagonal(dim1=-2, dim2=-1).sgn().unsqueeze(-2)


class _Orthogonal(Module):
    def __init__(self, weight, orthogonal_map, *, use_trivialization: bool = True):
        super().__init__()
        if weight.is_complex() and orthogonal_map is _OrthMaps.householder:
            raise ValueError(
                "The householder parametrization does not support complex tensors."
            )
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X):
        X, turned = _tall(X)
        if self.orthogonal_map is _OrthMaps.householder:
            q = self._reflected(X)
        else:
            q = self._mapped(X)
        if "base" in self._buffers:
            q = self.base @ q
        return q.mT if turned else q

    def _mapped(self, X):
        """By a map from skew-symmetric matrices to orthogonal ones."""
        n, k = X.size(-2), X.size(-1)
        X = X.tril()
        if n != k:
            X = torch.cat([X, X.new_zeros((*X.shape[:-1], n - k))], -1)
        A = X - X.mH
        if self.orthogonal_map is _OrthMaps.matrix_exp:
            return torch.matrix_exp(A)[..., :k]
        one = torch.eye(n, dtype=A.dtype, device=A.device)
        return _linalg["solve"](one - A / 2, one + A / 2)[..., :k]

    def _reflected(self, X):
        """By a product of reflections, one for each column.

        It is I - V T V^T with T^-1 = D + U, where U is V^T V above the diagonal and D
        half of its diagonal. **Source** Schreiber and Van Loan, doi 10.1137/0910005
        """
        k = X.size(-1)
        one = torch.eye(X.size(-2), k, dtype=X.dtype, device=X.device)
        V = X.tril(diagonal=-1) + one
        inner = V.mT @ V
        half = torch.diag_embed(inner.diagonal(dim1=-2, dim2=-1) / 2)
        top = V[..., :k, :].mT
        q = one - V @ _linalg["solve"](inner.triu(1) + half, top)
        signs = X.detach().diagonal(dim1=-2, dim2=-1).trunc()
        return q * signs.unsqueeze(-2)

    @no_grad()
    def right_inverse(self, Q):
        if Q.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a "
                f"tensor of shape {Q.shape}."
            )
        tall, turned = _tall(Q)
        if "base" not in self._buffers:
            found = self._reflections(tall)
            return found.mT if turned else found
        self.base = self._completed(tall)
        start = torch.zeros_like(Q)
        start.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
        return start

    def _completed(self, Q):
        """A square orthogonal matrix that begins with Q, or its orthogonal part."""
        n, k = Q.size(-2), Q.size(-1)
        if n != k:
            shape = (*Q.shape[:-2], n, n - k)
            more = torch.randn(shape, dtype=Q.dtype, device=Q.device)
            Q = torch.cat([Q, more], -1)
        # Of an orthogonal matrix this is the matrix itself, up to rounding.
        return _orthonormal(Q)

    def _reflections(self, Q):
        if self.orthogonal_map is not _OrthMaps.householder:
            raise NotImplementedError(
                "It is not possible to assign to the matrix exponential or the Cayley "
                "parametrizations when use_trivialization=False."
            )
        A, tau = torch.geqrf(Q)
        diagonal = A.diagonal(dim1=-2, dim2=-1).sign()
        diagonal = torch.where(tau == 0.0, -diagonal, diagonal)
        return A.tril(-1) + A.triu(1) + torch.diag_embed(diagonal)[..., : Q.size(-1)]
