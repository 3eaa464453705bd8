"""What data loading takes from the rest of the library, in one place."""

from __future__ import annotations

import numpy as np
import torch  # DEVELOPMENT: replaced when the tensor class and the generator are in

Tensor = torch.Tensor
Generator = torch.Generator
as_tensor = torch.as_tensor
tensor = torch.tensor
stack = torch.stack
float64 = torch.float64


def permutation(n: int, generator: Generator | None) -> list[int]:
    """``randperm(n)`` as a list."""
    return torch.randperm(n, generator=generator).tolist()


def integers_below(n: int, size: int, generator: Generator | None) -> list[int]:
    """``size`` integers of 0 … n − 1."""
    return torch.randint(n, (size,), generator=generator).tolist()


def random_seed(generator: Generator | None) -> int:
    """63 random bits: PyTorch's ``empty((), dtype=int64).random_()``."""
    return torch.empty((), dtype=torch.int64).random_(generator=generator).item()


def as_weights(weights) -> Tensor:
    """Weights as a float64 tensor."""
    return torch.as_tensor(weights, dtype=torch.double)


def multinomial(weights, n: int, replacement: bool, generator) -> list[int]:
    """``n`` indices drawn with ``weights``."""
    return torch.multinomial(weights, n, replacement, generator=generator).tolist()


def manual_seed(seed: int) -> None:
    """Seed the default generator."""
    torch.manual_seed(seed)


def host_array(t: Tensor) -> np.ndarray | None:
    """The values of a tensor on the CPU that needs no gradient, else None."""
    if t.device.type != "cpu" or t.requires_grad:
        return None
    return t.numpy()


def from_host(array: np.ndarray) -> Tensor:
    """A tensor of an array nobody else will change."""
    return torch.from_numpy(array)


def boundary(name: str) -> None:
    """Let the device begin what has been recorded."""


def accelerator() -> str | None:
    """``cuda`` where there is one."""
    return None


def _rebuild_tensor(array: np.ndarray) -> Tensor:
    return from_host(array)


def reduce_tensor(t: Tensor):
    """How a plain host tensor is pickled between processes; None for another."""
    if type(t) is not Tensor or (array := host_array(t)) is None:
        return None
    return _rebuild_tensor, (np.asarray(array, order="C"),)
