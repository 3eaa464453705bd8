"""Devices: PyTorch's names for JAX's CPU and CUDA devices, and ``meta``."""

from __future__ import annotations

import functools
import threading

import jax

_KINDS = ("cpu", "cuda", "meta")
_KNOWN = (
    "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, "
    "lazy, vulkan, mps, meta, hpu, mtia, privateuseone"
)


class device:
    """``device("cuda:0")``, ``device("cuda", 0)``, ``device("cpu")``; interned."""

    __slots__ = ("type", "index", "__weakref__")
    _interned: dict[tuple[str, int | None], device] = {}

    type: str
    index: int | None

    def __new__(cls, type: str | int | device, index: int | None = None) -> device:
        if isinstance(type, device):
            return type
        if isinstance(type, int):
            kind, index = "cuda", type
        else:
            kind, index = _parse(type, index)
        found = cls._interned.get((kind, index))
        if found is None:
            found = object.__new__(cls)
            found.type, found.index = kind, index
            found = cls._interned.setdefault((kind, index), found)
        return found

    def __repr__(self) -> str:
        if self.index is None:
            return f"device(type='{self.type}')"
        return f"device(type='{self.type}', index={self.index})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __reduce__(self):
        return (device, (self.type, self.index))

    def __enter__(self) -> device:
        """Inside ``with device``, factories make their tensors there."""
        _default.stack.append(self)
        return self

    def __exit__(self, *exc) -> None:
        _default.stack.pop()

    def __call__(self, function):
        """As a decorator: the function runs inside ``with device``."""

        @functools.wraps(function)
        def call(*args, **kwargs):
            with self:
                return function(*args, **kwargs)

        return call


def _parse(text: str, index: int | None) -> tuple[str, int | None]:
    kind, colon, number = text.partition(":")
    if colon and index is not None:
        raise RuntimeError(
            "type (string) must not include an index because index was passed "
            f"explicitly: {text}"
        )
    if kind not in _KINDS:
        raise RuntimeError(
            f"Expected one of {_KNOWN} device type at start of device string: {kind}"
        )
    if colon:
        if not number.isdigit():
            raise RuntimeError(f"Invalid device string: '{text}'")
        index = int(number)
    return kind, index


CPU = device("cpu")
META = device("meta")


class _Default(threading.local):
    """Where factories put tensors: the innermost ``with``, or what was set."""

    def __init__(self) -> None:
        self.chosen: device | None = None
        self.stack: list[device] = []


_default = _Default()


def set_default_device(place) -> None:
    """Set where factories put tensors when they are told no device; None: the CPU."""
    _default.chosen = None if place is None else device(place)


def get_default_device() -> device:
    """Where factories put tensors."""
    if _default.stack:
        return _default.stack[-1]
    return _default.chosen or CPU


def default_place() -> device:
    """Where factories put tensors, resolved."""
    if not _default.stack and _default.chosen is None:
        return CPU
    return normalise(get_default_device())


@functools.cache
def cuda_devices() -> tuple[jax.Device, ...]:
    """The CUDA devices JAX sees; none where it has no CUDA plugin."""
    try:
        return tuple(jax.devices("cuda"))
    except RuntimeError:
        return ()


@functools.cache
def jax_device(place: device) -> jax.Device:
    """The JAX device of a normalised torchlike device."""
    if place.type == "cpu":
        return jax.local_devices(backend="cpu")[0]
    found = cuda_devices()
    if not found:
        raise RuntimeError("No CUDA GPUs are available")
    if (place.index or 0) >= len(found):
        raise RuntimeError("CUDA error: invalid device ordinal")
    return found[place.index or 0]


def normalise(place) -> device:
    """Resolve a user's device: ``cuda`` means ``cuda:0``, ``cpu:0`` means ``cpu``."""
    place = device(place)
    if place.type == "cpu":
        return CPU
    if place.type == "meta":
        return META
    jax_device(place)
    return place if place.index is not None else device("cuda", 0)
