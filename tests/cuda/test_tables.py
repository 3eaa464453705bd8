"""The rows of the tables of ops, computed on the GPU, beside PyTorch on the CPU."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch as theirs

import torchlike

from ..combinations import kind, tensors
from ..ops import nn_runner, runner
from ..ops.table import Cast, Error, Row
from ..ops.test_nn import _rows as nn_rows
from ..ops.test_ops import _rows as rows

pytestmark = [pytest.mark.cuda, pytest.mark.filterwarnings("ignore")]


HALVES = ("float16", "bfloat16")


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
    runner.check(replace(case, dtypes=[d for d in case.dtypes if d not in HALVES]))
    for dtype in case.dtypes:
        if dtype in HALVES:
            check_half(case, dtype)


def check_half(case: Row, dtype: str) -> None:
    """Computed in float32 and rounded once, as PyTorch's kernels for GPUs do.

    Those for the CPU, which stand for PyTorch here, round scalars and steps as well.
    """
    cast = runner.in_dtype(case, dtype)
    try:
        runner.call(runner.THEIRS, cast)
    except Exception as error:
        runner.check_raises(cast, error, words=1000)
        return
    got, _ = runner.call(runner.OURS, cast)
    whole, _ = runner.call(InFloat32(theirs), cast)
    pairs = zip(tensors(got), tensors(whole), strict=True)
    want = [w.to(getattr(theirs, kind(g))) for g, w in pairs]
    runner.compare(tensors(got), want, dtype, case.loose)


class InFloat32(runner.Library):
    """PyTorch, with tensors of half precision's values in float32."""

    def argument(self, x, leaves: list):
        made = super().argument(x, leaves)
        return made.float() if isinstance(x, Cast) and x.dtype in HALVES else made


@pytest.mark.parametrize("row", nn_rows("ROWS"))
def test_functional(row):
    nn_runner.check(row)
