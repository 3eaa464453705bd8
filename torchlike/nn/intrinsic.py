"""``torch.nn.intrinsic``: the old place of ``torch.ao.nn.intrinsic``."""

from ..ao.nn.intrinsic import *  # noqa: F403
