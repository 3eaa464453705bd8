"""Which torchlike device a JAX array is on."""

from __future__ import annotations

import jax

from .._devices import CPU, cuda_devices, device


def device_of(array) -> device:
    """The device of an array; tracers count as being on the default one."""
    if isinstance(array, jax.core.Tracer):
        return CPU
    (where, *_) = array.devices()
    found = cuda_devices()
    return device("cuda", found.index(where)) if where in found else CPU
