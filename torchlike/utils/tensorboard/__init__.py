"""``torch.utils.tensorboard``: curves, pictures and texts for TensorBoard.

The files are written by the package ``tensorboardX``, which needs no PyTorch:
``pip install 'torchlike[tensorboard]'``.
"""

from __future__ import annotations

import importlib

from ... import _gaps


def __getattr__(name: str):
    if name in ("SummaryWriter", "FileWriter", "writer"):
        writer = importlib.import_module(f"{__name__}.writer")
        return getattr(writer, name, writer)
    raise _gaps.missing(name, "torch.utils.tensorboard")
