"""``torch.utils._contextlib``: context managers that also decorate functions."""

from __future__ import annotations

import functools
import inspect
from typing import Any


def context_decorator(ctx, func):
    """Run ``func`` (a function or a generator function) inside ``ctx``."""
    factory = ctx if callable(ctx) and not hasattr(ctx, "__enter__") else lambda: ctx
    if inspect.isgeneratorfunction(func):

        @functools.wraps(func)
        def generate(*args, **kwargs):
            with factory():
                return (yield from func(*args, **kwargs))

        return generate

    @functools.wraps(func)
    def call(*args, **kwargs):
        with factory():
            return func(*args, **kwargs)

    return call


class _DecoratorContextManager:
    """Base of context managers usable as decorators."""

    def __call__(self, orig_func):
        return context_decorator(self.clone, orig_func)

    def __enter__(self) -> None:
        raise NotImplementedError

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        raise NotImplementedError

    def clone(self):
        """A fresh manager for each call."""
        return self.__class__()


class _NoParamDecoratorContextManager(_DecoratorContextManager):
    """Also usable without parentheses."""

    def __new__(cls, orig_func=None):
        if orig_func is None:
            return super().__new__(cls)
        return cls()(orig_func)
