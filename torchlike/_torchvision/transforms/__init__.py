"""``torchvision.transforms``: pictures in, pictures and tensors out."""

from . import functional as functional
from . import v2 as v2
from .autoaugment import *  # noqa: F403
from .transforms import *  # noqa: F403
