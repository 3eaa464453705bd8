"""What all tests share.

Tests marked ``cuda`` are skipped where there is no GPU. ``--sample N`` runs each N-th
case of the tests that have many: for runs with a flush after every operation, where a
sample of a long table tells as much about flushing as the whole.
"""

from __future__ import annotations

import collections

import pytest

from torchlike._devices import cuda_devices

MANY = 100  # cases of one test function


def pytest_addoption(parser) -> None:
    parser.addoption(
        "--sample",
        type=int,
        default=1,
        metavar="N",
        help=f"run each N-th case of the tests with more than {MANY}",
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
    many = [cases for cases in tests.values() if len(cases) > MANY]
    return [item for cases in many for i, item in enumerate(cases) if i % n]
