"""``torch.mtia``: Meta's accelerators, which torchlike does not use."""

from ._absent_device import *  # noqa: F403
