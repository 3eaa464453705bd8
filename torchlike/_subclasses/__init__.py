"""``torch._subclasses``: tensors without data, of which torchlike makes none."""

from __future__ import annotations

from .fake_tensor import FakeTensor as FakeTensor
from .fake_tensor import FakeTensorMode as FakeTensorMode
