"""Memory formats of convolution weights: accepted; XLA chooses the layout."""

from __future__ import annotations


def convert_conv2d_weight_memory_format(module, memory_format):
    """Returns ``module`` as it is.

    **Differs** PyTorch lays out the weights of 2d convolutions in ``memory_format``;
    the numbers are the same.
    """
    return module


def convert_conv3d_weight_memory_format(module, memory_format):
    """Returns ``module`` as it is; see ``convert_conv2d_weight_memory_format``."""
    return module
