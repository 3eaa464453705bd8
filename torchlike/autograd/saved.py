"""Hooks on what the graph saves: packing, offloading, looking for nan."""

from __future__ import annotations

import traceback
import warnings
from typing import NamedTuple

import numpy as np

from .._engine import Value, realise
from .grad_mode import mode
from .graph import AccumulateGrad, Node, edge_of
from .variable import TensorBase, wrap


class _Watched(Node):
    """A node whose derivative is taken by ``backward``, not by the engine itself."""

    __slots__ = ()

    def __init__(self, node: Node):
        super().__init__(node.plan, node.saved, node.edges, node.device)
        self.sequence = node.sequence

    def backward(self, grads, kind) -> list:
        """Derive as the engine does, from the saved values."""
        plain = Node(self.plan, self.values(), self.edges, self.device)
        given = self.given(grads)
        return kind.derive(plain, given, [grads[i] for i in given])

    def values(self) -> list:
        """What the derivative needs of what was saved."""
        return self.saved


class _PackedNode(_Watched):
    """A node whose saved tensors went through a pack hook."""

    __slots__ = ("unpack",)

    def __init__(self, node: Node, pack, unpack):
        super().__init__(node)
        self.unpack = unpack
        self.saved = [
            _Pack(pack(wrap(x))) if isinstance(x, Value) else x for x in node.saved
        ]

    def values(self) -> list:
        return [
            self.unpack(x.content)._value() if isinstance(x, _Pack) else x
            for x in self.saved
        ]


class _Pack:
    __slots__ = ("content",)

    def __init__(self, content):
        self.content = content


class saved_tensors_hooks:
    """Inside, what nodes save goes through ``pack_hook``, and back on use.

    **Source** https://pytorch.org/docs/stable/autograd.html#saved-tensors-hooks
    """

    def __init__(self, pack_hook, unpack_hook):
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self):
        if _disabled:
            raise RuntimeError(_disabled[-1])
        self.saved_hook = mode.node_hook
        mode.node_hook = self._made

    def _made(self, node: Node) -> Node:
        if not node.saved:
            return node
        mode.node_hook, saved = None, mode.node_hook
        try:
            return _PackedNode(node, self.pack_hook, self.unpack_hook)
        finally:
            mode.node_hook = saved

    def __exit__(self, *exc):
        mode.node_hook = self.saved_hook


_disabled: list[str] = []


class disable_saved_tensors_hooks:
    """Inside, ``saved_tensors_hooks`` raises ``RuntimeError(error_message)``."""

    def __init__(self, error_message: str):
        self.error_message = error_message

    def __enter__(self):
        _disabled.append(self.error_message)

    def __exit__(self, *exc):
        _disabled.pop()


class save_on_cpu(saved_tensors_hooks):
    """Keep what nodes save in main memory until it is used."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda"):
        def pack(tensor):
            return tensor.device, tensor.cpu()

        def unpack(packed):
            place, tensor = packed
            return tensor.to(place)

        super().__init__(pack, unpack)


class GradientEdge(NamedTuple):
    """A place on the graph: a node and the number of one of its outputs."""

    node: object
    output_nr: int
    ownership_token: object = None


def get_gradient_edge(tensor) -> GradientEdge:
    """Where the gradient of ``tensor`` goes."""
    tensor._value()
    edge = edge_of(tensor)
    if edge is None:
        raise RuntimeError(
            "It is not possible to get the gradient edge for a Tensor that does not "
            "require gradients"
        )
    target, nr = edge
    node = AccumulateGrad(target) if isinstance(target, TensorBase) else target
    return GradientEdge(node, nr)


class register_multi_grad_hook:
    """Call ``fn`` once the gradients of all (or of any) ``tensors`` are known.

    With ``mode="all"`` it gets a list with a gradient or None for each tensor, with
    "any" the first gradient. ``remove()`` takes the hook away.
    """

    def __init__(self, tensors, fn, *, mode: str = "all"):
        if mode not in ("all", "any"):
            raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
        self._fn, self._any = fn, mode == "any"
        self._tensors = [t for t in tensors if t.requires_grad]
        self._count, self._grads = 0, [None] * len(tensors)
        self.handles = tuple(
            t.register_hook(self._receiver(i))
            for i, t in enumerate(tensors)
            if t.requires_grad
        )

    def _receiver(self, i: int):
        def receive(grad):
            self._count += 1
            self._grads[i] = grad
            if self._any:
                if self._count == 1:
                    self._fn(grad)
            elif self._count == len(self._tensors):
                self._fn(list(self._grads))
            if self._count == len(self._tensors):
                self._count, self._grads = 0, [None] * len(self._grads)

        return receive

    def remove(self) -> None:
        """Take the hook away."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.remove()


def increment_version(tensor) -> None:
    """Count a write to ``tensor`` (or several) that nobody else noticed."""
    tensors = (tensor,) if isinstance(tensor, TensorBase) else tensor
    for t in tensors:
        t._storage.version += 0 if t._view is not None else 1


# ----- anomaly detection -------------------------------------------------------------


class _CheckedNode(_Watched):
    """A node that refuses to return nan, and knows where it was made."""

    __slots__ = ("where",)

    def __init__(self, node: Node):
        super().__init__(node)
        self.where = traceback.format_stack()[:-4]

    def backward(self, grads, kind) -> list:
        results = super().backward(grads, kind)
        for i, result in enumerate(results):
            value = kind.tensor(result)._value()
            if np.isnan(np.asarray(realise(value, "anomaly").array)).any():
                warnings.warn(
                    f"Error detected in {self.name()}. Traceback of forward call that "
                    "caused the error:\n" + "".join(self.where),
                    stacklevel=2,
                )
                raise RuntimeError(
                    f"Function '{self.name()}' returned nan values in its {i}th output."
                )
        return results


_anomaly = {"enabled": False, "check_nan": True}


def is_anomaly_enabled() -> bool:
    """Whether anomaly detection is on."""
    return _anomaly["enabled"]


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly detection looks for nan."""
    return _anomaly["check_nan"]


def set_anomaly_enabled(enabled: bool, check_nan: bool = True) -> None:
    """Switch anomaly detection for good (see ``set_detect_anomaly``)."""
    _anomaly.update(enabled=enabled, check_nan=check_nan)
    if enabled and check_nan:
        mode.node_hook = _CheckedNode
    elif mode.node_hook is _CheckedNode:
        mode.node_hook = None


class set_detect_anomaly:
    """Switch anomaly detection: a backward that makes nan raises, and tells where."""

    def __init__(self, mode: bool, check_nan: bool = True):
        self.previous = dict(_anomaly)
        set_anomaly_enabled(bool(mode), check_nan)

    def __enter__(self):
        pass

    def __exit__(self, *exc):
        set_anomaly_enabled(**self.previous)


class detect_anomaly:
    """Anomaly detection as a context; every backward then waits for its values."""

    def __init__(self, check_nan: bool = True):
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime "
            "and should only be enabled for debugging.",
            stacklevel=2,
        )

    def __enter__(self):
        self.previous = dict(_anomaly)
        set_anomaly_enabled(True, self.check_nan)

    def __exit__(self, *exc):
        set_anomaly_enabled(**self.previous)
