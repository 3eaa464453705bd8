"""``torch.cuda.random``: the generators of the GPUs."""

from __future__ import annotations

from .._devices import device as Device
from .._ops._draw import default_generator
from ._device import device_count, index_of


def _generator(device="cuda"):
    return default_generator(Device("cuda", index_of(device)))


def manual_seed(seed: int) -> None:
    """Seed the generators of the GPUs."""
    for index in range(device_count()):
        _generator(index).manual_seed(int(seed))


manual_seed_all = manual_seed


def seed() -> None:
    """Seed the generators of the GPUs from the system's entropy."""
    for index in range(device_count()):
        _generator(index).seed()


seed_all = seed


def initial_seed() -> int:
    """The seed of the first GPU's generator."""
    return _generator(0).initial_seed()


def get_rng_state(device="cuda"):
    """The state of a GPU's generator."""
    return _generator(device).get_state()


def get_rng_state_all() -> list:
    """The states of all of them."""
    return [get_rng_state(index) for index in range(device_count())]


def set_rng_state(new_state, device="cuda") -> None:
    """Continue from a state."""
    _generator(device).set_state(new_state)


def set_rng_state_all(new_states) -> None:
    """Continue from states."""
    for index, state in enumerate(new_states):
        set_rng_state(state, index)
