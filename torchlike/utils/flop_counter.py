"""``torch.utils.flop_counter``: counting by dispatch, which torchlike lacks."""

from __future__ import annotations

from .. import _gaps


class FlopCounterMode:
    """PyTorch's counter of floating-point operations."""

    def __init__(self, *args, **kwargs) -> None:
        raise NotImplementedError(
            "FlopCounterMode (docs/differences.md); jax.jit(f).lower(x).cost_analysis()"
        )


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.utils.flop_counter")
