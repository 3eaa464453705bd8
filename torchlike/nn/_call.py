"""Calling a module: the way with hooks, and the boundary of a call without grad."""

from __future__ import annotations

import threading
import warnings

from .._engine import after_call, before_call, opening
from .._tensor import Tensor
from ..autograd.grad_mode import mode
from ._backward_hooks import BackwardHook, register_grad_fn_hooks
from ._hooks import everywhere


class _Depth(threading.local):
    calls = 0


depth = _Depth()


def call_without_grad(forward, args, kwargs):
    """Run forward; the outermost such call is a boundary (see ``_engine``)."""
    if depth.calls:
        return forward(*args, **kwargs)
    before_call()
    depth.calls = 1
    try:
        result = forward(*args, **kwargs)
    finally:
        depth.calls = 0
    after_call()
    return result


def call_with_hooks(module, args, kwargs):
    """Run forward between its hooks, in PyTorch's order: global hooks come first."""
    call = _HookedCall(module, args, kwargs)
    try:
        return call.run()
    except Exception:
        call.run_always_called()
        raise


class _HookedCall:
    def __init__(self, module, args, kwargs):
        self.module = module
        self.args, self.kwargs = args, kwargs
        self.result = None
        self.called: set[int] = set()

    def run(self):
        module = self.module
        full, old = _backward_hooks(module)
        before = [*everywhere.backward_pre.values()]
        before += module._backward_pre_hooks.values()
        self._run_pre_hooks()
        backward = None
        if full or before:
            backward = BackwardHook(module, full, before)
            self.args = backward.wrap_inputs(self.args)
        forward = module.forward
        if mode.enabled:
            if opening.waiting:
                opening.begin()
            self.result = forward(*self.args, **self.kwargs)
        else:
            self.result = call_without_grad(forward, self.args, self.kwargs)
        self._run_forward_hooks()
        if backward is not None:
            self.result = _wrap_outputs(backward, self.result)
        if old:
            register_grad_fn_hooks(module, old, self.args, self.result)
        return self.result

    def _run_pre_hooks(self):
        module = self.module
        hooks = (*everywhere.forward_pre.items(), *module._forward_pre_hooks.items())
        for key, hook in hooks:
            if key in module._forward_pre_hooks_with_kwargs:
                self._take_args_kwargs(hook(module, self.args, self.kwargs))
                continue
            output = hook(module, self.args)
            if output is not None:
                self.args = output if isinstance(output, tuple) else (output,)

    def _take_args_kwargs(self, output):
        if output is None:
            return
        if not (isinstance(output, tuple) and len(output) == 2):
            raise RuntimeError(
                "forward pre-hook must return None or a tuple of (new_args, "
                f"new_kwargs), but got {output}."
            )
        self.args, self.kwargs = output

    def _run_forward_hooks(self):
        module = self.module
        hooks = (*everywhere.forward.items(), *module._forward_hooks.items())
        for key, hook in hooks:
            if self._is_always_called(key):
                self.called.add(key)
            self._run_one(key, hook)

    def _run_one(self, key, hook):
        with_kwargs = (
            key in self.module._forward_hooks_with_kwargs
            or key in everywhere.forward_with_kwargs
        )
        extra = (self.kwargs,) if with_kwargs else ()
        output = hook(self.module, self.args, *extra, self.result)
        if output is not None:
            self.result = output

    def _is_always_called(self, key) -> bool:
        always = self.module._forward_hooks_always_called
        return key in always or key in everywhere.forward_always

    def run_always_called(self):
        """After an exception: those hooks that asked to be called even then."""
        tables = (
            (everywhere.forward, "global module"),
            (self.module._forward_hooks, "module"),
        )
        for table, which in tables:
            for key, hook in table.items():
                if key in self.called or not self._is_always_called(key):
                    continue
                try:
                    self._run_one(key, hook)
                except Exception as error:
                    warnings.warn(
                        f"{which} forward hook with ``always_call=True`` raised an "
                        "exception that was silenced as another error was raised in "
                        f"forward: {error}",
                        stacklevel=2,
                    )


def _backward_hooks(module):
    """The backward hooks that apply to ``module``: full ones, and of the old form."""
    full, old = [], []
    tables = (
        (everywhere.full_backward, everywhere.backward),
        (module._is_full_backward_hook, module._backward_hooks),
    )
    for is_full, table in tables:
        if is_full is not None:
            (full if is_full else old).extend(table.values())
    return full, old


def _wrap_outputs(backward, result):
    if not isinstance(result, (Tensor, tuple)):
        warnings.warn(
            "For backward hooks to be called, module output should be a Tensor or a "
            f"tuple of Tensors but received {type(result)}",
            stacklevel=2,
        )
    return backward.wrap_outputs(result)
