"""Sets of values: what parameters and samples of distributions are checked against.

``constraint.check(value)`` gives a boolean for every event of the value.
"""

from __future__ import annotations

import numpy as np

import torchlike as torch

__all__ = [
    "Constraint",
    "boolean",
    "cat",
    "corr_cholesky",
    "dependent",
    "dependent_property",
    "greater_than",
    "greater_than_eq",
    "independent",
    "integer_interval",
    "interval",
    "half_open_interval",
    "is_dependent",
    "less_than",
    "lower_cholesky",
    "lower_triangular",
    "MixtureSameFamilyConstraint",
    "multinomial",
    "nonnegative",
    "nonnegative_integer",
    "one_hot",
    "positive",
    "positive_semidefinite",
    "positive_definite",
    "positive_integer",
    "real",
    "real_vector",
    "simplex",
    "square",
    "stack",
    "symmetric",
    "unit_interval",
]


class Constraint:
    """A set; ``event_dim`` rightmost dimensions make one of its elements."""

    is_discrete = False
    event_dim = 0

    def check(self, value):
        """Whether each event of ``value`` belongs to the set."""
        raise NotImplementedError

    def admits(self, array: np.ndarray) -> bool:
        """Whether all events of an array belong to the set (see ``takes_arrays``)."""
        return bool(self.check(array).all())

    def __repr__(self) -> str:
        return self.__class__.__name__[1:] + "()"


class _Bounded(Constraint):
    """A set with bounds; its representation names them."""

    def __repr__(self) -> str:
        bounds = ", ".join(
            f"{name}={getattr(self, name)}"
            for name in ("lower_bound", "upper_bound")
            if name in self.__dict__
        )
        return f"{self.__class__.__name__[1:]}({bounds})"


class _Above(_Bounded):
    def __init__(self, lower_bound):
        self.lower_bound = lower_bound


class _Below(_Bounded):
    def __init__(self, upper_bound):
        self.upper_bound = upper_bound


class _Between(_Bounded):
    def __init__(self, lower_bound, upper_bound):
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound


# ----- sets known only from a distribution's parameters ------------------------------


class _Dependent(Constraint):
    """A set that depends on other values; nothing can be checked."""

    def __init__(self, *, is_discrete=NotImplemented, event_dim=NotImplemented):
        self._is_discrete = is_discrete
        self._event_dim = event_dim
        super().__init__()

    @property
    def is_discrete(self) -> bool:
        if self._is_discrete is NotImplemented:
            raise NotImplementedError(".is_discrete cannot be determined statically")
        return self._is_discrete

    @property
    def event_dim(self) -> int:
        if self._event_dim is NotImplemented:
            raise NotImplementedError(".event_dim cannot be determined statically")
        return self._event_dim

    def __call__(self, *, is_discrete=NotImplemented, event_dim=NotImplemented):
        """The same with attributes that are known."""
        if is_discrete is NotImplemented:
            is_discrete = self._is_discrete
        if event_dim is NotImplemented:
            event_dim = self._event_dim
        return _Dependent(event_dim=event_dim, is_discrete=is_discrete)

    def check(self, x):
        raise ValueError("Cannot determine validity of dependent constraint")


def is_dependent(constraint) -> bool:
    """Whether the set is known only from an instance."""
    return isinstance(constraint, _Dependent)


class _DependentProperty(property, _Dependent):
    """A decorator: a property of instances that is a dependent set of the class."""

    def __init__(
        self, fn=None, *, is_discrete=NotImplemented, event_dim=NotImplemented
    ):
        super().__init__(fn)
        self._is_discrete = is_discrete
        self._event_dim = event_dim

    def __call__(self, fn):
        return _DependentProperty(
            fn, is_discrete=self._is_discrete, event_dim=self._event_dim
        )


# ----- products of sets --------------------------------------------------------------


class _IndependentConstraint(Constraint):
    """Rightmost batch dimensions taken as part of the event."""

    def __init__(self, base_constraint, reinterpreted_batch_ndims):
        if reinterpreted_batch_ndims < 0:
            raise AssertionError(
                "reinterpreted_batch_ndims must be >= 0, got "
                f"{reinterpreted_batch_ndims}"
            )
        self.base_constraint = base_constraint
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        super().__init__()

    @property
    def is_discrete(self) -> bool:
        return self.base_constraint.is_discrete

    @property
    def event_dim(self) -> int:
        return self.base_constraint.event_dim + self.reinterpreted_batch_ndims

    def check(self, value):
        result = self.base_constraint.check(value)
        kept = result.dim() - self.reinterpreted_batch_ndims
        if kept < 0:
            wanted = self.base_constraint.event_dim + self.reinterpreted_batch_ndims
            raise ValueError(f"Expected value.dim() >= {wanted} but got {value.dim()}")
        return result.reshape(result.shape[:kept] + (-1,)).all(-1)

    def admits(self, array):
        return array.ndim >= self.event_dim and self.base_constraint.admits(array)

    def __repr__(self) -> str:
        name = self.__class__.__name__[1:]
        return f"{name}({self.base_constraint!r}, {self.reinterpreted_batch_ndims})"


