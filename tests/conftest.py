"""What all tests share.

Tests marked ``cuda`` are skipped where there is no GPU. ``--sample N`` runs each N-th
case of the tests that have many, and of those marked ``long`` each fourth: for runs
with a flush after every operation, where a sample of a long table tells as much about
flushing as the whole. Where PyTorch is not installed (the test extra has it on Python
3.11), tests that import it are skipped.

Every program is compiled: cases of other shapes, which come from one line of a test,
would run by NumPy otherwise (see ``torchlike/_engine/cold.py``). Tests marked ``cold``
have it as users have, and so have scripts in processes of their own. ``--by-numpy``
runs all traces by NumPy where it has rules, but in tests marked ``compiled``.
"""

from __future__ import annotations

import collections
import functools
import importlib.util
import sys
from pathlib import Path

import pytest

from torchlike._devices import cuda_devices
from torchlike._engine import cold
from torchlike._engine.form import needed
from torchlike._engine.host import stepwise
from torchlike._engine.rolling import avals_of

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
    parser.addoption(
        "--by-numpy",
        action="store_true",
        help="run new traces by NumPy where it has rules",
    )


@pytest.fixture(autouse=True)
def how_new_traces_run(request, monkeypatch):
    if request.node.get_closest_marker("cold"):
        monkeypatch.setattr(cold, "_lines", {})
        yield
    elif _by_numpy_wanted(request):
        errors = []
        monkeypatch.setattr(cold, "plan_for", functools.partial(_by_numpy, errors))
        yield
        assert not errors
    else:
        with cold.compiled():
            yield


def _by_numpy_wanted(request) -> bool:
    marked = request.node.get_closest_marker("compiled")
    return request.config.option.by_numpy and not marked


def _by_numpy(errors: list, trace, live):
    """Stands in for ``cold.plan_for``; what NumPy cannot do is compiled."""
    state = trace.state
    if trace.device.type != "cpu" or not (steps := needed(state.path(), live)):
        return None
    avals = avals_of(state.path(), state.inputs())
    plan = stepwise.plan_for(steps, avals, state.root(), 0)
    return plan and _Told(plan.steps, plan.functions, errors)


class _Told(stepwise.Plan):
    """A plan that tells of errors."""

    def __init__(self, steps, functions, errors: list):
        super().__init__(steps, functions)
        object.__setattr__(self, "errors", errors)

    def run(self, trace, live):
        try:
            return super().run(trace, live)
        except NotImplementedError:
            raise
        except Exception as error:
            self.errors.append(error)
            raise


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
