"""In-place fills of a tensor: ``uniform_``, ``normal_``, ``random_`` and their kin."""

from __future__ import annotations

from ..autograd.variable import TensorBase
from ..autograd.views import assign, check_inplace
from . import _fills
from . import _random_checks as check
from ._op import composite
from ._write import no_overlap
from .sampling import bernoulli_of


def _overwrite(self, fill, generator, *numbers):
    check_inplace(self)
    no_overlap(self)
    assign(self, fill(_fills.site_of(self, generator), *numbers))
    return self


def _two(name: str, args, named: dict, names, defaults) -> tuple[float, float]:
    """Two float arguments by position or name; the first may be called ``from``."""
    if len(args) > 2 or set(named) - set(names[len(args) :]):
        raise TypeError(f"{name}() received an invalid combination of arguments")
    given = [*args, *(named.get(n, d) for n, d in zip(names, defaults, strict=True))]
    if len(args) == 1:
        given = [args[0], named.get(names[1], defaults[1])]
    first, second = given[:2]
    return (
        check.number(name, names[0], 1, first),
        check.number(name, names[1], 2, second),
    )


@composite(scope=None, method=True)
def uniform_(self, *args, generator=None, **named):
    """``uniform_(from=0, to=1)``: fill with numbers in [from, to)."""
    low, high = _two("uniform_", args, named, ("from", "to"), (0.0, 1.0))
    return _overwrite(self, _fills.uniform, generator, low, high)


@composite(scope=None, method=True)
def normal_(self, mean=0.0, std=1.0, *, generator=None):
    """Fill with normal numbers."""
    mean = check.number("normal_", "mean", 1, mean)
    std = check.number("normal_", "std", 2, std)
    return _overwrite(self, _fills.normal, generator, mean, std)


@composite(scope=None, method=True)
def random_(self, *args, generator=None, **named):
    """``random_(from=0, to=None)``: fill with integers in [from, to).

    Without bounds up to the largest integer of the type, or 2^digits of a float.
    """
    if "from" in named:
        args = (named.pop("from"), *args)
    if "to" in named:
        args = (*args, named.pop("to"))
    ints = all(hasattr(x, "__index__") for x in args[:1])
    if named or len(args) > 2 or not ints:
        kinds = ", ".join(type(x).__name__ for x in args)
        raise TypeError(
            f"random_() received an invalid combination of arguments - got ({kinds}), "
            "but expected (), (int to) or (int from, int to)"
        )
    if not args:
        return _overwrite(self, _fills.full_range, generator)
    if len(args) == 2 and args[1] is None:
        return _overwrite(self, _fills.from_lowest, generator, int(args[0]))
    low, high = args if len(args) == 2 else (0, args[0])
    low, high = (check.integer("random_", "to", 2, x) for x in (low, high))
    return _overwrite(self, _fills.integers, generator, low, high)


@composite(scope=None, method=True)
def exponential_(self, lambd=1.0, *, generator=None):
    """Fill with exponential numbers of rate ``lambd``."""
    rate = check.number("exponential_", "lambd", 1, lambd)
    return _overwrite(self, _fills.exponential, generator, rate)


@composite(scope=None, method=True)
def geometric_(self, p, *, generator=None):
    """Fill with the numbers of trials up to the first success."""
    p = check.number("geometric_", "p", 1, p)
    return _overwrite(self, _fills.geometric, generator, p)


@composite(scope=None, method=True)
def cauchy_(self, median=0.0, sigma=1.0, *, generator=None):
    """Fill with Cauchy numbers."""
    median = check.number("cauchy_", "median", 1, median)
    sigma = check.number("cauchy_", "sigma", 2, sigma)
    return _overwrite(self, _fills.cauchy, generator, median, sigma)


@composite(scope=None, method=True)
def log_normal_(self, mean=1.0, std=2.0, *, generator=None):
    """Fill with numbers whose logarithms are normal."""
    mean = check.number("log_normal_", "mean", 1, mean)
    std = check.number("log_normal_", "std", 2, std)
    return _overwrite(self, _fills.log_normal, generator, mean, std)


@composite(scope=None, method=True)
def bernoulli_(self, p=0.5, *, generator=None):
    """Fill with 0 and 1; ``p`` is a number or a tensor of probabilities of 1."""
    if not isinstance(p, TensorBase):
        p = check.number("bernoulli_", "p", 1, p)
        return _overwrite(self, _fills.bernoulli, generator, p)
    check_inplace(self)
    assign(self, bernoulli_of(p, _fills.site_of(self, generator)))
    return self
