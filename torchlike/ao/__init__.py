"""``torch.ao``: quantisation and pruning tools, which torchlike does not have."""

from . import quantization as quantization
