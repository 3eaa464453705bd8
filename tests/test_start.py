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
