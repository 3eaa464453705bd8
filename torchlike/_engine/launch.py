"""Running a compiled program without what JAX does around it.

JAX's call of a program flattens its arguments as a tree, looks up their signature and
checks where they are, each time. Here that is known: they are a list of arrays of the
shapes it was compiled for, on the only device of the CPU. So the runtime is asked
directly, by what `jax.stages.Compiled` itself is made of; a program where that looks
otherwise than expected is called as usual. Arrays that are still on the host are
placed by JAX's call in less time; where there are many of them, C calls it, without
its frame in Python.
"""

from __future__ import annotations

import functools

import jax
import numpy as np
from jax.sharding import SingleDeviceSharding

from .._devices import CPU, jax_device

try:
    from jaxlib._jax import batched_device_put
except ImportError:
    batched_device_put = None


def direct(compiled, n: int) -> tuple | None:
    """What runs a program for the CPU on a list of ``n`` arrays, what makes arrays of
    its results, and JAX's call; None if it is to be called as usual."""
    if batched_device_put is None or len(jax.local_devices(backend="cpu")) != 1:
        return None
    try:
        around = compiled._executable.unsafe_call
        special = (
            around.ordered_effects,
            around.has_unordered_effects,
            around.has_host_callbacks,
            around.mut,
            compiled._params.const_args,
        )
        if any(special) or len(around.kept_var_idx) != n:
            return None
        call = compiled._executable.create_cpp_call(compiled._params)
        execute, handlers = around.xla_executable.execute_sharded, around.out_handler
        return None if call is None else (execute, list(handlers.handlers), call)
    except AttributeError:
        return None


_ALIGNED = 64  # bytes; memory that begins so is used as it is
_AT_ONCE = 102_400  # bytes; of less JAX makes a copy at once


def lies_well(array: np.ndarray) -> bool:
    """Whether JAX has the array at once.

    If not, one of its threads copies it and then runs the program that waits for it.
    The memory that this takes is never again that of the programs run here.
    """
    return array.nbytes < _AT_ONCE or (
        array.flags.c_contiguous and array.ctypes.data % _ALIGNED == 0
    )


def place(
    array: np.ndarray, committed: bool = False, copied: bool = False
) -> jax.Array:
    """The array on the CPU's device, bound to it or not; nobody will change it.

    It may lie where the host's lies, unless it is ``copied``; it is there at once.
    """
    copied = copied or not lies_well(array)
    if batched_device_put is None:
        with jax.ensure_compile_time_eval():
            return jax.device_put(array, jax_device(CPU))
    about = _abstract(array.shape, array.dtype)
    sharding, devices = _target()
    return batched_device_put(about, sharding, [array], devices, committed, copied)


@functools.cache
def _target() -> tuple:
    device = jax_device(CPU)
    return SingleDeviceSharding(device), [device]


@functools.lru_cache(4096)
def _abstract(shape: tuple[int, ...], dtype: np.dtype):
    return jax.core.ShapedArray(shape, dtype)


def run(ways: tuple, arguments: list) -> list:
    """Run a program by what ``direct`` has found."""
    execute, handlers, _ = ways
    placed = [place(a) if a.__class__ is np.ndarray else a for a in arguments]
    return execute(placed).consume_with_handlers(handlers)
