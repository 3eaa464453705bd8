"""What all tests share: tests marked ``cuda`` are skipped where there is no GPU."""

from __future__ import annotations

import pytest

from torchlike._devices import cuda_devices


def pytest_collection_modifyitems(items) -> None:
    if cuda_devices():
        return
    skip = pytest.mark.skip(reason="needs an NVIDIA GPU")
    for item in items:
        if "cuda" in item.keywords:
            item.add_marker(skip)
