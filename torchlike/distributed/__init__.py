"""``torch.distributed``: not available, as in a PyTorch built without it.

One process only: questions answer, and collective calls raise PyTorch's error for a
process group that was never made.
"""

from __future__ import annotations

import enum

from .. import _gaps
from .constants import default_pg_timeout as default_pg_timeout


def is_available() -> bool:
    """Never: several processes are not joined."""
    return False


def is_initialized() -> bool:
    """Never."""
    return False


def is_backend_available(backend: str) -> bool:
    """Never."""
    return False


def _never() -> bool:
    return False


is_gloo_available = is_nccl_available = is_mpi_available = is_ucc_available = _never
is_xccl_available = is_torchelastic_launched = _never


class ReduceOp(enum.Enum):
    """How a reduction combines; names only."""

    SUM, PRODUCT, MIN, MAX, BAND, BOR, BXOR, AVG = range(8)


class Backend(str):
    """The name of a backend; none is available."""

    UNDEFINED = "undefined"
    GLOO = "gloo"
    NCCL = "nccl"
    MPI = "mpi"
    UCC = "ucc"


class ProcessGroup:
    """A group of processes; none is ever made."""


class Work:
    """A collective under way; none is ever made."""


class Store:
    """A key-value store; none is ever made."""


class GroupMember:
    WORLD = None
    NON_GROUP_MEMBER = -100


class group:
    WORLD = None


class DistError(RuntimeError):
    """PyTorch's base of distributed errors."""


class DistBackendError(DistError):
    """PyTorch's error of a backend."""


class DistNetworkError(DistError):
    """PyTorch's error of the network."""


class DistStoreError(DistError):
    """PyTorch's error of a store."""


_COLLECTIVES = (
    "all_gather all_gather_coalesced all_gather_into_tensor all_gather_object "
    "all_reduce all_reduce_coalesced all_to_all all_to_all_single barrier "
    "batch_isend_irecv broadcast broadcast_object_list destroy_process_group gather "
    "gather_object get_backend get_global_rank get_group_rank get_process_group_ranks "
    "get_rank get_world_size irecv isend monitored_barrier new_group new_subgroups "
    "recv reduce reduce_scatter reduce_scatter_tensor scatter scatter_object_list send "
    "_all_gather_base _reduce_scatter_base"
).split()


def _collective(name: str):
    def function(*args, **kwargs):
        raise ValueError(
            "Default process group has not been initialized, please make sure to call "
            f"init_process_group. (torch.distributed.{name}: is_available() is False "
            "here, docs/differences.md)"
        )

    function.__name__ = name
    return function


globals().update({name: _collective(name) for name in _COLLECTIVES})


def init_process_group(backend=None, init_method=None, timeout=None, **options) -> None:
    """Several processes are not joined."""
    raise NotImplementedError(
        "torch.distributed.init_process_group: torchlike runs in one process; "
        "torch.distributed.is_available() is False (docs/differences.md)"
    )


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.distributed")
