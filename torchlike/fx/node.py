"""A node of a graph: one call, parameter, input or output."""

from __future__ import annotations

import builtins
import math
import operator
import types
from collections.abc import Callable
from typing import Any

from .._ops import _registry

Target = Callable[..., Any] | str
Argument = Any
_side_effects: set[Callable] = set()


def has_side_effect(fn: Callable) -> Callable:
    """Mark a function whose calls must not be removed."""
    _side_effects.add(fn)
    return fn


def map_aggregate(a: Argument, fn: Callable) -> Argument:
    """``fn`` on everything inside tuples, lists, dicts and slices."""
    if isinstance(a, tuple):
        items = [map_aggregate(x, fn) for x in a]
        return type(a)(*items) if hasattr(a, "_fields") else tuple(items)
    if isinstance(a, list):
        return [map_aggregate(x, fn) for x in a]
    if isinstance(a, dict):
        return {key: map_aggregate(x, fn) for key, x in a.items()}
    if isinstance(a, slice):
        return slice(*(map_aggregate(x, fn) for x in (a.start, a.stop, a.step)))
    return fn(a)


def map_arg(a: Argument, fn: Callable[[Node], Argument]) -> Argument:
    """``fn`` on every node inside ``a``."""
    return map_aggregate(a, lambda x: fn(x) if isinstance(x, Node) else x)


def public_name(function: Callable) -> str:
    """Where users find a function, such as ``torch.relu``."""
    name = getattr(function, "__name__", type(function).__name__)
    for scope, table in _registry.functions.items():
        for known, held in table.items():
            if held is function:
                return f"{_registry.SCOPES.get(scope, 'torch.' + scope)}.{known}"
    for module in (operator, math, builtins):
        if getattr(module, name, None) is function:
            home = module.__name__.lstrip("_")
            return name if module is builtins else f"{home}.{name}"
    path = f"{function.__module__}.{getattr(function, '__qualname__', name)}"
    return "torch" + path.removeprefix("torchlike") if path[:9] == "torchlike" else path


class Node:
    """``op`` is placeholder, get_attr, call_function, call_method, call_module or
    output; ``target`` says what is called; ``users`` are the nodes that use it."""

    def __init__(self, graph, name, op, target, args, kwargs, return_type=None) -> None:
        self.graph, self.name, self.op, self.target = graph, name, op, target
        self._args: tuple = ()
        self._kwargs: dict = {}
        self._input_nodes: dict[Node, None] = {}
        self.users: dict[Node, None] = {}
        self.type, self.meta = return_type, {}
        self._prev = self._next = self
        self._erased = False
        self._update(args, kwargs)

    # ---- arguments
    @property
    def args(self) -> tuple:
        """The positional arguments; nodes stand for values."""
        return self._args

    @args.setter
    def args(self, a: tuple) -> None:
        self._update(a, self._kwargs)

    @property
    def kwargs(self) -> dict:
        """The keyword arguments."""
        return self._kwargs

    @kwargs.setter
    def kwargs(self, k: dict) -> None:
        self._update(self._args, k)

    def _update(self, args, kwargs) -> None:
        for node in self._input_nodes:
            node.users.pop(self, None)
        self._args, self._kwargs = tuple(args), dict(kwargs)
        self._input_nodes = {}
        for part in (self._args, self._kwargs):
            map_arg(part, lambda n: self._input_nodes.setdefault(n))
        for node in self._input_nodes:
            node.users[self] = None

    @property
    def all_input_nodes(self) -> list[Node]:
        """The nodes among the arguments."""
        return list(self._input_nodes)

    def update_arg(self, idx: int, arg: Argument) -> None:
        """Set a positional argument."""
        self.args = (*self.args[:idx], arg, *self.args[idx + 1 :])

    def insert_arg(self, idx: int, arg: Argument) -> None:
        """Put in a positional argument."""
        self.args = (*self.args[:idx], arg, *self.args[idx:])

    def update_kwarg(self, key: str, arg: Argument) -> None:
        """Set a keyword argument."""
        self.kwargs = {**self.kwargs, key: arg}

    def replace_input_with(self, old_input: Node, new_input: Node) -> None:
        """Use another node."""

        def exchange(n):
            return new_input if n is old_input else n

        self._update(map_arg(self._args, exchange), map_arg(self._kwargs, exchange))

    def replace_all_uses_with(
        self, replace_with: Node, delete_user_cb=lambda user: True, **options
    ) -> list[Node]:
        """Let the users of this node use another one."""
        changed = [user for user in list(self.users) if delete_user_cb(user)]
        for user in changed:
            user.replace_input_with(self, replace_with)
        return changed

    # ---- place in the list
    @property
    def next(self) -> Node:
        """The node after this one."""
        return self._next

    @property
    def prev(self) -> Node:
        """The node before this one."""
        return self._prev

    def prepend(self, x: Node) -> None:
        """Move ``x`` before this node."""
        if x is self:
            return
        x._remove_from_list()
        before = self._prev
        before._next, x._prev = x, before
        x._next, self._prev = self, x

    def append(self, x: Node) -> None:
        """Move ``x`` behind this node."""
        self._next.prepend(x)

    def _remove_from_list(self) -> None:
        self._prev._next, self._next._prev = self._next, self._prev

    def is_impure(self, impure_random: bool = True) -> bool:
        """Whether the node must stay although nothing uses it."""
        if self.op in ("placeholder", "output"):
            return True
        return self.op == "call_function" and self.target in _side_effects

    # ---- text
    def __repr__(self) -> str:
        return self.name

    def _pretty_print_target(self, target) -> str:
        return target if isinstance(target, str) else public_name(target)

    def format_node(self, *args, **options) -> str:
        """The node as one line."""
        if self.op == "placeholder":
            return f"%{self.name} : [num_users={len(self.users)}] = placeholder" + (
                f"[target={self.target}]"
            )
        if self.op == "output":
            return f"return {self.args[0]}"
        target = self._pretty_print_target(self.target)
        given = (
            ""
            if self.op == "get_attr"
            else (f"(args = {_text(self.args)}, kwargs = {_text(self.kwargs)})")
        )
        head = f"%{self.name} : [num_users={len(self.users)}] = "
        return f"{head}{self.op}[target={target}]{given}"


def _text(a) -> str:
    if isinstance(a, Node):
        return f"%{a.name}"
    if isinstance(a, tuple):
        inner = ", ".join(map(_text, a))
        return f"({inner},)" if len(a) == 1 else f"({inner})"
    if isinstance(a, list):
        return "[" + ", ".join(map(_text, a)) + "]"
    if isinstance(a, dict):
        return "{" + ", ".join(f"{k}: {_text(v)}" for k, v in a.items()) + "}"
    return str(a)


BaseArgumentTypes = (str, int, float, bool, complex, types.NoneType)
