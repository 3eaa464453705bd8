"""``Optimizer``: parameter groups, state, hooks and checkpoints, as in PyTorch.

The optimizers of this package derive from ``RecordedOptimizer`` (see ``_recorded``);
a user's own optimizer derives from ``Optimizer`` and writes ``step`` in tensor ops.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Iterable

from .._engine import boundary, optimizer_made
from .._tensor import Tensor
from . import _checkpoint, _hooks
from ._hooks import (
    register_optimizer_step_post_hook as register_optimizer_step_post_hook,
)
from ._hooks import register_optimizer_step_pre_hook as register_optimizer_step_pre_hook


class _Required:
    """Marks an option that has no default."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()
ParamsT = Iterable  # what annotations of packages call `params`


def typename(value) -> str:
    """A type's name as PyTorch's errors give it, such as ``torch.FloatTensor``."""
    if isinstance(value, Tensor):
        return value.type()
    kind = type(value)
    module = "" if kind.__module__ == "builtins" else kind.__module__ + "."
    return module + kind.__qualname__


class Optimizer:
    """Base of all optimizers.

    Args:
        params: tensors, ``(name, tensor)`` pairs, or dicts with ``params`` and the
            options of that group.
        defaults: options of the groups that do not give their own.

    **Source** https://pytorch.org/docs/stable/optim.html
    """

    def __init__(self, params, defaults: dict):
        self.defaults = defaults
        self._set_up()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of "
                f"Tensors or dicts, but got {typename(params)}"
            )
        self.state: defaultdict = defaultdict(dict)
        self.param_groups: list[dict] = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)
        optimizer_made(sum(len(group["params"]) for group in self.param_groups))

    def _set_up(self) -> None:
        for table in _hooks.TABLES:
            self.__dict__.setdefault(table, OrderedDict())
        cls = type(self)
        if not getattr(cls.step, "hooked", False):
            cls.step = _hooks.hooked(cls.step)

    def __getstate__(self) -> dict:
        names = ("defaults", "state", "param_groups")
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._set_up()
        self.defaults.setdefault("differentiable", False)

    def __repr__(self) -> str:
        text = type(self).__name__ + " ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            for key in sorted(group):
                if key != "params":
                    text += f"    {key}: {group[key]}\n"
        return text + ")"

    def step(self, closure=None):
        """Update the parameters once; ``closure`` evaluates the loss again.

        Returns the loss of the closure, or None without one.
        """
        raise NotImplementedError

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or fill them with zeros."""
        boundary("zero_grad")
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p._grad = None
                    continue
                grad = p.grad
                if grad is None:
                    continue
                if grad.grad_fn is not None:
                    grad.detach_()
                else:
                    grad.requires_grad_(False)
                grad.zero_()

    def add_param_group(self, param_group: dict) -> None:
        """Add a group of parameters with options of its own.

        Raises TypeError or ValueError for sets, for what is no tensor, for tensors
        that are no leaves, and for parameters that are in another group already.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        _read_params(param_group)
        differentiable = self.defaults.get("differentiable", None)
        for param in param_group["params"]:
            _check_param(param, differentiable)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(
                    "parameter group didn't specify a value of required "
                    f"optimization parameter {name}"
                )
            param_group.setdefault(name, default)
        self._check_repeats(param_group)
        self.param_groups.append(param_group)

    def _check_repeats(self, param_group: dict) -> None:
        params = param_group["params"]
        own = {id(p) for p in params}
        if len(own) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in "
                "future, this will cause an error; see "
                "github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=4,
            )
        named = "param_names" in param_group
        for group in self.param_groups:
            if named != ("param_names" in group):
                raise ValueError(
                    "all optimizer param groups should be with/without names. cannot "
                    f"add param group {'with' if named else 'without'} names to the "
                    "optimizer"
                )
            if any(id(p) in own for p in group["params"]):
                raise ValueError(
                    "some parameters appear in more than one parameter group"
                )

    def register_step_pre_hook(self, hook):
        """Call ``hook(optimizer, args, kwargs)`` before ``step``, to change them."""
        return _hooks.add(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook):
        """Call ``hook(optimizer, args, kwargs)`` after ``step``."""
        return _hooks.add(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook, prepend: bool = False):
        """Call ``hook(optimizer)`` before ``state_dict``."""
        return _hooks.add(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook, prepend: bool = False):
        """Call ``hook(optimizer, state_dict)`` after it; its result is used."""
        return _hooks.add(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook, prepend: bool = False):
        """Call ``hook(optimizer, state_dict)`` before loading; its result is used."""
        return _hooks.add(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook, prepend: bool = False):
        """Call ``hook(optimizer)`` after loading."""
        return _hooks.add(self._optimizer_load_state_dict_post_hooks, hook, prepend)

    profile_hook_step = staticmethod(_hooks.hooked)
    state_dict = _checkpoint.state_dict
    load_state_dict = _checkpoint.load_state_dict


def _read_params(group: dict) -> None:
    """Make ``params`` a list of tensors; names in pairs become ``param_names``."""
    params = group["params"]
    if isinstance(params, Tensor):
        params = [params]
    elif isinstance(params, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but "
            "the ordering of tensors in sets will change between runs. Please use a "
            "list instead."
        )
    params = list(params)
    names = [p[0] for p in params if isinstance(p, tuple)]
    group["params"] = [p[1] if isinstance(p, tuple) else p for p in params]
    if names:
        if len(names) != len(params):
            raise ValueError(
                "all optimizer params should be with/without names. Some param names "
                "are missing"
            )
        group["param_names"] = names


def _check_param(param, differentiable) -> None:
    if not isinstance(param, Tensor):
        raise TypeError(
            "optimizer can only optimize Tensors, but one of the params is "
            + typename(param)
        )
    if not differentiable and not (param.is_leaf or param.retains_grad):
        raise ValueError("can't optimize a non-leaf Tensor")
