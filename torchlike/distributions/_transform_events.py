"""Transforms of vectors and matrices, and of parts of a tensor."""

from __future__ import annotations

import math

import torchlike as torch
from torchlike.distributions import constraints
from torchlike.distributions._transform import Transform
from torchlike.distributions._transform_numbers import _clipped_sigmoid
from torchlike.distributions.utils import tril_matrix_to_vec, vec_to_tril_matrix
from torchlike.nn.functional import logsigmoid, pad, softplus

_TOO_FEW = "Too few dimensions on input"


class ReshapeTransform(Transform):
    """The rightmost dimensions reshaped from ``in_shape`` to ``out_shape``."""

    bijective = True

    def __init__(self, in_shape, out_shape, cache_size: int = 0):
        self.in_shape = torch.Size(in_shape)
        self.out_shape = torch.Size(out_shape)
        if self.in_shape.numel() != self.out_shape.numel():
            raise ValueError("in_shape, out_shape have different numbers of elements")
        super().__init__(cache_size=cache_size)

    @constraints.dependent_property
    def domain(self):
        return constraints.independent(constraints.real, len(self.in_shape))

    @constraints.dependent_property
    def codomain(self):
        return constraints.independent(constraints.real, len(self.out_shape))

    def with_cache(self, cache_size=1):
        if self._cache_size == cache_size:
            return self
        return ReshapeTransform(self.in_shape, self.out_shape, cache_size=cache_size)

    def _call(self, x):
        batch_shape = x.shape[: x.dim() - len(self.in_shape)]
        return x.reshape(batch_shape + self.out_shape)

    def _inverse(self, y):
        batch_shape = y.shape[: y.dim() - len(self.out_shape)]
        return y.reshape(batch_shape + self.in_shape)

    def log_abs_det_jacobian(self, x, y):
        batch_shape = x.shape[: x.dim() - len(self.in_shape)]
        return x.new_zeros(batch_shape)

    def forward_shape(self, shape):
        return _replace_end(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape):
        return _replace_end(shape, self.out_shape, self.in_shape)


def _replace_end(shape, old, new):
    if len(shape) < len(old):
        raise ValueError(_TOO_FEW)
    cut = len(shape) - len(old)
    if shape[cut:] != old:
        raise ValueError(f"Shape mismatch: expected {shape[cut:]} but got {old}")
    return shape[:cut] + new


