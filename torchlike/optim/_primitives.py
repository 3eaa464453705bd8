"""The steps of SGD and Adam as JAX primitives, for which CPUs have functions of ours.

XLA makes one kernel of each array that is written, three for each of Adam's parameters,
which read the same numbers anew. Our function (``_kernels/optimizers.c``) reads and
writes each element once, in one call for all parameters.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.interpreters import mlir

from .. import _kernels
from .._ops._primitive import several, struct


def stepper(name: str, plain: Callable, numbers: Callable, worth: int) -> Callable:
    """A step ``(params, grads, state, doubles, flags) -> (params, state)``.

    All parameters are of one dtype; ``doubles`` are the hyperparameters, ``flags`` are
    static. The step is ``plain``, which has the same arguments, but on CPUs that of our
    function of that name, where the state has ``worth`` elements or more.
    ``numbers(doubles, state, n)`` makes what this takes besides the arrays of n
    parameters, and advances the state's vectors.
    """

    def flat(*arrays, tree, flags):
        return jax.tree.leaves(plain(*tree.unflatten(arrays), flags))

    def foreign(*arrays, tree, flags):
        params, grads, state, doubles = tree.unflatten(arrays)
        fields = [field for field in state if isinstance(field, tuple)]
        size = sum(x.size for field in fields for x in field)
        if params[0].dtype != jnp.float32 or size < worth:
            return flat(*arrays, tree=tree, flags=flags)
        state, table = numbers(doubles, state, len(params))
        kept, kinds = jax.tree.flatten((params, fields))
        new = _call(name, table, kept, grads, flags)
        params, fields = kinds.unflatten(new)
        fields = iter(fields)
        state = [next(fields) if isinstance(f, tuple) else f for f in state]
        return jax.tree.leaves((params, state))

    made = several(name, flat)
    if _kernels.available:
        lowered = mlir.lower_fun(foreign, multiple_results=True)
        mlir.register_lowering(made, lowered, platform="cpu")

    def step(params, grads, state, doubles, flags):
        arrays, tree = jax.tree.flatten((params, grads, state, doubles))
        new = made.bind(*arrays, tree=tree, flags=flags)
        return jax.tree.structure((params, state)).unflatten(new)

    return step


def _call(name: str, table, kept: list, grads: tuple, flags: tuple) -> list:
    """Our function: ``kept``, the parameters before all else, are written in place."""
    n = len(grads)
    places = {1 + i if i < n else 1 + n + i: i for i in range(len(kept))}
    call = jax.ffi.ffi_call(
        _kernels.target(name), [struct(x) for x in kept], input_output_aliases=places
    )
    flags = np.array(flags, np.int64)
    return call(table, *kept[:n], *grads, *kept[n:], flags=flags)
