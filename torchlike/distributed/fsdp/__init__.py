"""``torch.distributed.fsdp``: models cut over devices, which torchlike lacks.

The names are here because packages ask whether a model is so wrapped.
"""

from __future__ import annotations

import dataclasses
import enum

from ... import _gaps, nn
from ..._dtypes import dtype


def _absent(name: str) -> NotImplementedError:
    return NotImplementedError(f"torch.distributed.fsdp.{name} (docs/differences.md)")


class FullyShardedDataParallel(nn.Module):
    """No model is one."""

    def __init__(self, *args, **kwargs) -> None:
        raise _absent("FullyShardedDataParallel")


class FSDPModule:
    """No model is one."""

    def __new__(cls, *args, **kwargs):
        raise _absent("FSDPModule")


class ShardingStrategy(enum.Enum):
    """What is cut."""

    FULL_SHARD, SHARD_GRAD_OP, NO_SHARD, HYBRID_SHARD = range(1, 5)


class StateDictType(enum.Enum):
    """How a cut model is saved."""

    FULL_STATE_DICT, LOCAL_STATE_DICT, SHARDED_STATE_DICT = range(1, 4)


@dataclasses.dataclass
class MixedPrecision:
    """The dtypes of a wrapped model."""

    param_dtype: dtype | None = None
    reduce_dtype: dtype | None = None
    buffer_dtype: dtype | None = None


@dataclasses.dataclass(frozen=True)
class MixedPrecisionPolicy:
    """The dtypes of ``fully_shard``."""

    param_dtype: dtype | None = None
    reduce_dtype: dtype | None = None
    output_dtype: dtype | None = None
    cast_forward_inputs: bool = True


@dataclasses.dataclass
class CPUOffload:
    """Whether parameters rest on the CPU."""

    offload_params: bool = False


def fully_shard(module, **options):
    """Not there."""
    raise _absent("fully_shard")


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.distributed.fsdp")
