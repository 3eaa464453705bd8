"""``torch.mps``: Apple's GPUs, which torchlike does not use."""

from ._absent_device import *  # noqa: F403
