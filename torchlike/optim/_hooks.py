"""Hooks of optimizers: their tables, the calls around ``step``, the global ones."""

from __future__ import annotations

import functools
from collections import OrderedDict
from itertools import chain

from .._engine import boundary
from ..autograd.graph import RemovableHandle

TABLES = (
    "_optimizer_step_pre_hooks",
    "_optimizer_step_post_hooks",
    "_optimizer_state_dict_pre_hooks",
    "_optimizer_state_dict_post_hooks",
    "_optimizer_load_state_dict_pre_hooks",
    "_optimizer_load_state_dict_post_hooks",
)
_global_pre_hooks: OrderedDict = OrderedDict()
_global_post_hooks: OrderedDict = OrderedDict()


def add(table: OrderedDict, hook, prepend: bool = False) -> RemovableHandle:
    """Put ``hook`` in ``table``; the handle takes it out again."""
    handle = RemovableHandle(table, hook)
    if prepend:
        table.move_to_end(handle.id, last=False)
    return handle


def register_optimizer_step_pre_hook(hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` before each step of every optimizer."""
    return add(_global_pre_hooks, hook)


def register_optimizer_step_post_hook(hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` after each step of every optimizer."""
    return add(_global_post_hooks, hook)


def hooked(step):
    """``step`` with its hooks around it, and the flush that ends a training step."""

    @functools.wraps(step)
    def wrapper(*args, **kwargs):
        self = args[0]
        if _global_pre_hooks or self._optimizer_step_pre_hooks:
            args, kwargs = _before(self, step, args, kwargs)
        result = step(*args, **kwargs)
        if _global_post_hooks or self._optimizer_step_post_hooks:
            after = self._optimizer_step_post_hooks.values()
            for hook in chain(after, _global_post_hooks.values()):
                hook(self, args, kwargs)
        boundary("optimizer.step")
        return result

    wrapper.hooked = True
    return wrapper


def _before(self, step, args, kwargs) -> tuple:
    own = self._optimizer_step_pre_hooks.values()
    for hook in chain(_global_pre_hooks.values(), own):
        result = hook(self, args, kwargs)
        if result is None:
            continue
        if not (isinstance(result, tuple) and len(result) == 2):
            raise RuntimeError(
                f"{step} must return None or a tuple of (new_args, new_kwargs), "
                f"but got {result}."
            )
        args, kwargs = result
    return args, kwargs
