"""``torch.random``: the default generators' seeds and states."""

from __future__ import annotations

import contextlib
import secrets

from . import _devices, _generator
from ._ops import _draw
from ._ops._draw import Generator as Generator
from ._ops._draw import use_cpu_stream as use_cpu_stream

default_generator = _draw.default_generator()


def manual_seed(seed) -> Generator:
    """Seed the default generators of all devices; return the CPU's."""
    _draw.seed_all(_generator.check_seed(int(seed)))
    return default_generator


def seed() -> int:
    """Seed the default generators from the system's entropy; return the seed."""
    chosen = secrets.randbits(64)
    _draw.seed_all(chosen)
    return chosen


def initial_seed() -> int:
    """The seed of the CPU's default generator, in [0, 2^64)."""
    return default_generator.initial_seed()


def get_rng_state():
    """The state of the CPU's default generator: 5056 bytes in PyTorch's layout."""
    return default_generator.get_state()


def set_rng_state(new_state) -> None:
    """Continue from a state that ``get_rng_state`` gave, here or in PyTorch."""
    default_generator.set_state(new_state)


def thread_safe_generator() -> Generator | None:
    """The generator of a loader's worker thread; None elsewhere, as here always."""
    return None


@contextlib.contextmanager
def fork_rng(
    devices=None,
    enabled: bool = True,
    _caller: str = "fork_rng",
    _devices_kw: str = "devices",
    device_type: str = "cuda",
):
    """Restore the states of the default generators afterwards.

    ``devices``: the GPUs whose generators are meant; all of them by default.
    """
    if not enabled:
        yield
        return
    places = _forked(devices, device_type)
    generators = [default_generator, *map(_draw.default_generator, places)]
    states = [g.get_state() for g in generators]
    try:
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


def _forked(devices, device_type: str) -> list[_devices.device]:
    if device_type == "meta":
        return []
    kind = _devices.device(device_type).type
    if kind == "cpu":
        return []
    if devices is None:
        devices = range(len(_devices.cuda_devices()))
    return [
        _devices.device(kind, d) if isinstance(d, int) else _devices.normalise(d)
        for d in devices
    ]
