"""What importing torchlike loads: nothing that a first script may do without."""

import subprocess
import sys

import pytest

HEAVY = ("flax", "optax", "orbax", "scipy", "matplotlib", "torchlike.utils.data")


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_heavy_modules_are_not_loaded_at_start():
    code = f"import sys, torchlike; print([m for m in {HEAVY} if m in sys.modules])"
    assert _run(code) == "[]"


@pytest.mark.parametrize("start", ["import torchlike as torch", "import torch"])
def test_submodules_are_there_when_asked_for(start):
    code = f"""
import torchlike._dropin
torchlike._dropin.install()
{start}
names = [torch.nn.Linear, torch.optim.SGD, torch.utils.data.DataLoader, torch.fft.fft]
print(all(map(callable, names)), torch.nn.functional.relu(torch.tensor(-1.0)).item())
"""
    assert _run(code) == "True 0.0"


def test_garbage_is_collected_as_before():
    """Only what was loaded is passed over; a reload passes over nothing more."""
    code = """
import gc
before = gc.get_threshold()
import torchlike as torch
import importlib, weakref
class Knot:
    pass
def tie():
    knot = Knot()
    knot.itself, knot.tensor = knot, torch.ones(3)
    return weakref.ref(knot)
seen, frozen = tie(), gc.get_freeze_count()
importlib.reload(torch)
same = gc.get_freeze_count() <= frozen
gc.collect()
print(frozen > 10_000, same, seen() is None, gc.get_threshold() == before)
"""
    assert _run(code) == "True True True True"
