"""Run a case under PyTorch: ``python reference.py case.py``.

The registry's torchvision is compiled for CUDA and does not load its operators beside
PyTorch for the CPU; its Python code asks for two of them when it is imported.
"""

from __future__ import annotations

import runpy
import sys

import torch


def main(path: str) -> None:
    """Announce the operators, then run the script."""
    held = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        held.define(f"{name}(Tensor dets, Tensor scores, float threshold) -> Tensor")
    sys.argv[:] = [path]
    runpy.run_path(path, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1])
