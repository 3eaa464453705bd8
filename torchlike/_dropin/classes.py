"""What happens to classes that scripts and packages make while the alias stands.

PyTorch's ``nn.Module`` is of the plain metaclass ``type``, so a subclass may name any
metaclass of its own; torchlike's is of Flax's. And PyTorch's functions look for
``__torch_function__`` in every call; torchlike's begin to when there is such a class.
"""

from __future__ import annotations

import builtins
import functools

from torchlike._ops import _intercept
from torchlike._tensor import Tensor

_build = builtins.__build_class__


def _build_class(function, name, *bases, **options):
    kinds = [type(base) for base in bases if isinstance(base, type)]
    if any(map(_of_module, kinds)):
        given = options.get("metaclass", type)
        if isinstance(given, type):
            options["metaclass"] = functools.reduce(_joined, kinds, given)
    if any(isinstance(base, type) and _of_module(base) for base in bases):
        bases = _in_order(bases)  # a metaclass made from that of modules
    made = _build(function, name, *bases, **options)
    # A subclass of Tensor is noticed when an instance is made.
    if isinstance(made, type) and "__torch_function__" in made.__dict__:
        if not issubclass(made, Tensor):
            _intercept.guard_everything()
    return made


def _in_order(bases: tuple) -> tuple:
    """Without those that another one refines: ABCMeta stands behind ours."""
    return tuple(
        base
        for base in bases
        if not any(other is not base and issubclass(other, base) for other in bases)
    )


@functools.lru_cache(maxsize=256)
def _of_module(kind: type) -> bool:
    """Whether this is the metaclass of torchlike's modules, or one made of it."""
    return issubclass(kind, type) and any(
        k.__module__ == "torchlike.nn.module" for k in kind.__mro__
    )


@functools.lru_cache(maxsize=256)
def _joined(a: type, b: type) -> type:
    """The metaclass that is both."""
    if issubclass(a, b):
        return a
    if issubclass(b, a):
        return b
    return type(a.__name__, (a, b), {"__module__": a.__module__})


def watch() -> None:
    """See to the classes made from now on."""
    builtins.__build_class__ = _build_class


def unwatch() -> None:
    """No more."""
    if builtins.__build_class__ is _build_class:
        builtins.__build_class__ = _build