class SoftmaxTransform(Transform):
    """y = exp(x) over its sum: not bijective, as a constant shift of x is lost."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def __eq__(self, other) -> bool:
        return isinstance(other, SoftmaxTransform)

    def _call(self, x):
        unscaled = (x - x.max(-1, True)[0]).exp()
        return unscaled / unscaled.sum(-1, True)

    def _inverse(self, y):
        return y.log()

    def forward_shape(self, shape):
        return _at_least(shape, 1)

    def inverse_shape(self, shape):
        return _at_least(shape, 1)


def _at_least(shape, dims: int):
    if len(shape) < dims:
        raise ValueError(_TOO_FEW)
    return shape


class StickBreakingTransform(Transform):
    """n numbers to n + 1 shares: each takes its part of what is left of a stick."""

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def __eq__(self, other) -> bool:
        return isinstance(other, StickBreakingTransform)

    @staticmethod
    def _offset(x):
        """n, n - 1, … 1: makes equal shares of zeros."""
        n = x.shape[-1]
        return n + 1 - x.new_ones(n).cumsum(-1)

    def _call(self, x):
        part = _clipped_sigmoid(x - self._offset(x).log())
        left = (1 - part).cumprod(-1)
        return pad(part, [0, 1], value=1) * pad(left, [1, 0], value=1)

    def _inverse(self, y):
        shares = y[..., :-1]
        left = torch.clamp(1 - shares.cumsum(-1), min=torch.finfo(y.dtype).tiny)
        return shares.log() - left.log() + self._offset(shares).log()

    def log_abs_det_jacobian(self, x, y):
        x = x - self._offset(x).log()
        return (-x + logsigmoid(x) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape):
        _at_least(shape, 1)
        return shape[:-1] + (shape[-1] + 1,)

    def inverse_shape(self, shape):
        _at_least(shape, 1)
        return shape[:-1] + (shape[-1] - 1,)


# ----- matrices ----------------------------------------------------------------------


class CorrCholeskyTransform(Transform):
    """n (n - 1) / 2 numbers to the Cholesky factor of a correlation matrix.

    tanh of the numbers are partial correlations, laid row by row below the diagonal.

    **Source** D. Lewandowski et al., Generating random correlation matrices based on
    vines and extended onion method, 2009
    """

    domain = constraints.real_vector
    codomain = constraints.corr_cholesky
    bijective = True

    def _call(self, x):
        x = torch.tanh(x)
        eps = torch.finfo(x.dtype).eps
        x = x.clamp(min=-1 + eps, max=1 - eps)
        partial = vec_to_tril_matrix(x, diag=-1)
        left = (1 - partial * partial).sqrt().cumprod(-1)
        eye = torch.eye(partial.shape[-1], dtype=x.dtype, device=x.device)
        return (partial + eye) * pad(left[..., :-1], [1, 0], value=1)

    def _inverse(self, y):
        left = 1 - torch.cumsum(y * y, dim=-1)
        left = pad(left[..., :-1], [1, 0], value=1)
        partial = tril_matrix_to_vec(y, diag=-1)
        partial = partial / tril_matrix_to_vec(left, diag=-1).sqrt()
        return (partial.log1p() - partial.neg().log1p()) / 2

    def log_abs_det_jacobian(self, x, y):
        left = 1 - (y * y).cumsum(dim=-1)
        inner = tril_matrix_to_vec(left, diag=-2)  # the last of a row leaves nothing
        from_rows = 0.5 * inner.log().sum(-1)
        from_tanh = -2 * (x + softplus(-2 * x) - math.log(2.0)).sum(dim=-1)
        return from_rows + from_tanh

    def forward_shape(self, shape):
        _at_least(shape, 1)
        size = shape[-1]
        order = round((0.25 + 2 * size) ** 0.5 + 0.5)
        if order * (order - 1) // 2 != size:
            raise ValueError("Input is not a flattened lower-diagonal number")
        return shape[:-1] + (order, order)

    def inverse_shape(self, shape):
        _at_least(shape, 2)
        if shape[-2] != shape[-1]:
            raise ValueError("Input is not square")
        order = shape[-1]
        return shape[:-2] + (order * (order - 1) // 2,)


class LowerCholeskyTransform(Transform):
    """The lower triangle, with the exponential of the diagonal."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def __eq__(self, other) -> bool:
        return isinstance(other, LowerCholeskyTransform)

    def _call(self, x):
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y):
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(Transform):
    """L Lᵀ of the ``LowerCholeskyTransform``."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def __eq__(self, other) -> bool:
        return isinstance(other, PositiveDefiniteTransform)

    def _call(self, x):
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y):
        return LowerCholeskyTransform().inv(torch.linalg.cholesky(y))


# ----- parts -------------------------------------------------------------------------


class _Parts(Transform):
    """Transforms of parts of a tensor along ``dim``."""

    def __init__(self, tseq, dim: int, cache_size: int):
        if not all(isinstance(t, Transform) for t in tseq):
            raise AssertionError("All elements of tseq must be Transform instances")
        if cache_size:
            tseq = [t.with_cache(cache_size) for t in tseq]
        super().__init__(cache_size=cache_size)
        self.transforms = list(tseq)
        self.dim = dim

    @property
    def bijective(self) -> bool:
        return all(t.bijective for t in self.transforms)

    def _check_dim(self, x) -> None:
        if not -x.dim() <= self.dim < x.dim():
            raise AssertionError(
                f"dim {self.dim} out of range for x with {x.dim()} dimensions"
            )


class CatTransform(_Parts):
    """Each transform maps a part of ``dim`` of its length."""

    def __init__(self, tseq, dim: int = 0, lengths=None, cache_size: int = 0):
        super().__init__(tseq, dim, cache_size)
        count = len(self.transforms)
        self.lengths = [1] * count if lengths is None else list(lengths)
        if len(self.lengths) != count:
            raise AssertionError(
                f"lengths ({len(self.lengths)}) must match tseq ({count})"
            )

    @property
    def event_dim(self) -> int:
        return max(t.event_dim for t in self.transforms)

    @property
    def length(self) -> int:
        return sum(self.lengths)

    def with_cache(self, cache_size=1):
        if self._cache_size == cache_size:
            return self
        return CatTransform(self.transforms, self.dim, self.lengths, cache_size)

    def _split(self, x, name: str = "x"):
        self._check_dim(x)
        if x.size(self.dim) != self.length:
            raise AssertionError(
                f"{name}.size({self.dim}) = {x.size(self.dim)} must equal length "
                f"{self.length}"
            )
        return torch.split(x, self.lengths, self.dim)

    def _call(self, x):
        parts = zip(self.transforms, self._split(x), strict=True)
        return torch.cat([t(part) for t, part in parts], dim=self.dim)

    def _inverse(self, y):
        parts = zip(self.transforms, self._split(y, "y"), strict=True)
        return torch.cat([t.inv(part) for t, part in parts], dim=self.dim)

    def log_abs_det_jacobian(self, x, y):
        terms = []
        parts = zip(self.transforms, self._split(x), self._split(y, "y"), strict=True)
        for t, before, after in parts:
            term = t.log_abs_det_jacobian(before, after)
            if t.event_dim < self.event_dim:
                extra = self.event_dim - t.event_dim
                term = term.reshape(term.shape[: term.dim() - extra] + (-1,)).sum(-1)
            terms.append(term)
        dim = self.dim if self.dim < 0 else self.dim - x.dim()
        dim = dim + self.event_dim
        return torch.cat(terms, dim=dim) if dim < 0 else sum(terms)

    @constraints.dependent_property
    def domain(self):
        sets = [t.domain for t in self.transforms]
        return constraints.cat(sets, self.dim, self.lengths)

    @constraints.dependent_property
    def codomain(self):
        sets = [t.codomain for t in self.transforms]
        return constraints.cat(sets, self.dim, self.lengths)


class StackTransform(_Parts):
    """Each transform maps one slice along ``dim``."""

    def __init__(self, tseq, dim: int = 0, cache_size: int = 0):
        super().__init__(tseq, dim, cache_size)

    def with_cache(self, cache_size=1):
        if self._cache_size == cache_size:
            return self
        return StackTransform(self.transforms, self.dim, cache_size)

    def _slice(self, z):
        return [z.select(self.dim, i) for i in range(z.size(self.dim))]

    def _slices(self, z, name: str = "x"):
        self._check_dim(z)
        if z.size(self.dim) != len(self.transforms):
            raise AssertionError(
                f"{name}.size({self.dim}) = {z.size(self.dim)} must equal "
                f"len(transforms) {len(self.transforms)}"
            )
        return self._slice(z)

    def _call(self, x):
        slices = zip(self.transforms, self._slices(x), strict=True)
        return torch.stack([t(part) for t, part in slices], dim=self.dim)

    def _inverse(self, y):
        slices = zip(self.transforms, self._slices(y, "y"), strict=True)
        return torch.stack([t.inv(part) for t, part in slices], dim=self.dim)

    def log_abs_det_jacobian(self, x, y):
        slices = zip(
            self.transforms, self._slices(x), self._slices(y, "y"), strict=True
        )
        terms = [t.log_abs_det_jacobian(a, b) for t, a, b in slices]
        return torch.stack(terms, dim=self.dim)

    @constraints.dependent_property
    def domain(self):
        return constraints.stack([t.domain for t in self.transforms], self.dim)

    @constraints.dependent_property
    def codomain(self):
        return constraints.stack([t.codomain for t in self.transforms], self.dim)
