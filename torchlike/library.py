"""``torch.library``: operators of one's own, as plain Python functions."""

from __future__ import annotations

import functools
from types import SimpleNamespace

from . import _gaps
from ._operators import Operator

_namespaces: dict[str, SimpleNamespace] = {}


def _operator(name, make: bool = False) -> Operator:
    """The operator ``namespace::name``, made if it is new and may be."""
    if isinstance(name, Operator):
        return name
    space, _, own = str(name).partition("::")
    held = _namespaces.setdefault(space, SimpleNamespace())
    own = own.partition("(")[0].partition(".")[0]
    if not hasattr(held, own):
        if not make:
            raise RuntimeError(f"operator {space}::{own} does not exist")
        setattr(held, own, Operator(space, own))
    return getattr(held, own)


def _decorator(register, func):
    """``register(func)``, now or as a decorator."""

    def decorate(function):
        register(function)
        return function

    return decorate if func is None else decorate(func)


class CustomOpDef(Operator):
    """What ``custom_op`` makes of a function: an operator that can be completed."""

    def __init__(self, name: str, fn, device_types=None) -> None:
        super().__init__(*name.split("::"))
        self._init_fn = fn
        functools.update_wrapper(self, fn, assigned=("__doc__",))
        self.register_kernel(device_types, fn)

    def register_kernel(self, device_types, fn=None, /):
        """Give the function for some device types; None: for all."""
        kinds = [device_types] if isinstance(device_types, str) else device_types
        return _decorator(
            lambda f: [self.put(kind, f) for kind in kinds or ("default",)], fn
        )

    def register_fake(self, fn, /):
        """Give the function for tensors without data (``device="meta"``)."""
        return _decorator(lambda f: self.put("meta", f), fn)

    def register_autograd(self, backward, /, *, setup_context=None) -> None:
        """Give the derivative: ``backward(ctx, *grads)``."""
        self.backward, self.setup_context = backward, setup_context

    def register_vmap(self, func=None, /):
        """Accepted: the operations inside are batched themselves."""
        return _decorator(lambda f: None, func)

    def register_torch_dispatch(self, torch_dispatch_class, fn=None, /):
        """Accepted: nothing is dispatched below ``__torch_function__``."""
        return _decorator(lambda f: None, fn)

    def register_autocast(self, device_type: str, cast_inputs) -> None:
        """Accepted: the operations inside are cast themselves."""


def custom_op(
    name, fn=None, /, *, mutates_args=(), device_types=None, schema=None, tags=None
):
    """Register ``fn`` as the operator ``namespace::name``."""

    def decorate(function):
        made = CustomOpDef(name, function, device_types)
        space = _namespaces.setdefault(made.namespace, SimpleNamespace())
        setattr(space, made.__name__, made)
        return made

    return decorate if fn is None else decorate(fn)


triton_op = custom_op


def register_fake(
    op, func=None, /, *, lib=None, _stacklevel: int = 1, allow_override: bool = False
):
    """Give an operator its function for tensors without data."""
    held = _operator(op, make=True)
    return _decorator(lambda f: held.put("meta", f), func)


impl_abstract = register_fake


def _accept(op, *args, **options):
    func = next((a for a in args if callable(a)), None)
    return _decorator(lambda f: None, func)


register_vmap = register_torch_dispatch = register_autocast = _accept


def register_autograd(op, backward, /, *, setup_context=None, lib=None) -> None:
    """Give an operator its derivative: ``backward(ctx, *grads)``."""
    held = _operator(op)
    held.backward, held.setup_context = backward, setup_context


def register_kernel(op, device_types, func=None, /, *, lib=None):
    """Give an operator its function for some device types."""
    return impl(op, device_types or "default", func)


def define(qualname, schema=None, *, lib=None, tags=()):
    """Announce an operator; ``impl`` gives its function."""
    if not isinstance(qualname, str):
        raise ValueError(
            f"define(qualname, schema): expected qualname to be instance of str, got "
            f"{type(qualname)}"
        )
    _operator(qualname, make=True)
    return lambda fn: fn


def impl(qualname, types, func=None, *, lib=None):
    """Give an operator its function for device types such as "cpu", or "default"."""
    held = _operator(qualname, make=True)
    kinds = [types] if isinstance(types, str) else types or ("default",)
    return _decorator(lambda f: [held.put(kind, f) for kind in kinds], func)


class Library:
    """A namespace to define operators in."""

    def __init__(self, ns: str, kind: str, dispatch_key: str = "") -> None:
        self.ns, self.kind, self.dispatch_key = ns, kind, dispatch_key

    def define(self, schema: str, alias_analysis: str = "", *, tags=()) -> str:
        """Announce an operator; return its name."""
        name = schema.partition("(")[0].strip()
        _operator(f"{self.ns}::{name}", make=True)
        return name

    def impl(self, op_name, fn, dispatch_key: str = "", **options) -> None:
        """Give an operator its function for one of PyTorch's dispatch keys."""
        if isinstance(op_name, str) and "::" not in op_name:
            op_name = f"{self.ns}::{op_name}"
        held = _operator(op_name, make=True)
        held.put(dispatch_key or self.dispatch_key, fn)

    def _register_fake(self, op_name, fn, **options) -> None:
        """Give an operator its function for tensors without data."""
        self.impl(op_name, fn, "Meta")

    def fallback(self, fn, dispatch_key: str = "", **options) -> None:
        """Accepted: nothing falls through to another key."""


def wrap_triton(kernel):
    """Kernels of Triton are not run."""
    raise NotImplementedError("torch.library.wrap_triton (docs/differences.md)")


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.library")
