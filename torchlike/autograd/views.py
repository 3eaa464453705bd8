"""Views and writes: a view is its base seen through view ops; a write goes back.

Every view op has a write op ``(base, new contents of the view) -> base``, so a write
through a chain of views rewrites the base, and autograd sees an ordinary op.
"""

from __future__ import annotations

from .apply import apply
from .grad_mode import is_grad_enabled, mode
from .levels import check_level
from .short import call
from .variable import TensorBase, View, bare, bind_replay


def apply_view(op, static: tuple, tensor: TensorBase, *numbers):
    """A view of ``tensor`` through ``op``; ``numbers`` are traced ints."""
    result = call(op, static, tensor, *numbers)
    return _attach(result, tensor, ((op, static, numbers),))


def _attach(result, tensor: TensorBase, steps: tuple):
    above = tensor._view
    base = tensor if above is None else above.base
    steps = steps if above is None else above.steps + steps
    storage = base._storage
    value = result._storage.value
    result._storage = storage
    result._view = View(base, steps, storage.version, value, is_grad_enabled())
    return result


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
    *inner, _ = _chain(base, view.steps)
    for (op, static, numbers), before in zip(
        reversed(view.steps), reversed(inner), strict=True
    ):
        if op.write is None:
            raise RuntimeError(f"{op.name}: a view of this kind cannot be written to")
        (new,) = apply(op.write, static, (before, new, *numbers))
    storage.write(new._value())
    _rebase(base, new)


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
