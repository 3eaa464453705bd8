"""Running recorded programs on the host without XLA, in forked processes.

XLA cannot compile in a forked process: its thread pools are static and their threads
stay behind in the parent. (JAX 0.10: the first compile in a child whose parent has
compiled before hangs or aborts, with the inherited client and with a fresh one.)
Tracing works, and so does reading the arrays of the parent. So a forked child traces
as ever and runs the traced program by a NumPy rule for each primitive.
"""

from __future__ import annotations

import jax
import numpy as np

from . import contract as contract
from . import elementwise as elementwise
from . import evaluate as evaluate
from . import linalg as linalg
from . import reduce as reduce
from . import structure as structure
from .plan import Plan

active = False  # set in a forked child


class HostProgram:
    """Stands in for ``jax.jit(function).lower(*structs).compile()``.

    Called with NumPy arrays, or ready CPU arrays of the parent's client; returns a
    list of NumPy arrays that share no memory with each other.
    """

    def __init__(self, function, structs):
        closed = jax.make_jaxpr(function)(*structs)
        self.plan = Plan(closed.jaxpr, closed.consts)

    def __call__(self, *arrays) -> list[np.ndarray]:
        operands = [to_numpy(a) for a in arrays]
        return own(self.plan.run(operands), operands)


def to_numpy(array) -> np.ndarray:
    """Read an array, perhaps of the parent."""
    check_readable(array)
    return np.asarray(array)


def check_readable(array) -> None:
    """Refuse an array of the parent that no thread of this process will ever bring."""
    if isinstance(array, jax.Array) and not isinstance(array, jax.core.Tracer):
        if any(d.platform != "cpu" for d in array.devices()):
            raise _no_cuda()
        if not array.is_ready():
            raise RuntimeError(
                "torchlike: this tensor was still being computed by another thread "
                "when the process was forked"
            )


def place(array, kind: str) -> np.ndarray:
    """What moving to a device is here: the CPU's memory is the host's."""
    if kind != "cpu":
        raise _no_cuda()
    return to_numpy(array)


def _no_cuda() -> RuntimeError:
    return RuntimeError(
        "Cannot re-initialize CUDA in forked subprocess. To use CUDA with "
        "multiprocessing, you must use the 'spawn' start method"
    )


def own(results, operands) -> list[np.ndarray]:
    """Results are immutable once handed out: no views, and none of them twice."""
    seen = {id(a) for a in operands}
    owned = []
    for array in results:
        if array.base is not None or not array.flags.c_contiguous or id(array) in seen:
            array = np.array(array, order="C")
        seen.add(id(array))
        owned.append(array)
    return owned