class MixtureSameFamilyConstraint(Constraint):
    """The support of a mixture: that of its components, without their dimension."""

    def __init__(self, base_constraint):
        if not isinstance(base_constraint, Constraint):
            raise AssertionError(
                "base_constraint must be a Constraint, got "
                f"{type(base_constraint).__name__}"
            )
        self.base_constraint = base_constraint
        super().__init__()

    @property
    def is_discrete(self) -> bool:
        return self.base_constraint.is_discrete

    @property
    def event_dim(self) -> int:
        return self.base_constraint.event_dim

    def check(self, value):
        """``value`` has to suit every component along the one that is put in."""
        kept = value.dim() - self.event_dim
        result = self.base_constraint.check(value.unsqueeze(kept))
        if kept < 0:
            raise ValueError(
                f"Expected value.dim() >= {self.event_dim} but got {value.dim()}"
            )
        return result.reshape(result.shape[:kept] + (-1,)).all(-1)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.base_constraint!r})"


class _Cat(Constraint):
    """Parts of one dimension, each in a set of its own."""

    def __init__(self, cseq, dim=0, lengths=None):
        _all_constraints(cseq)
        self.cseq = list(cseq)
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.cseq):
            raise AssertionError(
                f"lengths ({len(self.lengths)}) must match cseq ({len(self.cseq)})"
            )
        self.dim = dim
        super().__init__()

    @property
    def is_discrete(self) -> bool:
        return any(c.is_discrete for c in self.cseq)

    @property
    def event_dim(self) -> int:
        return max(c.event_dim for c in self.cseq)

    def check(self, value):
        _dim_within(self.dim, value)
        checks, start = [], 0
        for part, length in zip(self.cseq, self.lengths, strict=True):
            checks.append(part.check(value.narrow(self.dim, start, length)))
            start += length
        return torch.cat(checks, self.dim)


class _Stack(Constraint):
    """Slices along one dimension, each in a set of its own."""

    def __init__(self, cseq, dim=0):
        _all_constraints(cseq)
        self.cseq = list(cseq)
        self.dim = dim
        super().__init__()

    @property
    def is_discrete(self) -> bool:
        return any(c.is_discrete for c in self.cseq)

    @property
    def event_dim(self) -> int:
        dim = max(c.event_dim for c in self.cseq)
        return dim + 1 if self.dim + dim < 0 else dim

    def check(self, value):
        _dim_within(self.dim, value)
        slices = [value.select(self.dim, i) for i in range(value.size(self.dim))]
        checks = [c.check(v) for v, c in zip(slices, self.cseq, strict=True)]
        return torch.stack(checks, self.dim)


def _all_constraints(cseq) -> None:
    if not all(isinstance(c, Constraint) for c in cseq):
        raise AssertionError("All elements of cseq must be Constraint instances")


def _dim_within(dim: int, value) -> None:
    if not -value.dim() <= dim < value.dim():
        raise AssertionError(
            f"dim ({dim}) out of range for value with {value.dim()} dimensions"
        )


# ----- numbers -----------------------------------------------------------------------


class _Boolean(Constraint):
    is_discrete = True

    def check(self, value):
        return (value == 0) | (value == 1)


def _whole_and(value, within):
    """Those ``within`` that are whole numbers; integers are."""
    kind = value.dtype
    if isinstance(value, np.ndarray):
        whole = kind.kind in "biu"
    else:
        whole = not (kind.is_floating_point or kind.is_complex)
    if not whole:
        return (value % 1 == 0) & within
    return within


class _IntegerInterval(_Between):
    is_discrete = True

    def check(self, value):
        within = (self.lower_bound <= value) & (value <= self.upper_bound)
        return _whole_and(value, within)

    def admits(self, array):
        if array.size != 1 or array.dtype.kind != "i":
            return super().admits(array)
        return self.lower_bound <= array.item() <= self.upper_bound


class _IntegerLessThan(_Below):
    is_discrete = True

    def check(self, value):
        within = value <= self.upper_bound
        return _whole_and(value, within)


class _IntegerGreaterThan(_Above):
    is_discrete = True

    def check(self, value):
        within = value >= self.lower_bound
        return _whole_and(value, within)


class _Real(Constraint):
    def check(self, value):
        return value == value  # not NaN


class _GreaterThan(_Above):
    def check(self, value):
        return self.lower_bound < value


class _GreaterThanEq(_Above):
    def check(self, value):
        return self.lower_bound <= value


class _LessThan(_Below):
    def check(self, value):
        return value < self.upper_bound


class _Interval(_Between):
    def check(self, value):
        return (self.lower_bound <= value) & (value <= self.upper_bound)


