"""``DistributedDataParallel``: there is one process, so there is nothing to join."""

from __future__ import annotations

from ..module import Module


class DistributedDataParallel(Module):
    """Needs a process group, which torchlike cannot make."""

    def __init__(self, module, *args, **kwargs) -> None:
        raise ValueError(
            "Default process group has not been initialized, please make sure to call "
            "init_process_group. (torch.distributed.is_available() is False here, "
            "docs/differences.md)"
        )
