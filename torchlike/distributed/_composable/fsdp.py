"""``torch.distributed._composable.fsdp``: the older address of ``fully_shard``."""

from ..fsdp import FSDPModule as FSDPModule
from ..fsdp import MixedPrecisionPolicy as MixedPrecisionPolicy
from ..fsdp import fully_shard as fully_shard
