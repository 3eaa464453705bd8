"""``torch.nn.parallel.scatter_gather``: to one device, whole."""

from __future__ import annotations


def scatter(inputs, target_gpus, dim: int = 0) -> list:
    """The inputs for the one device."""
    return [inputs]


def scatter_kwargs(inputs, kwargs, target_gpus, dim: int = 0) -> tuple:
    """The arguments for the one device."""
    return (inputs,), ({} if kwargs is None else kwargs,)


def gather(outputs, target_device, dim: int = 0):
    """The output of the one device."""
    (output,) = outputs
    return output
