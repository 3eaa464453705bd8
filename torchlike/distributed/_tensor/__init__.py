"""``torch.distributed._tensor``: the older address of ``torch.distributed.tensor``."""

from ..tensor import DTensor as DTensor
from ..tensor import Partial as Partial
from ..tensor import Placement as Placement
from ..tensor import Replicate as Replicate
from ..tensor import Shard as Shard
from ..tensor import distribute_module as distribute_module
from ..tensor import distribute_tensor as distribute_tensor