class _HalfOpenInterval(_Between):
    def check(self, value):
        return (self.lower_bound <= value) & (value < self.upper_bound)


# ----- vectors -----------------------------------------------------------------------


class _OneHot(Constraint):
    is_discrete = True
    event_dim = 1

    def check(self, value):
        is_boolean = (value == 0) | (value == 1)
        return is_boolean.all(-1) & (value.sum(-1) == 1)


class _Simplex(Constraint):
    event_dim = 1

    def check(self, value):
        sums_to_one = abs(value.sum(-1) - 1) < 1e-6
        return (value >= 0).all(-1) & sums_to_one

    def admits(self, array):
        if array.ndim != 1 or not array.size:
            return super().admits(array)
        sums_to_one = abs(np.add.reduce(array) - 1) < 1e-6
        return bool(sums_to_one and np.minimum.reduce(array) >= 0)


class _Multinomial(Constraint):
    """Counts that add up to the bound."""

    is_discrete = True
    event_dim = 1

    def __init__(self, upper_bound):
        self.upper_bound = upper_bound

    def check(self, x):
        return (x >= 0).all(dim=-1) & (x.sum(dim=-1) <= self.upper_bound)


# ----- arrays ------------------------------------------------------------------------

_OF_ARRAYS = {
    _Boolean,
    _IntegerInterval,
    _IntegerLessThan,
    _IntegerGreaterThan,
    _Real,
    _GreaterThan,
    _GreaterThanEq,
    _LessThan,
    _Interval,
    _HalfOpenInterval,
    _Simplex,
}


def takes_arrays(constraint: Constraint) -> bool:
    """Whether ``admits`` takes real NumPy arrays, as it compares with numbers only."""
    if type(constraint) is _IndependentConstraint:
        return takes_arrays(constraint.base_constraint)
    if type(constraint) not in _OF_ARRAYS:
        return False
    return all([isinstance(b, (int, float)) for b in constraint.__dict__.values()])


# ----- matrices ----------------------------------------------------------------------


class _LowerTriangular(Constraint):
    event_dim = 2

    def check(self, value):
        same = value.tril() == value
        return same.view(value.shape[:-2] + (-1,)).min(-1)[0]


class _LowerCholesky(Constraint):
    event_dim = 2

    def check(self, value):
        positive = (value.diagonal(dim1=-2, dim2=-1) > 0).min(-1)[0]
        return _lower_triangular.check(value) & positive


class _CorrCholesky(Constraint):
    """Lower triangular with a positive diagonal and rows of length 1."""

    event_dim = 2

    def check(self, value):
        # the error of a sum of squares grows with their number
        tolerance = torch.finfo(value.dtype).eps * value.size(-1) * 10
        length = torch.linalg.norm(value.detach(), dim=-1)
        unit = (length - 1.0).abs().le(tolerance).all(dim=-1)
        return _LowerCholesky().check(value) & unit


class _Square(Constraint):
    event_dim = 2

    def check(self, value):
        square = value.shape[-2] == value.shape[-1]
        return torch.full(
            value.shape[:-2], square, dtype=torch.bool, device=value.device
        )


class _Symmetric(_Square):
    def check(self, value):
        square = super().check(value)
        if value.shape[-2] != value.shape[-1]:
            return square
        return torch.isclose(value, value.mT, atol=1e-6).all(-2).all(-1)


class _PositiveSemidefinite(_Symmetric):
    def check(self, value):
        symmetric = super().check(value)
        if value.shape[-2] != value.shape[-1]:
            return symmetric
        return symmetric & torch.linalg.eigvalsh(value).ge(0).all(-1)


class _PositiveDefinite(_Symmetric):
    def check(self, value):
        symmetric = super().check(value)
        if value.shape[-2] != value.shape[-1]:
            return symmetric
        return symmetric & torch.linalg.cholesky_ex(value).info.eq(0)


_lower_triangular = _LowerTriangular()

dependent = _Dependent()
dependent_property = _DependentProperty
independent = _IndependentConstraint
boolean = _Boolean()
one_hot = _OneHot()
nonnegative_integer = _IntegerGreaterThan(0)
positive_integer = _IntegerGreaterThan(1)
integer_interval = _IntegerInterval
real = _Real()
real_vector = independent(real, 1)
positive = _GreaterThan(0.0)
nonnegative = _GreaterThanEq(0.0)
greater_than = _GreaterThan
greater_than_eq = _GreaterThanEq
less_than = _LessThan
multinomial = _Multinomial
unit_interval = _Interval(0.0, 1.0)
interval = _Interval
half_open_interval = _HalfOpenInterval
simplex = _Simplex()
lower_triangular = _lower_triangular
lower_cholesky = _LowerCholesky()
corr_cholesky = _CorrCholesky()
square = _Square()
symmetric = _Symmetric()
positive_semidefinite = _PositiveSemidefinite()
positive_definite = _PositiveDefinite()
cat = _Cat
stack = _Stack
