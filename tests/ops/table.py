"""What rows of the tables of ops are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Given:
    """A tensor argument: a NumPy array, and whether its gradient is compared."""

    array: np.ndarray
    grad: bool

    def cast(self, dtype: str) -> Given:
        """The same values in another dtype (a torch name)."""
        return Given(self.array, False) if not self.grad else Cast(self.array, dtype)


@dataclass(frozen=True)
class Cast:
    """A tensor argument to be cast to a torch dtype; no gradient is compared."""

    array: np.ndarray
    dtype: str
    grad: bool = False


def normal(*shape, seed: int = 0, grad: bool = True) -> Given:
    """Normal random numbers, float64."""
    return Given(np.random.default_rng(seed + len(shape)).normal(size=shape), grad)


def uniform(*shape, low=0.1, high=0.9, seed: int = 0, grad: bool = True) -> Given:
    """Uniform random numbers, float64."""
    rng = np.random.default_rng(seed + len(shape))
    return Given(rng.uniform(low, high, size=shape), grad)


def ints(*shape, low=-5, high=6, seed: int = 0, dtype=np.int64) -> Given:
    """Random integers."""
    rng = np.random.default_rng(seed + len(shape))
    return Given(rng.integers(low, high, size=shape).astype(dtype), False)


def bools(*shape, seed: int = 0) -> Given:
    """Random booleans."""
    return ints(*shape, low=0, high=2, seed=seed, dtype=bool)


def complexes(*shape, seed: int = 0, scale: float = 1, grad: bool = True) -> Given:
    """Complex normal numbers, complex128."""
    rng = np.random.default_rng(seed + len(shape))
    parts = rng.normal(size=(2, *shape)) * scale
    return Given(parts[0] + 1j * parts[1], grad)


def array(data, dtype=None, grad: bool | None = None) -> Given:
    """Chosen values; floats get a gradient."""
    made = np.asarray(data, dtype)
    return Given(made, made.dtype.kind in "fc" if grad is None else grad)


@dataclass(frozen=True)
class Dtype:
    """A dtype argument, by torch's name."""

    name: str


@dataclass(frozen=True)
class Row:
    """One call of an op, and which of its forms are compared with PyTorch.

    ``op`` is a name in ``torch`` (``"linalg.svd"`` too); ``"Tensor.add"`` calls the
    method. ``second`` compares second gradients, ``dtypes`` are further dtypes in which
    values are compared, ``loose`` multiplies the tolerance (with the reason beside the
    row, at most 1,000), ``after`` maps the results to what is compared.
    """

    op: str
    args: tuple
    kwargs: dict = field(default_factory=dict)
    grad: bool = True
    second: bool = True
    inplace: bool = True
    out: bool = True
    dtypes: tuple[str, ...] = ()
    loose: float = 1.0
    after: object = None
    gap: str | None = None

    def __str__(self) -> str:
        shown = [_show(a) for a in self.args]
        shown += [f"{k}={_show(v)}" for k, v in self.kwargs.items()]
        return f"{self.op}({', '.join(shown)})"


@dataclass(frozen=True)
class Error:
    """A call that PyTorch refuses; type and message are compared.

    ``words`` limits the comparison to so many words of the first line.
    """

    op: str
    args: tuple
    kwargs: dict = field(default_factory=dict)
    words: int = 1000
    gap: str | None = None

    __str__ = Row.__str__


def _show(x) -> str:
    if isinstance(x, (Given, Cast)):
        kind = x.dtype if isinstance(x, Cast) else x.array.dtype.name
        return kind + str(list(x.array.shape)).replace(" ", "")
    if isinstance(x, (tuple, list)) and any(isinstance(i, Given) for i in x):
        return "[" + ",".join(_show(i) for i in x) + "]"
    return repr(x).replace(" ", "")


OPTIONS = frozenset(
    ("grad", "second", "inplace", "out", "dtypes", "loose", "after", "gap")
)


def row(op: str, *args, **kwargs) -> Row:
    """A row; keyword arguments of the op beside the options of ``Row``.

    An op's own keyword that is named like an option (``out=``) cannot be given.
    """
    options = {k: kwargs.pop(k) for k in list(kwargs) if k in OPTIONS}
    dtypes = options.get("dtypes", ())
    if isinstance(dtypes, str):
        options["dtypes"] = tuple(dtypes.split())
    return Row(op, args, kwargs, **options)


def error(op: str, *args, words: int = 1000, gap=None, **kwargs) -> Error:
    """A row of a call that fails."""
    return Error(op, args, kwargs, words, gap)
