"""Steps that join the autograd graph: ``differentiable=True``."""

from __future__ import annotations

import functools
from itertools import chain

from .._ops._op import op as declare
from ..autograd.grad_mode import enable_grad


@functools.cache
def _twin(op):
    """The same op, with a derivative."""
    return declare(name=op.name, scope=None, method=False, returns=())(op.function)


def run_step(op, static, params, grads, vectors, entries, hyper) -> None:
    """As ``_recorded.run_step``, by operations that autograd follows.

    Raises RuntimeError where a parameter is a leaf that requires a gradient, as any
    operation in place does.
    """
    named = dict(zip(op.static, static, strict=True))
    with enable_grad():
        new = _twin(op)(params, grads, *vectors, *entries, list(hyper), **named)
        targets = [*params, *vectors, *chain.from_iterable(entries)]
        for target, result in zip(targets, new, strict=True):
            target.copy_(result)
