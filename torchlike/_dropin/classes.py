"""What happens to classes that scripts and packages make while the alias stands.

PyTorch's ``nn.Module`` is of the plain metaclass ``type``, so a subclass may name any
metaclass of its own; torchlike's is of Flax's. And PyTorch's functions look for
``__torch_function__`` in every call; torchlike's begin to when there is such a class.
And a PyTorch tensor's ``__dict__`` holds the user's attributes only, so that classes
replace it (``fastai`` does, to hand on what it noted): here a tensor's own parts stay.
"""

from __future__ import annotations

import builtins
import functools

from torchlike._dropin.names import is_own
from torchlike._ops import _intercept
from torchlike._tensor import Tensor, of_user
from torchlike.autograd.variable import TensorBase

_build = builtins.__build_class__


_fields = TensorBase.__dict__["__dict__"].__get__


class _Tensor(Tensor):
    """Stands for ``Tensor`` among the bases of a user's class."""

    def _replace(self, attributes: dict) -> None:
        fields = _fields(self)
        for name in of_user(fields):
            del fields[name]
        fields.update(of_user(attributes))  # another tensor's own parts stay there

    __dict__ = property(_fields, _replace)


def _build_class(function, name, *bases, **options):
    kinds = [type(base) for base in bases if isinstance(base, type)]
    if any(map(_of_module, kinds)):
        given = options.get("metaclass", type)
        if isinstance(given, type):
            options["metaclass"] = functools.reduce(_joined, kinds, given)
    if any(isinstance(base, type) and _of_module(base) for base in bases):
        bases = _in_order(bases)  # a metaclass made from that of modules
    if Tensor in bases and not is_own(function.__globals__.get("__name__") or ""):
        bases = tuple(_Tensor if base is Tensor else base for base in bases)
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
