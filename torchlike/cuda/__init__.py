"""``torch.cuda``: the NVIDIA GPUs JAX sees."""

from __future__ import annotations

from .. import _engine, _gaps
from .._legacy_types import cuda_types
from . import amp as amp
from . import memory as memory
from . import nvtx as nvtx
from . import random as random
from . import streams as streams
from ._device import current_device as current_device
from ._device import device as device
from ._device import device_count as device_count
from ._device import device_of as device_of
from ._device import get_device_capability as get_device_capability
from ._device import get_device_name as get_device_name
from ._device import get_device_properties as get_device_properties
from ._device import is_available as is_available
from ._device import set_device as set_device
from .memory import empty_cache as empty_cache
from .memory import max_memory_allocated as max_memory_allocated
from .memory import max_memory_reserved as max_memory_reserved
from .memory import mem_get_info as mem_get_info
from .memory import memory_allocated as memory_allocated
from .memory import memory_cached as memory_cached
from .memory import memory_reserved as memory_reserved
from .memory import memory_stats as memory_stats
from .memory import memory_summary as memory_summary
from .memory import reset_max_memory_allocated as reset_max_memory_allocated
from .memory import reset_peak_memory_stats as reset_peak_memory_stats
from .memory import set_per_process_memory_fraction as set_per_process_memory_fraction
from .random import get_rng_state as get_rng_state
from .random import get_rng_state_all as get_rng_state_all
from .random import initial_seed as initial_seed
from .random import manual_seed as manual_seed
from .random import manual_seed_all as manual_seed_all
from .random import seed as seed
from .random import seed_all as seed_all
from .random import set_rng_state as set_rng_state
from .random import set_rng_state_all as set_rng_state_all
from .streams import Event as Event
from .streams import ExternalStream as ExternalStream
from .streams import Stream as Stream
from .streams import StreamContext as StreamContext
from .streams import stream as stream

globals().update(cuda_types())
has_half = True


class OutOfMemoryError(RuntimeError):
    """PyTorch's error of a full GPU; XLA's own is a RuntimeError too."""


def init() -> None:
    """Nothing to do."""


def is_initialized() -> bool:
    """Whether there is a GPU in use."""
    return is_available()


def synchronize(device=None) -> None:
    """Run what is recorded and wait for the devices."""
    _engine.synchronize()


def current_stream(device=None) -> Stream:
    """The only stream."""
    return Stream(device)


default_stream = current_stream


def set_stream(stream) -> None:
    """Accepted."""


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """XLA computes bfloat16 on every GPU."""
    return is_available()


def is_tf32_supported() -> bool:
    """Whether the GPU has TF32 units."""
    return is_available() and get_device_capability()[0] >= 8


def can_device_access_peer(device, peer_device) -> bool:
    """Not known."""
    return False


def get_arch_list() -> list[str]:
    """XLA compiles for the GPU that is there."""
    return []


def ipc_collect() -> None:
    """Nothing to collect."""


def is_current_stream_capturing() -> bool:
    """Never: XLA makes its own graphs."""
    return False


def get_sync_debug_mode() -> int:
    """Off."""
    return 0


def set_sync_debug_mode(debug_mode) -> None:
    """Accepted."""


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.cuda")
