"""Views and writes: a view is its base seen through view ops; a write goes back.

Every view op has a write op ``(base, new contents of the view) -> base``, so a write
through a chain of views rewrites the base, and autograd sees an ordinary op.
"""

from __future__ import annotations

import numpy as np

from .._devices import CPU
from .._engine import Value
from .._engine.record import ARRAY_TYPES, here
from .._engine.value import aval
from .._native import quick
from . import variable
from .apply import apply
from .grad_mode import mode
from .levels import check_level
from .short import call
from .variable import DEFERRED, TensorBase, View, bare, bind_replay


def apply_view(op, static: tuple, tensor: TensorBase, *numbers):
    """A view of ``tensor`` through ``op``; ``numbers`` are traced ints."""
    result = call(op, static, tensor, *numbers)
    above = tensor._view
    base = tensor if above is None else above.base
    own = (op, static, numbers)
    steps = (own,) if above is None else (*above.steps, own)
    storage = base._storage
    value = result._storage.value
    result._storage = storage
    result._view = View(base, steps, storage.version, value, mode.enabled)
    return result


if quick is not None:
    apply_view = quick.view


def settled(tensor: TensorBase) -> bool:
    """Whether a tensor is off the graph, on the CPU, and its storage computed."""
    if tensor.__class__ is not variable.tensor_class or mode.levels:
        return False
    base = tensor if tensor._view is None else tensor._view.base
    value = base._storage.value
    return (
        value.__class__ is Value
        and value.array.__class__ in ARRAY_TYPES
        and value.device is CPU
        and not (tensor._requires_grad or base._requires_grad)
        and tensor._node is None
        and base._node is None
    )


def deferred_view(op, static: tuple, tensor: TensorBase, shape: tuple, *numbers):
    """A view of a ``settled`` tensor that is recorded when it is first used.

    A loop that only reads or collates the rows of a data set records nothing.
    """
    above = tensor._view
    base = tensor if above is None else above.base
    step = (op, static, numbers)
    steps = (step,) if above is None else (*above.steps, step)
    result = bare(variable.tensor_class)
    result._storage = storage = base._storage
    known = aval(shape, storage.value.aval.dtype)
    result._view = View(base, steps, DEFERRED, known, mode.enabled)
    return result


def _record(tensor: TensorBase, view: View) -> None:
    """Record a deferred view now. It is a view from before its base had a gradient."""
    if here.at_once and _read(tensor, view):
        return
    saved, levels = mode.enabled, mode.levels
    mode.enabled = view.tracked and view.base._node is not None
    if levels:
        mode.levels = ()
    try:
        current = view.base
        for op, static, numbers in view.steps:
            current = call(op, static, current, *numbers)
    finally:
        mode.enabled = saved
        if levels:
            mode.levels = levels
    view.value = current._storage.value
    view.version = tensor._storage.version
    if current._node is not None:
        tensor._node, tensor._output_nr = current._node, current._output_nr
        current._node.extras().name = "AsStridedBackward0"


def _read(tensor: TensorBase, view: View) -> bool:
    """Make a deferred view of a computed base by NumPy, where it can be."""
    base = view.base._storage.value
    if base.array.__class__ not in ARRAY_TYPES or view.base._node is not None:
        return False
    array = np.asarray(base.array)
    for op, static, numbers in view.steps:
        if op.on_host is None:
            return False
        array = op.on_host(array, *static, *numbers)
    view.value = Value(view.value, CPU, np.asarray(array))
    view.value.exposed = base.exposed = True  # they share memory
    view.version = tensor._storage.version
    return True


def detached(tensor: TensorBase, cls: type):
    """A tensor with the same contents and storage, off the graph."""
    view = tensor._view
    base = bare(cls)
    base._storage = tensor._storage
    if view is None:
        return base
    value = tensor._value()
    result = bare(cls)
    result._storage = tensor._storage
    result._view = View(base, view.steps, tensor._storage.version, value, False)
    return result


def replay(tensor: TensorBase) -> None:
    """Compute a stale view again from its base, on the graph if the base is."""
    view = tensor._view
    if view.version == DEFERRED:
        _record(tensor, view)
        return
    saved, mode.enabled = mode.enabled, view.tracked
    try:
        (*_, current) = _chain(view.base, view.steps)
    finally:
        mode.enabled = saved
    view.value = current._storage.value
    view.version = tensor._storage.version
    if view.tracked:
        tensor._node, tensor._output_nr = current._node, current._output_nr
        if current._node is not None:  # the name PyTorch gives regenerated views
            current._node.extras().name = "AsStridedBackward0"


def _chain(base: TensorBase, steps) -> list[TensorBase]:
    """The base and what each further view op makes of it."""
    tensors = [base]
    for op, static, numbers in steps:
        tensors += apply(op, static, (tensors[-1], *numbers))
    return tensors


def assign(tensor: TensorBase, new: TensorBase) -> None:
    """Make ``new`` (same shape and dtype) the contents of ``tensor``.

    With ``new`` on the graph, ``tensor`` and the base it views join the graph there.
    """
    if mode.levels:
        check_level(tensor, new)
    view = tensor._view
    if view is None:
        tensor._storage.write(new._value())
        _rebase(tensor, new)
        return
    base, storage = view.base, tensor._storage
    whole = new
    inner = _chain(base, view.steps[:-1])
    for (op, static, numbers), before in zip(
        reversed(view.steps), reversed(inner), strict=True
    ):
        if op.write is None:
            raise RuntimeError(f"{op.name}: a view of this kind cannot be written to")
        whole = call(op.write, static, before, whole, *numbers)
    storage.write(whole._value())
    _rebase(base, whole)
    if whole._node is None and tensor._node is None and not mode.levels:
        _renew(view, storage, new)


def _renew(view: View, storage, new: TensorBase) -> None:
    """The view shows what was just written through it: no need to compute it again."""
    if not any(op.overlaps for op, _, _ in view.steps):
        view.value, view.version = new._value(), storage.version


def _rebase(tensor: TensorBase, new: TensorBase) -> None:
    if new._node is not None:
        tensor._node, tensor._output_nr = new._node, new._output_nr
        tensor._requires_grad = False
    elif tensor._node is not None and mode.enabled:
        tensor._node, tensor._output_nr = None, 0


def check_inplace(tensor: TensorBase) -> None:
    """PyTorch's errors for in-place operations on leaves that require a gradient."""
    if not mode.enabled:
        return
    view = tensor._view
    if view is None:
        if tensor._requires_grad and tensor._node is None:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place "
                "operation."
            )
    elif view.base._requires_grad and view.base._node is None and view.tracked:
        raise RuntimeError(
            "a view of a leaf Variable that requires grad is being used in an "
            "in-place operation."
        )


def share(tensor: TensorBase, source: TensorBase) -> None:
    """Make ``tensor`` show what ``source`` shows, as ``tensor.data = source`` does."""
    view = source._view
    tensor._storage = source._storage
    tensor._view = None
    if view is not None:
        base = bare(type(view.base))
        base._storage = source._storage
        steps, value = view.steps, source._value()
        tensor._view = View(base, steps, source._storage.version, value, False)


bind_replay(replay)
