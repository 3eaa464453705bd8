"""The rows of the tables of ops, computed on the GPU, beside PyTorch on the CPU."""

from __future__ import annotations

import pytest

import torchlike

from ..ops import nn_runner, runner
from ..ops.table import Error
from ..ops.test_nn import _rows as nn_rows
from ..ops.test_ops import _rows as rows

pytestmark = [pytest.mark.cuda, pytest.mark.filterwarnings("ignore")]


class OnGpu(runner.Library):
    """torchlike, with every tensor on the GPU."""

    def tensor(self, array):
        return super().tensor(array).to("cuda")


class NnOnGpu(nn_runner._Library):
    """The same for the tables of ``nn.functional``."""

    def tensor(self, array, grad):
        made = self.module.from_numpy(array.copy()).to("cuda")
        return made.requires_grad_(bool(grad and made.is_floating_point()))


@pytest.fixture(autouse=True)
def gpu(monkeypatch):
    """Both runners compute on the GPU, where factories also put their tensors."""
    monkeypatch.setattr(runner, "OURS", OnGpu(torchlike))
    ours = NnOnGpu(torchlike, nn_runner.OURS)
    monkeypatch.setattr(nn_runner, "BACKENDS", (nn_runner.BACKENDS[0], ours))
    monkeypatch.setattr(torchlike.backends.cudnn, "allow_tf32", False)
    with torchlike.device("cuda"):
        yield


@pytest.mark.parametrize(
    "case", [p for p in rows() if not isinstance(p.values[0], Error)]
)
def test_op(case):
    runner.check(case)


@pytest.mark.parametrize("row", nn_rows("ROWS"))
def test_functional(row):
    nn_runner.check(row)
