"""``torch.distributed.optim``: needs several processes, which are not joined here."""

from __future__ import annotations

from ...optim import Optimizer


class ZeroRedundancyOptimizer(Optimizer):
    """Needs a process group."""

    def __init__(self, *args, **kwargs) -> None:
        raise ValueError(
            "Default process group has not been initialized, please make sure to call "
            "init_process_group. (torch.distributed.is_available() is False here)"
        )
