"""``torch.distributed.tensor.experimental``: names that packages import."""

from __future__ import annotations


def implicit_replication():
    """Not there: no tensor is spread over devices."""
    raise NotImplementedError(
        "torch.distributed.tensor.experimental.implicit_replication "
        "(docs/differences.md)"
    )
