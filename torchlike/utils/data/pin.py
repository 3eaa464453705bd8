"""Pinned memory: batches on the host, ready for a fast copy to the device."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

from . import _tensors
from .collate import is_namedtuple, rebuild_mapping, rebuild_sequence


def wanted(loader) -> bool:
    """Whether batches are to be pinned; warns where that has no effect."""
    if not loader.pin_memory:
        return False
    if loader.pin_memory_device:
        warnings.warn(
            "pin_memory_device is deprecated, the current accelerator will be used as "
            f"the device,ignore pin_memory_device='{loader.pin_memory_device}'.",
            stacklevel=4,
        )
    if _tensors.accelerator() is None:
        warnings.warn(
            "'pin_memory' argument is set as true but no accelerator is found, then "
            "device pinned memory won't be used.",
            stacklevel=4,
        )
        return False
    return True


def pin_memory(data):
    """Pin every tensor in ``data``; other objects by their ``pin_memory`` method."""
    if hasattr(data, "pin_memory"):
        return data.pin_memory()
    if isinstance(data, (str, bytes)):
        return data
    if isinstance(data, Mapping):
        return rebuild_mapping(data, {k: pin_memory(v) for k, v in data.items()})
    if is_namedtuple(data):
        return type(data)(*map(pin_memory, data))
    if isinstance(data, tuple):
        return type(data)(map(pin_memory, data))
    if isinstance(data, Sequence):
        return rebuild_sequence(data, [pin_memory(v) for v in data])
    return data
