"""Control flow that depends on values: ``torch.cond`` and ``torch.while_loop``.

The predicate is read, as an ``if`` on a tensor would; gradients flow through the branch
that is taken.
"""

from __future__ import annotations

from ..autograd.variable import TensorBase
from ._op import composite


def _truth(pred, what: str) -> bool:
    if isinstance(pred, TensorBase):
        if pred.numel() != 1:
            raise RuntimeError(
                f"Expected {what} to be bool or single-element tensor, but got {pred}."
            )
        return bool(pred)
    if not isinstance(pred, bool):
        raise RuntimeError(
            f"Expected {what} to be bool or single-element tensor, but got {pred}."
        )
    return pred


@composite
def cond(pred, true_fn, false_fn, operands=()):
    """``true_fn(*operands)`` if ``pred`` is true, else ``false_fn(*operands)``."""
    if not callable(true_fn) or not callable(false_fn):
        raise RuntimeError("Expect both branches to be callable.")
    if not isinstance(operands, (tuple, list)):
        raise RuntimeError(
            "Expect operands to be a tuple of possibly nested dict/list/tuple that "
            f"only consists of tensor leaves, but got {operands}."
        )
    return (true_fn if _truth(pred, "pred") else false_fn)(*operands)


@composite
def while_loop(cond_fn, body_fn, carried_inputs):
    """``carried = body_fn(*carried)`` as long as ``cond_fn(*carried)`` is true."""
    if not callable(cond_fn) or not callable(body_fn):
        raise RuntimeError("Expect cond_fn and body_fn to be callable.")
    carried = tuple(carried_inputs)
    while _truth(cond_fn(*carried), "cond_fn's result"):
        made = body_fn(*carried)
        carried = tuple(made) if isinstance(made, (tuple, list)) else (made,)
    return carried
