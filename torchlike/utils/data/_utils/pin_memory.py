"""Pinning, under PyTorch's private address."""

from .. import pin as _pin

pin_memory = _pin.pin_memory
