"""``torch._foreach_*``: one operation on every tensor of a list.

Recording makes one program of them anyway; these are loops.
"""

from __future__ import annotations

from collections.abc import Callable

from ._ops import _registry
from ._tensor import Tensor

_UNARY = (
    "abs acos asin atan ceil clone cos cosh erf erfc exp expm1 floor frac lgamma log "
    "log10 log1p log2 neg reciprocal round rsqrt sigmoid sign sin sinh sqrt tan tanh "
    "trunc zero max"
).split()
_BINARY = (
    "add sub mul div pow maximum minimum clamp_max clamp_min lerp addcmul addcdiv copy "
    "mm norm powsum"
).split()
_SAME = {"clamp_max": "minimum", "clamp_min": "maximum"}
_NOT_IN_PLACE = frozenset("clone max mm norm powsum".split())
_ONLY_IN_PLACE = frozenset("copy zero".split())


def _each(argument, n: int, name: str, first: int):
    """The argument for each of n tensors: a list gives one each."""
    if isinstance(argument, (list, tuple)):
        if len(argument) != n:
            raise RuntimeError(
                "Tensor lists must have the same number of tensors, got "
                f"{first} and {len(argument)}"
            )
        return argument
    if isinstance(argument, Tensor) and name in ("addcmul", "addcdiv"):
        return argument.tolist()
    return [argument] * n


def _scaled(function: Callable, name: str) -> Callable:
    """The place of the third argument: PyTorch's functions want it by name."""
    if name in ("addcmul", "addcdiv"):
        return lambda x, a, b, value=1, **k: function(x, a, b, value=value, **k)
    return function


def _over_lists(name: str, function: Callable, in_place: bool) -> Callable:
    function = _scaled(function, name)

    def call(self, *arguments, **options):
        if not isinstance(self, (list, tuple)):
            if name != "pow" or in_place:
                raise TypeError(
                    f"_foreach_{name}(): argument 'self' (position 1) must be tuple of "
                    f"Tensors, not {type(self).__name__}"
                )
            self = [self] * len(arguments[0])
        n = len(self)
        fixed = {k: options.pop(k) for k in ("alpha", "dtype") if k in options}
        named = [_each(a, n, name, n) for a in (*arguments, *options.values())]
        results = [
            function(x, *rest, **fixed) for x, *rest in zip(self, *named, strict=True)
        ]
        return self if in_place else tuple(results)

    call.__name__ = call.__qualname__ = f"_foreach_{name}" + "_" * in_place
    call.__module__ = "torch"
    return call


def _norm(x, ord=2, dtype=None):
    return _registry.functions["linalg"]["vector_norm"](x, ord, dtype=dtype)


def _powsum(x, ord=2, dtype=None):
    x = x if dtype is None else x.to(dtype)
    return x.abs().pow(ord).sum()


def _clamp(name: str, in_place: bool) -> Callable:
    which = "min" if name == "clamp_min" else "max"

    def clamp(x, bound):
        return getattr(x, "clamp_" if in_place else "clamp")(**{which: bound})

    return clamp


def _extreme(name: str, in_place: bool) -> Callable:
    by_number = _clamp("clamp_min" if name == "maximum" else "clamp_max", in_place)

    def extreme(x, other):
        if not isinstance(other, Tensor):
            return by_number(x, other)
        made = getattr(x, name)(other)
        return x.copy_(made) if in_place else made

    return extreme


def _function(name: str, in_place: bool) -> Callable:
    if name in ("norm", "powsum"):
        return _norm if name == "norm" else _powsum
    if name in _SAME or name in ("maximum", "minimum"):
        return _extreme(_SAME.get(name, name), in_place)
    own = name + "_" if in_place else name
    return lambda x, *rest, **options: (
        getattr(x, own)(*rest, **options)
        if isinstance(x, Tensor)
        else _registry.functions["torch"][own](x, *rest, **options)
    )


def _table() -> dict[str, Callable]:
    made = {}
    for name in (*_UNARY, *_BINARY):
        for in_place in (False, True):
            if name in (_NOT_IN_PLACE if in_place else _ONLY_IN_PLACE):
                continue
            key = f"_foreach_{name}" + "_" * in_place
            made[key] = _over_lists(name, _function(name, in_place), in_place)
    return made


functions = _table()
