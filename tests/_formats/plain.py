"""Stored tensors for tests of the formats, without the tensor class."""

import io

import numpy as np
import torch

from torchlike import _dtypes
from torchlike._formats import pytorch_read, pytorch_write
from torchlike._formats.stored import StoredTensor


class Size(tuple):
    """Stands for ``torch.Size``."""


def is_size(obj) -> bool:
    return isinstance(obj, Size)


def from_torch(obj, **options):
    """What our reader makes of an object that PyTorch saved."""
    buffer = io.BytesIO()
    torch.save(obj, buffer, **options)
    buffer.seek(0)
    return pytorch_read.read(buffer)


def to_torch(obj, **options):
    """What PyTorch makes of an object that our writer saved."""
    buffer = io.BytesIO()
    pytorch_write.write(obj, buffer, is_size=is_size, **options)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)


def bits(array) -> np.ndarray:
    """The bytes of an array, row by row."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def same(stored: StoredTensor, tensor: torch.Tensor) -> bool:
    """Whether both have the same type, shape, strides and bits."""
    kind = str(tensor.dtype).removeprefix("torch.")
    plain = tensor.detach().resolve_conj().resolve_neg().contiguous()
    raw = plain.reshape(-1).view(torch.uint8).numpy() if plain.numel() else []
    return (
        stored.dtype is _dtypes._by_name(kind)
        and stored.shape == tuple(tensor.shape)
        and np.array_equal(bits(stored.array()), raw)
        and stored.requires_grad == tensor.requires_grad
        and stored.is_parameter == isinstance(tensor, torch.nn.Parameter)
    )
