"""``torch.utils._pytree``: nested containers flattened to leaves and put back."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Context = Any
PyTree = Any
T = Any
KeyPath = tuple[Any, ...]


class NodeDef(NamedTuple):
    """How a container type is taken apart and built again."""

    type: type
    flatten_fn: Callable
    unflatten_fn: Callable


SUPPORTED_NODES: dict[type, NodeDef] = {}


class MappingKey(NamedTuple):
    key: Any

    def __str__(self) -> str:
        return f"[{self.key!r}]"


class SequenceKey(NamedTuple):
    idx: int

    def __str__(self) -> str:
        return f"[{self.idx!r}]"


@dataclasses.dataclass(frozen=True)
class TreeSpec:
    """The structure of a tree without its leaves; ``type`` None is a leaf."""

    type: Any
    context: Context
    children_specs: tuple[TreeSpec, ...] = ()

    @property
    def num_leaves(self) -> int:
        """How many leaves the tree has."""
        if self.type is None:
            return 1
        return sum(child.num_leaves for child in self.children_specs)

    @property
    def num_children(self) -> int:
        return len(self.children_specs)

    @property
    def num_nodes(self) -> int:
        return 1 + sum(child.num_nodes for child in self.children_specs)

    def is_leaf(self) -> bool:
        return self.type is None

    def children(self) -> list[TreeSpec]:
        return list(self.children_specs)

    def child(self, index: int) -> TreeSpec:
        return self.children_specs[index]

    def unflatten(self, leaves: Iterable[Any]) -> PyTree:
        return tree_unflatten(leaves, self)

    def flatten_up_to(self, tree: PyTree) -> list[Any]:
        """The subtrees of ``tree`` that stand where this spec has leaves."""
        if self.type is None:
            return [tree]
        if _get_node_type(tree) is not self.type:
            raise ValueError(
                f"Type mismatch; expected {self.type!r}, but got {type(tree)!r}."
            )
        children, context = SUPPORTED_NODES[self.type].flatten_fn(tree)
        if len(children) != len(self.children_specs) or context != self.context:
            raise ValueError(f"Node context mismatch for node type {self.type!r}.")
        pairs = zip(self.children_specs, children, strict=True)
        return [leaf for spec, child in pairs for leaf in spec.flatten_up_to(child)]

    def __hash__(self) -> int:
        return hash((self.type, self.num_leaves, len(self.children_specs)))


class LeafSpec(TreeSpec):
    """The spec of a leaf."""

    def __init__(self) -> None:
        super().__init__(None, None, ())


def treespec_leaf() -> TreeSpec:
    """The spec of a leaf."""
    return TreeSpec(None, None, ())


# ---- container types -----------------------------------------------------------------
def register_pytree_node(cls, flatten_fn, unflatten_fn, **options) -> None:
    """Make ``cls`` a container; ``flatten_fn(x) -> (children, context)``."""
    if cls in SUPPORTED_NODES:
        raise ValueError(f"{cls} is already registered as pytree node.")
    SUPPORTED_NODES[cls] = NodeDef(cls, flatten_fn, unflatten_fn)


_register_pytree_node = register_pytree_node


def _dict_flatten(d):
    return list(d.values()), list(d.keys())


SUPPORTED_NODES.update(
    {
        kind: NodeDef(kind, *functions)
        for kind, functions in {
            tuple: (lambda t: (list(t), None), lambda c, _: tuple(c)),
            list: (lambda t: (t, None), lambda c, _: list(c)),
            dict: (_dict_flatten, lambda c, k: dict(zip(k, c, strict=True))),
            OrderedDict: (
                _dict_flatten,
                lambda c, k: OrderedDict(zip(k, c, strict=True)),
            ),
            defaultdict: (
                lambda d: (list(d.values()), [d.default_factory, list(d)]),
                lambda c, k: defaultdict(k[0], zip(k[1], c, strict=True)),
            ),
            deque: (
                lambda d: (list(d), d.maxlen),
                lambda c, n: deque(c, maxlen=n),
            ),
            namedtuple: (lambda t: (list(t), type(t)), lambda c, kind: kind(*c)),
        }.items()
    }
)


def is_namedtuple(obj) -> bool:
    """Whether ``obj`` is a named tuple or its class."""
    return is_namedtuple_class(obj if isinstance(obj, type) else type(obj))


def is_namedtuple_class(cls) -> bool:
    """Whether ``cls`` is a named tuple class."""
    return issubclass(cls, tuple) and isinstance(getattr(cls, "_fields", None), tuple)


_is_namedtuple_instance = is_namedtuple


def _get_node_type(tree) -> Any:
    kind = type(tree)
    if kind not in SUPPORTED_NODES and is_namedtuple_class(kind):
        return namedtuple
    return kind


def _is_leaf(tree, is_leaf=None) -> bool:
    if is_leaf is not None and is_leaf(tree):
        return True
    return _get_node_type(tree) not in SUPPORTED_NODES


# ---- flatten and unflatten -----------------------------------------------------------
def _flatten(tree, leaves: list, is_leaf) -> TreeSpec:
    if _is_leaf(tree, is_leaf):
        leaves.append(tree)
        return treespec_leaf()
    kind = _get_node_type(tree)
    children, context = SUPPORTED_NODES[kind].flatten_fn(tree)
    specs = tuple(_flatten(child, leaves, is_leaf) for child in children)
    return TreeSpec(kind, context, specs)


def tree_flatten(tree: PyTree, is_leaf=None) -> tuple[list[Any], TreeSpec]:
    """The leaves of a tree, and its structure."""
    leaves: list[Any] = []
    spec = _flatten(tree, leaves, is_leaf)
    return leaves, spec


def tree_unflatten(leaves: Iterable[Any], treespec: TreeSpec) -> PyTree:
    """The tree with this structure and these leaves."""
    leaves = list(leaves)
    if len(leaves) != treespec.num_leaves:
        raise ValueError(
            f"tree_unflatten(leaves, treespec): `leaves` has length {len(leaves)} but "
            f"the spec refers to a pytree that holds {treespec.num_leaves} items"
        )
    return _unflatten(iter(leaves), treespec)


def _unflatten(leaves, spec: TreeSpec):
    if spec.type is None:
        return next(leaves)
    children = [_unflatten(leaves, child) for child in spec.children_specs]
    return SUPPORTED_NODES[spec.type].unflatten_fn(children, spec.context)


def tree_iter(tree: PyTree, is_leaf=None):
    """The leaves one after another."""
    yield from tree_flatten(tree, is_leaf)[0]


def tree_leaves(tree: PyTree, is_leaf=None) -> list[Any]:
    """The leaves."""
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree: PyTree, is_leaf=None) -> TreeSpec:
    """The structure."""
    return tree_flatten(tree, is_leaf)[1]


# ---- map -----------------------------------------------------------------------------
def tree_map(func: Callable, tree: PyTree, *rests: PyTree, is_leaf=None) -> PyTree:
    """The tree of ``func(leaf, …)``; further trees are walked beside the first."""
    leaves, spec = tree_flatten(tree, is_leaf)
    columns = [leaves, *(spec.flatten_up_to(rest) for rest in rests)]
    return _unflatten(iter([func(*row) for row in zip(*columns, strict=True)]), spec)


def tree_map_(func: Callable, tree: PyTree, *rests: PyTree, is_leaf=None) -> PyTree:
    """Call ``func`` on every leaf and return the tree itself."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def map_only(kind, /):
    """A decorator: apply the function to leaves of ``kind`` (types or a test)."""
    test = kind if not isinstance(kind, (type, tuple)) else None

    def decorate(func):
        def apply(x):
            chosen = test(x) if test is not None else isinstance(x, kind)
            return func(x) if chosen else x

        return apply

    return decorate


