"""``torch._dynamo.eval_frame``: the class whose instances packages look for."""

from __future__ import annotations

from ..nn import Module


class OptimizedModule(Module):
    """What ``torch.compile`` returns in PyTorch; here it returns the module itself."""


def is_dynamo_supported() -> bool:
    """Never."""
    return False
