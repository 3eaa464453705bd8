"""Functions with several overloads: Python that chooses among ops."""

from __future__ import annotations

import functools
from collections.abc import Callable

from ..autograd.views import check_inplace
from . import _registry, _write


def overloaded(
    function: Callable | None = None,
    *,
    name: str | None = None,
    scope: str | None = "torch",
    method: bool | str = True,
    inplace: bool = False,
    out: bool | tuple[Callable, ...] = False,
    aliases: tuple[str, ...] = (),
):
    """Publish a function made of other ops with the forms an op has.

    Like ``composite``, with ``add_`` (``inplace``) and ``out=`` forms. Instead of
    True, ``out`` may be rules of ``_out``, each called as (out, result, arguments).
    """

    def decorate(f):
        public = _with_out(f, () if out is True else out) if out else f
        forms = {"": public}
        if inplace:
            forms["_"] = _in_place(f)
        for n in (name or f.__name__, *aliases):
            _registry.add(n, forms, public, scope=scope, method=method)
        return public

    return decorate if function is None else decorate(function)


def _with_out(f, rules=()):
    @functools.wraps(f)
    def call(*args, out=None, **kwargs):
        result = f(*args, **kwargs)
        if out is None:
            return result
        for rule in rules:
            rule(out, result, [args, list(kwargs.values())])
        return _write.into(out, result)

    return call


def _in_place(f):
    @functools.wraps(f)
    def call(self, *args, **kwargs):
        check_inplace(self)
        _write.overwrite(self, f(self, *args, **kwargs))
        return self

    call.__name__ = f.__name__ + "_"
    return call