def tree_map_only(kind, /, func: Callable, tree: PyTree, is_leaf=None) -> PyTree:
    """``tree_map`` on the leaves of ``kind`` only."""
    return tree_map(map_only(kind)(func), tree, is_leaf=is_leaf)


def tree_map_only_(kind, /, func: Callable, tree: PyTree, is_leaf=None) -> PyTree:
    """``tree_map_`` on the leaves of ``kind`` only."""
    return tree_map_(map_only(kind)(func), tree, is_leaf=is_leaf)


def tree_all(pred, tree: PyTree, is_leaf=None) -> bool:
    """Whether ``pred`` holds for all leaves."""
    return all(map(pred, tree_iter(tree, is_leaf)))


def tree_any(pred, tree: PyTree, is_leaf=None) -> bool:
    """Whether ``pred`` holds for any leaf."""
    return any(map(pred, tree_iter(tree, is_leaf)))


def tree_all_only(kind, /, pred, tree: PyTree, is_leaf=None) -> bool:
    """Whether ``pred`` holds for all leaves of ``kind``."""
    return all(pred(x) for x in tree_iter(tree, is_leaf) if isinstance(x, kind))


def tree_any_only(kind, /, pred, tree: PyTree, is_leaf=None) -> bool:
    """Whether ``pred`` holds for any leaf of ``kind``."""
    return any(pred(x) for x in tree_iter(tree, is_leaf) if isinstance(x, kind))


