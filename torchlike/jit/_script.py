"""TorchScript's annotations, which mean nothing to Python and are kept as they are."""

from __future__ import annotations

import builtins
import types
import typing
from collections import namedtuple

Attribute = namedtuple("Attribute", ["value", "type"])


def ignore(drop=False, **kwargs):
    """Leave a function to Python; with or without parentheses."""
    return drop if callable(drop) else lambda fn: fn


def unused(fn):
    """``fn`` as it is."""
    return fn


def interface(obj):
    """``obj`` as it is."""
    return obj


def script_if_tracing(fn):
    """``fn`` as it is."""
    return fn


def annotate(the_type, the_value):
    """The value; the type is for TorchScript."""
    return the_value


def isinstance(obj, target_type) -> bool:  # noqa: A001
    """Whether ``obj`` matches a type such as ``List[int]`` or ``Optional[Tensor]``."""
    if builtins.isinstance(target_type, tuple):
        return any(isinstance(obj, t) for t in target_type)
    if target_type is None:
        return obj is None
    origin, args = typing.get_origin(target_type), typing.get_args(target_type)
    if origin is None:
        return builtins.isinstance(obj, target_type)
    if origin in (typing.Union, types.UnionType):
        return any(isinstance(obj, t) for t in args)
    return builtins.isinstance(obj, origin) and _items_match(obj, origin, args)


def _items_match(obj, origin, args) -> bool:
    if origin is dict:
        key, value = args
        return all(isinstance(k, key) and isinstance(v, value) for k, v in obj.items())
    if origin is tuple and args[-1:] != (Ellipsis,):
        pairs = zip(obj, args, strict=False)
        return len(obj) == len(args) and all(isinstance(x, t) for x, t in pairs)
    return all(isinstance(x, args[0]) for x in obj)


class CompilationUnit:
    """Compiled TorchScript source, which torchlike does not have."""

    def __init__(self, lang=None, _frames_up=0) -> None:
        raise NotImplementedError(
            "torch.jit.CompilationUnit: TorchScript source is not compiled "
            "(docs/differences.md)"
        )
