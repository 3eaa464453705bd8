"""``DataParallel``: accepted, and run on one device."""

from __future__ import annotations

from ..module import Module


class DataParallel(Module):
    """Runs ``module`` on its whole batch; state has PyTorch's prefix ``module.``.

    **Differs** from PyTorch, which splits the batch over several GPUs.
    """

    def __init__(self, module, device_ids=None, output_device=None, dim: int = 0):
        super().__init__()
        self.module = module
        self.device_ids = list(device_ids or ())
        self.output_device = output_device
        self.dim = dim

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)


def data_parallel(
    module, inputs, device_ids=None, output_device=None, dim=0, module_kwargs=None
):
    """``module(*inputs, **module_kwargs)``."""
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    return module(*inputs, **(module_kwargs or {}))
