"""``torch.Generator``: PyTorch's CPU streams on the host, a counter on devices.

A CPU generator gives, bit for bit, the numbers PyTorch's gives for the same seed and
the same calls. A CUDA generator holds a seed and an offset; each draw takes the next
offset and makes its numbers on the device from a key of the two.
"""

from __future__ import annotations

import math
import secrets
import threading

import numpy as np

from torchlike import _devices, _dtypes
from torchlike._streams import (
    binomial,
    choice,
    continuous,
    discrete,
    gamma,
    rejection,
)
from torchlike._streams.twister import STATE_BYTES, Twister

DEFAULT_SEED = 67280421310721


def check_seed(seed: int) -> int:
    """A seed in [0, 2^64); a negative one counts from 2^64 down."""
    if not -(1 << 63) <= seed < 1 << 64:
        raise ValueError("Overflow when unpacking long long")
    return seed % (1 << 64)


class Generator:
    """``Generator(device="cpu")``: a stream of random numbers with its own seed."""

    def __init__(self, device="cpu", *, on_host: bool = False):
        self._device = _devices.device(device)
        self._lock = threading.RLock()
        if self._device.type == "meta":
            raise RuntimeError("META device type not an accelerator.")
        if self._device.type == "cuda":
            self._device = _devices.normalise(self._device)
        if self._device.type == "cuda" and not on_host:
            self._seed, self._offset, self._twister = DEFAULT_SEED, 0, None
        else:
            self._twister = Twister(DEFAULT_SEED)

    @property
    def device(self) -> _devices.device:
        return self._device

    @property
    def on_host(self) -> bool:
        """Whether numbers are drawn on the host, in PyTorch's CPU streams."""
        return self._twister is not None

    def manual_seed(self, seed: int, /) -> Generator:
        """Seed with an integer in [-2^63, 2^64) and return the generator."""
        if type(seed) is not int:
            if isinstance(seed, np.integer):
                raise TypeError("an integer is required")
            name = type(seed).__name__
            raise RuntimeError(f"manual_seed expected a long, but got {name}")
        self._reseed(check_seed(seed))
        return self

    def _reseed(self, seed: int) -> None:
        with self._lock:
            if self._twister is None:
                self._seed, self._offset = seed, 0
            else:
                self._twister.reseed(seed)

    def seed(self) -> int:
        """Seed from the system's entropy and return the seed."""
        seed = secrets.randbits(64)
        self._reseed(seed)
        return seed

    def initial_seed(self) -> int:
        """The last seed given, in [0, 2^64)."""
        return self._seed if self._twister is None else self._twister.seed

    # State: PyTorch's own bytes, so that checkpoints of either load in the other.

    def get_state(self) -> np.ndarray:
        """The state as uint8: 5056 bytes on the CPU, seed and offset on CUDA."""
        with self._lock:
            if self._twister is not None:
                return self._twister.export()
            return np.array([self._seed, self._offset], "<u8").view(np.uint8)

    def set_state(self, new_state: np.ndarray, /) -> Generator:
        """Continue from a state of this or of PyTorch's generator."""
        state = np.asarray(new_state)
        if state.dtype != np.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        with self._lock:
            if self._twister is None:
                self._load_counter(state)
                return self
            if state.size != STATE_BYTES:
                raise RuntimeError(
                    f"Expected a CPUGeneratorImplState of size {STATE_BYTES} but "
                    f"found the input RNG state size to be {state.size}"
                )
            self._twister.load(np.ascontiguousarray(state))
        return self

    def _load_counter(self, state):
        if state.size != 16:
            raise RuntimeError("RNG state is wrong size")
        seed, offset = np.ascontiguousarray(state).view("<u8")
        self._seed, self._offset = int(seed), int(offset)

    def clone_state(self) -> Generator:
        """A generator of the same kind that continues from the same state."""
        copy = type(self)(self._device)
        Generator.set_state(copy, Generator.get_state(self))
        return copy

    def __reduce__(self):
        return type(self), (self._device,), Generator.get_state(self)

    def __setstate__(self, state):
        Generator.set_state(self, state)

    def get_offset(self) -> int:
        """How many draws a CUDA generator has made."""
        if self._twister is not None:
            raise RuntimeError("CPU Generator does not use offset")
        return self._offset

    def set_offset(self, offset: int, /) -> None:
        if self._twister is not None:
            raise RuntimeError("CPU Generator does not use offset")
        self._offset = offset

    def graphsafe_get_state(self):
        raise NotImplementedError(
            "graphsafe_get_state is not supported in this Generator"
        )

    def graphsafe_set_state(self, state, /):
        raise NotImplementedError(
            "graphsafe_set_state is not supported in this Generator"
        )

    def next_key(self) -> tuple[int, int]:
        """(seed, offset) of the next draw of a CUDA generator."""
        with self._lock:
            self._offset += 1
            return self._seed, self._offset - 1

    # Draws on the host, in the order of the calls; ``shape`` is a tuple of sizes.

    def uniform(self, shape, dtype=_dtypes.float32, low=0.0, high=1.0) -> np.ndarray:
        """Values in [low, high)."""
        with self._lock:
            drawn = continuous.uniform(
                self._twister, math.prod(shape), dtype, low, high
            )
        return drawn.reshape(shape)

    def normal(
        self, shape, dtype=_dtypes.float32, mean=0.0, std=1.0, contiguous=True
    ) -> np.ndarray:
        """Normal values. PyTorch fills tensors that are not contiguous in pairs."""
        draw = continuous.normal if contiguous else continuous.normal_strided
        with self._lock:
            drawn = draw(self._twister, math.prod(shape), dtype, mean, std)
        return drawn.reshape(shape)

    def exponential(self, shape, dtype=_dtypes.float32, rate=1.0) -> np.ndarray:
        with self._lock:
            drawn = continuous.exponential(self._twister, math.prod(shape), dtype, rate)
        return drawn.reshape(shape)

    def cauchy(self, shape, dtype=_dtypes.float32, median=0.0, sigma=1.0) -> np.ndarray:
        with self._lock:
            drawn = continuous.cauchy(
                self._twister, math.prod(shape), dtype, median, sigma
            )
        return drawn.reshape(shape)

    def log_normal(self, shape, dtype=_dtypes.float32, mean=1.0, std=2.0) -> np.ndarray:
        with self._lock:
            drawn = continuous.log_normal(
                self._twister, math.prod(shape), dtype, mean, std
            )
        return drawn.reshape(shape)

    def integers(self, low, high, shape, dtype=_dtypes.int64) -> np.ndarray:
        """Integers in [low, high)."""
        with self._lock:
            drawn = discrete.integers(self._twister, math.prod(shape), dtype, low, high)
        return drawn.reshape(shape)

    def full_range(self, shape, dtype=_dtypes.int64) -> np.ndarray:
        """``random_()``: up to the type's maximum, or 2^digits for a float."""
        with self._lock:
            drawn = discrete.full_range(self._twister, math.prod(shape), dtype)
        return drawn.reshape(shape)

    def bernoulli(self, shape, p) -> np.ndarray:
        """Booleans, true with the number ``p`` or with each of an array ``p``."""
        with self._lock:
            if isinstance(p, np.ndarray):
                each = np.broadcast_to(p, shape).reshape(-1)
                return discrete.bernoulli_each(self._twister, each).reshape(shape)
            return discrete.bernoulli(self._twister, math.prod(shape), p).reshape(shape)

    def geometric(self, shape, p, dtype=_dtypes.float32) -> np.ndarray:
        with self._lock:
            drawn = discrete.geometric(self._twister, math.prod(shape), dtype, p)
        return drawn.reshape(shape)

    def permutation(self, n, dtype=_dtypes.int64) -> np.ndarray:
        with self._lock:
            drawn = choice.permutation(self._twister, n)
        return drawn.astype(dtype.numpy_dtype, copy=False)

    def multinomial(self, weights, num_samples, replacement=False) -> np.ndarray:
        """int64 categories (rows, num_samples) for weights (rows, categories)."""
        with self._lock:
            return choice.multinomial(self._twister, weights, num_samples, replacement)

    def poisson(self, rates) -> np.ndarray:
        """Poisson samples in the dtype of ``rates``."""
        with self._lock:
            drawn = rejection.poisson(self._twister, rates.reshape(-1))
        return drawn.astype(rates.dtype).reshape(rates.shape)

    def gamma(self, concentration) -> np.ndarray:
        """Gamma samples of scale 1 in the dtype of ``concentration``, above 0."""
        with self._lock:
            drawn = gamma.gamma(self._twister, concentration.reshape(-1))
        least = np.finfo(concentration.dtype).tiny
        drawn = np.maximum(drawn.astype(concentration.dtype), least)
        return drawn.reshape(concentration.shape)

    def dirichlet(self, concentration) -> np.ndarray:
        """Dirichlet samples along the last axis, in the dtype of ``concentration``."""
        with self._lock:
            return gamma.dirichlet(self._twister, concentration)

    def binomial(self, count, prob) -> np.ndarray:
        """Binomial samples in the dtype of ``count``, for arrays of one shape."""
        with self._lock:
            drawn = binomial.binomial(
                self._twister, count.reshape(-1), prob.reshape(-1)
            )
        return drawn.astype(count.dtype).reshape(count.shape)