# ---- paths ---------------------------------------------------------------------------
def tree_flatten_with_path(tree: PyTree, is_leaf=None):
    """As ``tree_flatten``, with the path of each leaf."""
    return list(_with_path((), tree, is_leaf)), tree_structure(tree, is_leaf)


def tree_leaves_with_path(tree: PyTree, is_leaf=None) -> list[tuple[KeyPath, Any]]:
    """The leaves with their paths."""
    return list(_with_path((), tree, is_leaf))


def tree_map_with_path(func: Callable, tree: PyTree, *rests, is_leaf=None) -> PyTree:
    """``tree_map`` of ``func(path, leaf, …)``."""
    pairs, spec = tree_flatten_with_path(tree, is_leaf)
    columns = [spec.flatten_up_to(rest) for rest in rests]
    rows = zip(pairs, *columns, strict=True)
    return tree_unflatten([func(p, x, *others) for (p, x), *others in rows], spec)


def _with_path(path: KeyPath, tree, is_leaf):
    if _is_leaf(tree, is_leaf):
        yield path, tree
        return
    children, _ = SUPPORTED_NODES[_get_node_type(tree)].flatten_fn(tree)
    keys = map(MappingKey, tree) if isinstance(tree, dict) else None
    for i, child in enumerate(children):
        key = SequenceKey(i) if keys is None else next(keys)
        yield from _with_path((*path, key), child, is_leaf)


def keystr(path: KeyPath) -> str:
    """A path as text."""
    return "".join(map(str, path))


def _broadcast_to_and_flatten(tree: PyTree, treespec: TreeSpec, is_leaf=None):
    """Leaves of ``tree`` repeated to fill ``treespec``; None where it does not fit."""
    if _is_leaf(tree, is_leaf):
        return [tree] * treespec.num_leaves
    if treespec.type is None or treespec.type is not _get_node_type(tree):
        return None
    children, context = SUPPORTED_NODES[treespec.type].flatten_fn(tree)
    if len(children) != treespec.num_children or context != treespec.context:
        return None
    result: list[Any] = []
    for child, spec in zip(children, treespec.children_specs, strict=True):
        flat = _broadcast_to_and_flatten(child, spec, is_leaf)
        if flat is None:
            return None
        result += flat
    return result


def _dict_flatten_with_keys(d):
    return [(MappingKey(k), v) for k, v in d.items()], list(d)


def _list_flatten_with_keys(items):
    return [(SequenceKey(i), x) for i, x in enumerate(items)], None


_tuple_flatten_with_keys = _list_flatten_with_keys
_dict_unflatten = SUPPORTED_NODES[dict].unflatten_fn


def _generate_key_paths(tree, is_leaf=None):
    yield from _with_path((), tree, is_leaf)
