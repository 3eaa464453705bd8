"""Nested tuples, lists and dictionaries of tensors, taken apart and put together."""

from __future__ import annotations

import jax

from ..autograd.variable import TensorBase


def _is_leaf(x) -> bool:
    return x is None or isinstance(x, TensorBase)


def flatten(tree) -> tuple[list, object]:
    """The leaves and the structure."""
    return jax.tree_util.tree_flatten(tree, is_leaf=_is_leaf)


def unflatten(spec, leaves):
    """The opposite of ``flatten``."""
    return jax.tree_util.tree_unflatten(spec, leaves)


def tree_map(function, tree):
    """Apply ``function`` to every leaf."""
    leaves, spec = flatten(tree)
    return unflatten(spec, [function(x) for x in leaves])


def map_tensors(function, tree):
    """Apply ``function`` to every tensor; other leaves stay."""
    return tree_map(lambda x: function(x) if isinstance(x, TensorBase) else x, tree)


def spread(prefix, tree) -> list | None:
    """A leaf of ``prefix`` for each leaf of ``tree``; None if they do not fit."""
    if prefix is None or not isinstance(prefix, (tuple, list, dict)):
        return [prefix] * len(flatten(tree)[0])
    if isinstance(prefix, dict):
        if not isinstance(tree, dict) or set(prefix) != set(tree):
            return None
        pairs = [(prefix[k], tree[k]) for k in sorted(tree)]
    else:
        if not isinstance(tree, (tuple, list)) or len(prefix) != len(tree):
            return None
        pairs = list(zip(prefix, tree, strict=True))
    parts = [spread(p, t) for p, t in pairs]
    return None if None in parts else [x for part in parts for x in part]
