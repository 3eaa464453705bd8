"""``torch.library``: operators of one's own, as plain Python functions."""

from __future__ import annotations

import functools
from types import SimpleNamespace

from . import _gaps

_namespaces: dict[str, SimpleNamespace] = {}


class CustomOpDef:
    """A function registered as an operator; calling it calls the function."""

    def __init__(self, name: str, fn) -> None:
        self._name, self._fn = name, fn
        self._qualname = name
        functools.update_wrapper(self, fn)

    def __call__(self, *args, **kwargs):
        return self._fn(*args, **kwargs)

    @property
    def default(self):
        """The only overload."""
        return self

    def _keep(self, *args, **kwargs):
        return args[0] if args and callable(args[0]) else lambda fn: fn

    register_fake = register_kernel = register_vmap = register_torch_dispatch = _keep
    register_autocast = _keep

    def register_autograd(self, backward, /, *, setup_context=None) -> None:
        """Derivatives come from the operations inside; another formula is not used."""
        raise NotImplementedError(
            f"{self._name}.register_autograd: write a torch.autograd.Function "
            "(docs/differences.md)"
        )


def _register(name: str, made) -> None:
    space, _, own = name.partition("::")
    held = _namespaces.setdefault(space, SimpleNamespace())
    setattr(held, own.partition(".")[0], made)


def custom_op(
    name, fn=None, /, *, mutates_args=(), device_types=None, schema=None, tags=None
):
    """Register ``fn`` as the operator ``namespace::name``."""

    def decorate(function):
        made = CustomOpDef(name, function)
        _register(name, made)
        return made

    return decorate if fn is None else decorate(fn)


triton_op = custom_op


def register_fake(op, func=None, /, *, lib=None, _stacklevel: int = 1, **options):
    """Accepted: shapes are inferred from the function itself."""
    return func if func is not None else lambda fn: fn


def _accept(op, *args, **options):
    func = next((a for a in args if callable(a)), None)
    return func if func is not None else lambda fn: fn


register_vmap = register_torch_dispatch = impl_abstract = register_autocast = _accept


def register_autograd(op, backward, /, *, setup_context=None, lib=None) -> None:
    """Derivatives come from the operations inside."""
    raise NotImplementedError(
        "torch.library.register_autograd: write a torch.autograd.Function "
        "(docs/differences.md)"
    )


def register_kernel(op, device_types, func=None, /, *, lib=None):
    """Register a function under a name that ``define`` made."""
    return impl(op, device_types, func)


def define(qualname, schema=None, *, lib=None, tags=()):
    """Announce an operator; ``impl`` gives its function."""
    return lambda fn: fn


def impl(qualname, types, func=None, *, lib=None):
    """Register ``func`` as the operator ``qualname``."""

    def decorate(function):
        _register(qualname, CustomOpDef(qualname, function))
        return function

    return decorate if func is None else decorate(func)


class Library:
    """A namespace to define operators in."""

    def __init__(self, ns: str, kind: str, dispatch_key: str = "") -> None:
        self.ns, self.kind = ns, kind

    def define(self, schema: str, alias_analysis: str = "", *, tags=()) -> str:
        """Announce an operator; return its name."""
        return f"{self.ns}::{schema.partition('(')[0]}"

    def impl(self, op_name, fn, dispatch_key: str = "", **options) -> None:
        """Give an operator its function."""
        name = op_name if isinstance(op_name, str) else op_name._name
        impl(name if "::" in name else f"{self.ns}::{name}", None, fn)

    def _register_fake(self, op_name, fn, **options) -> None:
        """Accepted."""


def wrap_triton(kernel):
    """Kernels of Triton are not run."""
    raise NotImplementedError("torch.library.wrap_triton (docs/differences.md)")


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.library")
