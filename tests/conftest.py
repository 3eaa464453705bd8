"""What all tests share.

Tests marked ``cuda`` are skipped where there is no GPU. ``--sample N`` runs each N-th
case of the tests that have many, and of those marked ``long`` each fourth: for runs
with a flush after every operation, where a sample of a long table tells as much about
flushing as the whole. Where PyTorch is not installed (the test extra has it on Python
3.11), tests that import it are skipped.
"""

from __future__ import annotations

import collections
import importlib.util
import sys
from pathlib import Path

import pytest

from torchlike._devices import cuda_devices

MANY = 100  # cases of one test function
LONG = 4  # of a test marked long each fourth case is a sample


class _NoReference:
    """Skips a test file, or a test, that imports PyTorch where there is none."""

    def find_spec(self, name, path=None, target=None):
        frame = sys._getframe(1)
        while "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        if (
            name == "torch"
            and Path(__file__).parent in Path(frame.f_code.co_filename).parents
        ):
            pytest.skip("PyTorch is not installed", allow_module_level=True)


if importlib.util.find_spec("torch") is None:
    sys.meta_path.append(_NoReference())


def pytest_addoption(parser) -> None:
    parser.addoption(
        "--sample",
        type=int,
        default=1,
        metavar="N",
        help=f"run each N-th case of the tests with more than {MANY}, and each "
        f"{LONG}-th of those marked long",
    )


def pytest_collection_modifyitems(config, items) -> None:
    if not cuda_devices():
        skip = pytest.mark.skip(reason="needs an NVIDIA GPU")
        for item in items:
            if "cuda" in item.keywords:
                item.add_marker(skip)
    if config.option.sample > 1:
        left_out = _left_out(items, config.option.sample)
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [i for i in items if i not in gone]


def _left_out(items, n: int) -> list:
    tests = collections.defaultdict(list)
    for item in items:
        tests[item.nodeid.partition("[")[0]].append(item)
    left_out = []
    for cases in tests.values():
        each = n if len(cases) > MANY else 1
        if cases[0].get_closest_marker("long"):
            each = min(n, LONG)
        left_out += [item for i, item in enumerate(cases) if i % each]
    return left_out
