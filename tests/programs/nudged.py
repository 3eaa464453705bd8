"""``python -m tests.programs.nudged SCRIPT``: its gradients are one rounding off.

Every dense gradient a backward leaves on an optimizer's weight is moved, each time, by
one rounding of its root mean square, up or down by chance: as far as another order of
sums may move it. Zeros stay zeros, and the script's own random numbers are the same.
"""

from __future__ import annotations

import runpy
import sys

import torch

_SEED = 1


def nudge(weight: torch.Tensor) -> None:
    """Move the gradient of ``weight``; narrow types round that away."""
    grad = weight.grad
    if grad is None or grad.is_sparse or not grad.is_floating_point():
        return
    with torch.no_grad():
        chance = torch.Generator().manual_seed(_SEED)  # a resumed script agrees
        up = torch.rand(grad.shape, generator=chance) < 0.5
        step = torch.finfo(grad.dtype).eps
        size = step * grad.square().mean().sqrt() * (grad != 0)
        grad.add_(torch.where(up, size, -size))


def _install() -> None:
    add_param_group = torch.optim.Optimizer.add_param_group

    def nudging(self, group):
        add_param_group(self, group)
        for weight in self.param_groups[-1]["params"]:
            if weight.is_leaf and weight.requires_grad:
                weight.register_post_accumulate_grad_hook(nudge)

    torch.optim.Optimizer.add_param_group = nudging


if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    _install()
    runpy.run_path(sys.argv[0], run_name="__main__")
