"""Hooks: handles, the global tables, and the methods that register hooks."""

from __future__ import annotations

import functools
import itertools
import weakref
from collections import OrderedDict

_ids = itertools.count()


class RemovableHandle:
    """Take a hook out of its table: ``remove()``, or at the end of a ``with`` block."""

    def __init__(self, hooks, *, extra_dict=None):
        self.id = next(_ids)
        self.hooks_dict_ref = weakref.ref(hooks)
        extra = extra_dict if isinstance(extra_dict, list) else [extra_dict]
        self.extra_dict_ref = tuple(weakref.ref(d) for d in extra if d is not None)

    def remove(self) -> None:
        for table in (self.hooks_dict_ref, *self.extra_dict_ref):
            hooks = table()
            if hooks is not None:
                hooks.pop(self.id, None)

    def __getstate__(self):
        """The tables themselves: a copied handle belongs to the copied tables."""
        return self.id, [r() for r in (self.hooks_dict_ref, *self.extra_dict_ref)]

    def __setstate__(self, state) -> None:
        self.id, tables = state
        alive = [OrderedDict() if table is None else table for table in tables]
        self.hooks_dict_ref, *extra = map(weakref.ref, alive)
        self.extra_dict_ref = tuple(extra)
        while self.id >= next(_ids):  # new handles must not repeat a loaded number
            pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.remove()


class Globals:
    """Hooks that apply to every module; one object, so that all files see changes."""

    def __init__(self):
        self.forward_pre = OrderedDict()
        self.forward = OrderedDict()
        self.forward_with_kwargs = OrderedDict()
        self.forward_always = OrderedDict()
        self.backward_pre = OrderedDict()
        self.backward = OrderedDict()
        self.full_backward: bool | None = None
        self.parameter_registration = OrderedDict()
        self.buffer_registration = OrderedDict()
        self.module_registration = OrderedDict()


everywhere = Globals()


def _add(table, hook, prepend=False, extra=()) -> RemovableHandle:
    handle = RemovableHandle(table, extra_dict=list(extra))
    table[handle.id] = hook
    if prepend:
        table.move_to_end(handle.id, last=False)
    return handle


def check_registration(table, module, name, item):
    """Let the global registration hooks see, and perhaps replace, ``item``."""
    for hook in table.values():
        output = hook(module, name, item)
        if output is not None:
            item = output
    return item


# ---- global hooks --------------------------------------------------------------------
def register_module_forward_pre_hook(hook) -> RemovableHandle:
    """Call ``hook(module, args)`` before every module's forward."""
    return _add(everywhere.forward_pre, hook)


def register_module_forward_hook(
    hook, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call ``hook(module, args, output)`` after every module's forward."""
    extra = (everywhere.forward_with_kwargs, everywhere.forward_always)
    handle = _add(everywhere.forward, hook, extra=extra)
    if with_kwargs:
        everywhere.forward_with_kwargs[handle.id] = True
    if always_call:
        everywhere.forward_always[handle.id] = True
    return handle


def _one_kind(full: bool, now: bool | None, where: str) -> bool:
    if now is not None and now is not full:
        raise RuntimeError(
            f"Cannot use both regular backward hooks and full backward hooks {where}. "
            "Please use only one of them."
        )
    return full


def register_module_backward_hook(hook) -> RemovableHandle:
    """The old form of ``register_module_full_backward_hook``."""
    everywhere.full_backward = _one_kind(
        False, everywhere.full_backward, "as a global Module hook"
    )
    return _add(everywhere.backward, hook)


def register_module_full_backward_pre_hook(hook) -> RemovableHandle:
    """Call ``hook(module, grad_output)`` before every module's backward."""
    return _add(everywhere.backward_pre, hook)


def register_module_full_backward_hook(hook) -> RemovableHandle:
    """Call ``hook(module, grad_input, grad_output)`` after every module's backward."""
    everywhere.full_backward = _one_kind(
        True, everywhere.full_backward, "as a global Module hook"
    )
    return _add(everywhere.backward, hook)


def register_module_parameter_registration_hook(hook) -> RemovableHandle:
    """Call ``hook(module, name, param)`` at every ``register_parameter``."""
    return _add(everywhere.parameter_registration, hook)


def register_module_buffer_registration_hook(hook) -> RemovableHandle:
    """Call ``hook(module, name, buffer)`` at every ``register_buffer``."""
    return _add(everywhere.buffer_registration, hook)


def register_module_module_registration_hook(hook) -> RemovableHandle:
    """Call ``hook(module, name, submodule)`` at every ``register_module``."""
    return _add(everywhere.module_registration, hook)


# ---- hooks of one module -------------------------------------------------------------
HOOK_TABLES = (
    "_backward_pre_hooks",
    "_backward_hooks",
    "_forward_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs",
    "_state_dict_hooks",
    "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
)


class Hookable:
    """The hook methods of ``nn.Module``."""

    def register_forward_pre_hook(
        self, hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args[, kwargs])`` before forward; it may replace them."""
        flagged = self._forward_pre_hooks_with_kwargs
        handle = _add(self._forward_pre_hooks, hook, prepend, (flagged,))
        if with_kwargs:
            flagged[handle.id] = True
        return handle

    def register_forward_hook(
        self,
        hook,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call ``hook(module, args[, kwargs], output)`` after forward."""
        flagged = self._forward_hooks_with_kwargs
        always = self._forward_hooks_always_called
        handle = _add(self._forward_hooks, hook, prepend, (flagged, always))
        if with_kwargs:
            flagged[handle.id] = True
        if always_call:
            always[handle.id] = True
        return handle

    def register_full_backward_pre_hook(
        self, hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` before the module's backward."""
        return _add(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(
        self, hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` after backward."""
        self._is_full_backward_hook = _one_kind(
            True, self._is_full_backward_hook, "on a single Module"
        )
        return _add(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook) -> RemovableHandle:
        """The deprecated form of ``register_full_backward_hook``."""
        self._is_full_backward_hook = _one_kind(
            False, self._is_full_backward_hook, "on a single Module"
        )
        return _add(self._backward_hooks, hook)

    def register_state_dict_pre_hook(self, hook) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before ``state_dict`` reads."""
        return _add(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` afterwards."""
        hook._from_public_api = True
        return _add(self._state_dict_hooks, hook)

    def _register_state_dict_hook(self, hook) -> RemovableHandle:
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError(
                "Cannot register the same function as the state dict post hook that "
                "was previously registered via register_state_dict_post_hook"
            )
        return _add(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata, strict,
        missing_keys, unexpected_keys, error_msgs)`` before a load."""
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def _register_load_state_dict_pre_hook(self, hook, with_module: bool = False):
        wrapped = LoadHook(hook, self if with_module else None)
        return _add(self._load_state_dict_pre_hooks, wrapped)

    def register_load_state_dict_post_hook(self, hook) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after a load."""
        return _add(self._load_state_dict_post_hooks, hook)


class LoadHook:
    """A load hook that may want its module, which it must not keep alive."""

    def __init__(self, hook, module=None):
        self.hook = hook
        functools.update_wrapper(self, hook)
        self.with_module = module is not None
        self.module = weakref.ref(module) if self.with_module else None

    def __call__(self, *args):
        if not self.with_module:
            return self.hook(*args)
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args)

    def __getstate__(self):
        return {
            "hook": self.hook,
            "with_module": self.with_module,
            "module": self.module() if self.with_module else None,
        }

    def __setstate__(self, state):
        self.hook = state["hook"]
        self.with_module = state["with_module"]
        self.module = weakref.ref(state["module"]) if self.with_module else None
