"""Where random numbers come from: the generator of a place, on the host or a device.

On the CPU numbers are drawn on the host when the call is made, in PyTorch's order, and
enter the trace as inputs. On CUDA a call takes the next offset of its generator and
the numbers are made on the device by a recorded op whose inputs are seed and offset.
``use_cpu_stream``, or ``TORCHLIKE_RANDOM=host``, has CUDA draw from the CPU's stream.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable

import numpy as np

from .. import _generator
from .._devices import CPU, META, default_place, device, normalise
from .._engine import Value, aval, from_host
from ..autograd import batching
from ..autograd.apply import apply
from ..autograd.grad_mode import mode
from ..autograd.variable import TensorBase, wrap
from ._host import read

_cpu_stream = os.environ.get("TORCHLIKE_RANDOM", "") == "host"


def use_cpu_stream(enabled: bool = True) -> bool:
    """Draw the numbers of every device on the host; return what was set before.

    Calls without a generator then all take from the CPU's default generator, in order:
    a run on a GPU draws what the same run on a CPU draws. A generator of a device made
    from now on has a stream of that kind of its own. Costs a copy to the device.
    """
    global _cpu_stream
    before, _cpu_stream = _cpu_stream, bool(enabled)
    return before


class Generator(_generator.Generator):
    """``torch.Generator``: the host or device generator with its state in tensors."""

    def __init__(self, device="cpu"):
        super().__init__(device, on_host=_cpu_stream)

    def get_state(self):
        """The state as a ``uint8`` tensor in PyTorch's own layout."""
        return wrap(from_host(super().get_state()))

    def set_state(self, new_state, /):
        """Continue from a state of this or of PyTorch's generator."""
        if not isinstance(new_state, TensorBase):
            kind = type(new_state).__name__
            raise TypeError(f"expected a torch.ByteTensor, but got {kind}")
        return super().set_state(host(new_state))


_defaults: dict[device, Generator] = {CPU: Generator()}
_defaults[CPU].seed()
_seed_of_new: int | None = None


def default_generator(place: device = CPU) -> Generator:
    """The generator used on ``place`` where a call names none."""
    if _cpu_stream:
        return _defaults[CPU]
    found = _defaults.get(place)
    if found is None:
        made = Generator(place)
        made.seed() if _seed_of_new is None else made.manual_seed(_seed_of_new)
        found = _defaults.setdefault(place, made)
    return found


def seed_all(seed: int) -> None:
    """Seed the default generators, also those of devices not used yet."""
    global _seed_of_new
    for generator in _defaults.values():
        generator.manual_seed(seed)
    _seed_of_new = seed


def choose(generator, place: device) -> Generator:
    """The generator of a call; PyTorch's errors for one of another kind."""
    if generator is None:
        return default_generator(place)
    if not isinstance(generator, _generator.Generator):
        kind = type(generator).__name__
        raise TypeError(f"argument 'generator' must be torch.Generator, not {kind}")
    if generator.device.type != place.type:
        raise RuntimeError(
            f"Expected a '{place.type}' device type for generator but found "
            f"'{generator.device.type}'"
        )
    return generator


def draw(place: device, generator, shape, dtype, host: Callable, on_device, *numbers):
    """A new tensor of random numbers.

    ``host(generator)`` draws an array; on a device the op ``on_device`` takes the
    seed's halves, the offset and ``numbers``, and is static in shape and dtype.
    """
    if place is META:
        return wrap(Value(aval(tuple(shape), dtype), META))
    if mode.levels and (level := batching.innermost()) is not None:
        again = functools.partial(draw, place, generator, shape, dtype, host, on_device)
        return level.draw(functools.partial(again, *numbers))
    generator = choose(generator, place)
    if generator.on_host:
        return wrap(from_host(host(generator), place))
    operands = (*device_key(generator), *numbers)
    return apply(on_device.op, (tuple(shape), dtype), operands, place)[0]


def device_key(generator) -> tuple[int, int, int]:
    """Low and high half of the seed and the offset of the next draw."""
    seed, offset = generator.next_key()
    return seed & 0xFFFFFFFF, seed >> 32, offset


def host(tensor: TensorBase) -> np.ndarray:
    """The contents on the host; waits for the device."""
    return read(tensor, "a random draw")


def place_of(tensor: TensorBase) -> device:
    return tensor._value().device


def target(place) -> device:
    """The device a factory's ``device`` argument means."""
    return default_place() if place is None else normalise(place)
