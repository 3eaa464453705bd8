"""``torch.utils.data._utils``: the private modules that packages import from."""

from . import collate as collate
from . import pin_memory as pin_memory
from . import worker as worker

HAS_NUMPY = True
