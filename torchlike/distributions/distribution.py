"""``Distribution``: shapes, checks of arguments and what follows from a few methods."""

from __future__ import annotations

import warnings

import torchlike as torch
from torchlike._quiet import quietly
from torchlike.distributions import constraints
from torchlike.distributions.utils import (
    all_hold,
    at_once,
    few_elements,
    is_known,
    is_lazy,
)

__all__ = ["Distribution"]


class Distribution:
    """A batch of distributions over events.

    Samples have the shape sample_shape + batch_shape + event_shape.
    """

    has_rsample = False
    has_enumerate_support = False
    _validate_args = __debug__
    # What ``expand`` hands on: names of tensors and distributions with the number of
    # dimensions they have beyond the batch's; None where nothing is to be expanded.
    # They are declared by the class whose constructor sets them.
    _parameters: dict[str, int | None]

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Switch the checks of arguments on or off for all distributions."""
        if value not in [True, False]:
            raise ValueError
        Distribution._validate_args = value

    def __init__(self, batch_shape=(), event_shape=(), validate_args=None):
        self._batch_shape = torch.Size(batch_shape)
        self._event_shape = torch.Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            self._check_arguments()
        super().__init__()

    def _check_arguments(self) -> None:
        """All parameters in their sets; one look at the device for all of them."""
        try:
            sets = self.arg_constraints
        except NotImplementedError:
            sets = {}
            warnings.warn(
                f"{self.__class__} does not define `arg_constraints`. Please set "
                "`arg_constraints = {}` or initialize the distribution with "
                "`validate_args=False` to turn off validation.",
                stacklevel=3,
            )
        unseen = {}
        for name, constraint in sets.items():
            if self._is_given(name, constraint):
                if not is_seen_within(constraint, getattr(self, name)):
                    unseen[name] = constraint
        if unseen:
            self._record_checks(unseen)

    def _record_checks(self, sets: dict) -> None:
        """Reject parameters that a look at few elements did not show to be within."""
        checks = [s.check(getattr(self, name)) for name, s in sets.items()]
        if all_hold(checks):
            return
        for (name, constraint), check in zip(sets.items(), checks, strict=True):
            if is_known(check) and not check.all():
                value = getattr(self, name)
                raise ValueError(
                    f"Expected parameter {name} ({type(value).__name__} of shape "
                    f"{tuple(value.shape)}) of distribution {self!r} to satisfy the "
                    f"constraint {constraint!r}, but found invalid values:\n{value}"
                )

    def _is_given(self, name: str, constraint) -> bool:
        """Whether a parameter can be checked and was not derived from another."""
        if constraints.is_dependent(constraint):
            return False
        return name in self.__dict__ or not is_lazy(type(self), name)

    # ----- shapes --------------------------------------------------------------------

    @property
    def batch_shape(self):
        """The shape of the parameters, without events."""
        return self._batch_shape

    @property
    def event_shape(self):
        """The shape of one sample of one distribution."""
        return self._event_shape

    def expand(self, batch_shape, _instance=None):
        """The same distribution with parameters expanded to ``batch_shape``."""
        owner = self._owner()
        if owner is None:
            raise NotImplementedError
        new = self._get_checked_instance(owner, _instance)
        self._expand_parameters(new, torch.Size(batch_shape), owner)
        Distribution.__init__(new, batch_shape, self._event_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    def _owner(self):
        """The class whose constructor sets the parameters."""
        classes = type(self).__mro__
        return next((c for c in classes if "_parameters" in c.__dict__), None)

    def _expand_parameters(self, new, batch_shape, owner) -> None:
        for name, value in self.__dict__.items():
            if name not in owner._parameters:
                continue
            dims = owner._parameters[name]
            if dims is not None:
                parts = isinstance(value, Distribution)
                shape = value.batch_shape if parts else value.shape
                value = value.expand(batch_shape + shape[len(shape) - dims :])
            setattr(new, name, value)

    def _get_checked_instance(self, cls, _instance=None):
        """A new instance for ``expand``; a constructor of one's own needs its own."""
        if _instance is None and type(self).__init__ != cls.__init__:
            raise NotImplementedError(
                f"Subclass {self.__class__.__name__} of {cls.__name__} that defines a "
                "custom __init__ method must also define a custom .expand() method."
            )
        return self.__new__(type(self)) if _instance is None else _instance

    def _extended_shape(self, sample_shape=()):
        """The shape of a sample."""
        if not isinstance(sample_shape, torch.Size):
            sample_shape = torch.Size(sample_shape)
        return torch.Size((*sample_shape, *self._batch_shape, *self._event_shape))

    # ----- what a distribution has ---------------------------------------------------

    @property
    def arg_constraints(self):
        """The sets of the parameters, by name."""
        raise NotImplementedError

    @property
    def support(self):
        """The set of the samples."""
        raise NotImplementedError

    @property
    def mean(self):
        """The expected value."""
        raise NotImplementedError

    @property
    def mode(self):
        """The most probable value."""
        raise NotImplementedError(f"{self.__class__} does not implement mode")

    @property
    def variance(self):
        """The expected squared distance from the mean."""
        raise NotImplementedError

    @property
    def stddev(self):
        """The square root of the variance."""
        return self.variance.sqrt()

    def sample(self, sample_shape=()):
        """Draw; no gradient flows to the parameters."""
        with torch.no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape=()):
        """Draw so that gradients flow to the parameters."""
        raise NotImplementedError

    def sample_n(self, n: int):
        """Deprecated: ``sample((n,))``."""
        warnings.warn(
            "`sample_n(n)` will be deprecated. Use `sample((n,))` instead.",
            FutureWarning,
            stacklevel=2,
        )
        return self.sample(torch.Size((n,)))

    def log_prob(self, value):
        """The logarithm of the density or probability of ``value``."""
        raise NotImplementedError

    def cdf(self, value):
        """The probability of at most ``value``."""
        raise NotImplementedError

    def icdf(self, value):
        """The inverse of ``cdf``."""
        raise NotImplementedError

    def enumerate_support(self, expand: bool = True):
        """All values of a discrete distribution along a new first dimension."""
        raise NotImplementedError

    def entropy(self):
        """The expected value of minus ``log_prob``."""
        raise NotImplementedError

    def perplexity(self):
        """e to the entropy."""
        return torch.exp(self.entropy())

    def _enumerated(self, values, expand: bool):
        """A vector of values shaped as ``enumerate_support`` wants it."""
        values = values.view((-1,) + (1,) * len(self._batch_shape))
        return values.expand((-1,) + self._batch_shape) if expand else values

    # ----- checks --------------------------------------------------------------------

    def _validate_sample(self, value) -> None:
        """Reject a value whose shape or numbers do not suit the distribution."""
        if not isinstance(value, torch.Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        self._check_sample_shape(value)
        try:
            support = self.support
        except NotImplementedError:
            warnings.warn(
                f"{self.__class__} does not define `support` to enable sample "
                "validation. Please initialize the distribution with "
                "`validate_args=False` to turn off validation.",
                stacklevel=3,
            )
            return
        if support is None:
            raise AssertionError("support is None")
        if is_seen_within(support, value):
            return
        with at_once(value):
            holds = all_hold([support.check(value)])
        if not holds:
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape "
                f"{tuple(value.shape)}) to be within the support ({support!r}) of the "
                f"distribution {self!r}, but found invalid values:\n{value}"
            )

    def _check_sample_shape(self, value) -> None:
        if value.size() == self._extended_shape():
            return
        start = len(value.size()) - len(self._event_shape)
        if value.size()[start:] != self._event_shape:
            raise ValueError(
                "The right-most size of value must match event_shape: "
                f"{value.size()} vs {self._event_shape}."
            )
        actual, expected = value.size(), self._batch_shape + self._event_shape
        for i, j in zip(reversed(actual), reversed(expected), strict=False):
            if i != 1 and j != 1 and i != j:
                raise ValueError(
                    "Value is not broadcastable with batch_shape+event_shape: "
                    f"{actual} vs {expected}."
                )

    def __repr__(self) -> str:
        own = self.__dict__
        names = [name for name in self.arg_constraints if name in own]
        values = [own[n] if own[n].numel() == 1 else own[n].size() for n in names]
        args = ", ".join(f"{n}: {v}" for n, v in zip(names, values, strict=True))
        return f"{self.__class__.__name__}({args})"


def is_seen_within(constraint: constraints.Constraint, value) -> bool:
    """Whether a look at the elements, where they are few, shows them all within.

    It takes less than to record the check; the elements have to be computed either way.
    """
    if not constraints.takes_arrays(constraint):
        return False
    array = few_elements(value)
    return array is not None and quietly(constraint.admits, array)
