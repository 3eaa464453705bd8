"""Numbers evenly spaced, and what is counted between them: the same bits as PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import torchlike

REAL = "float16 bfloat16 float32 float64 uint8 int32 int64"
ENDS = [(0.5, 10.3, 50), (0.1, 0.9, 11), (90, 0.25, 7), (3, 3, 1), (0, 1, 3000)]


def values(tensor) -> np.ndarray:
    """Half precision too, without a digit lost."""
    return np.asarray((tensor if tensor.is_complex() else tensor.double()).numpy())


@pytest.mark.parametrize("dtype", REAL.split())
def test_linspace(dtype):
    """One rounding a number, as a fused instruction has it."""
    for start, end, steps in ENDS:
        made = [
            values(t.linspace(start, end, steps, dtype=getattr(t, dtype)))
            for t in (torchlike, torch)
        ]
        np.testing.assert_array_equal(*made)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_linspace(dtype):
    """The parts by themselves."""
    for start, end, steps in ENDS[:4]:
        ends = complex(start, -end), complex(end, 1 / 3)
        made = [
            values(t.linspace(*ends, steps, dtype=getattr(t, dtype)))
            for t in (torchlike, torch)
        ]
        np.testing.assert_array_equal(*made)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float64"])
def test_values_on_the_edges_are_counted_on_the_same_side(dtype):
    """Multiples of the bins' width, which rounding puts left or right of an edge."""
    data = np.random.default_rng(0).integers(-40, 40, 300) / 30
    made = []
    for t in (torchlike, torch):
        x = t.tensor(data).to(getattr(t, dtype))
        counts = [t.histc(x, 20, -1.0, 1.0), t.histc(x, 49, -0.3, 2.1), t.histc(x, 80)]
        if dtype.startswith("float") and dtype != "float16":
            for bins, ends in ((20, (-1.0, 1.0)), (49, (-0.3, 2.1))):
                counts += [*t.histogram(x, bins, range=ends)]
                found = t.histogramdd(x[:, None], [bins], range=list(ends))
                counts += [found.hist, found.bin_edges[0]]
        made.append([values(c) for c in counts])
    for ours, theirs in zip(*made, strict=True):
        np.testing.assert_array_equal(ours, theirs)
