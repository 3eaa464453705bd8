"""A dataset's small ops: at once, by NumPy, with PyTorch's numbers."""

import numpy as np
import pytest
import torch

import torchlike
from torchlike._engine import stats
from torchlike._engine.record import here

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 5, 4), np.uint8)

TRANSFORMS = {
    "normalised": lambda lib, x: (x / 255 - 0.1307) / 0.3081,
    "scaled": lambda lib, x: x.float().mul(2).sub_(1).clamp(0, 100).unsqueeze(0),
    "cropped": lambda lib, x: x[1:4, :3].flip(1).to(lib.float64) * 0.5,
    "turned": lambda lib, x: x.T.reshape(2, 10).permute(1, 0).contiguous() // 7,
    "joined": lambda lib, x: lib.cat([x, x + 1]) % 11,
    "chosen": lambda lib, x: lib.where(x > 100, x, lib.zeros_like(x)).amax(0),
    "written": lambda lib, x: _written(x.clone()),
    "half": lambda lib, x: (x / 255).half() + 1,
    "infinite": lambda lib, x: (x - x) / 0.0,
    "sine": lambda lib, x: (x / 255).sin().mul(0).add(1),
}


def _written(x):
    x[0, 0] = 9
    x[1] += 3
    return x


def _batches(lib, transform, workers, pixels=PIXELS):
    class Pixels(lib.utils.data.Dataset):
        data = lib.tensor(pixels)

        def __len__(self):
            return len(pixels)

        def __getitem__(self, i):
            return transform(lib, self.data[i]), i

    loader = lib.utils.data.DataLoader(Pixels(), batch_size=5, num_workers=workers)
    return [(str(x.dtype).split(".")[1], x.numpy(), i.tolist()) for x, i in loader]


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_numbers_are_pytorchs(name, workers, recwarn):
    ours = _batches(torchlike, TRANSFORMS[name], workers)
    theirs = _batches(torch, TRANSFORMS[name], workers)
    for (dtype, x, indices), (wanted, y, order) in zip(ours, theirs, strict=True):
        assert (dtype, indices) == (wanted, order)
        np.testing.assert_array_equal(x, y)
    assert not [w for w in recwarn if "divide" in str(w.message)]


@pytest.mark.parametrize("name", sorted(set(TRANSFORMS) - {"sine"}))
def test_nothing_is_compiled(name):
    # Of a size of their own: no other test has compiled programs for them.
    pixels = PIXELS.reshape(12, 4, 5)
    before = stats().compiles
    _batches(torchlike, TRANSFORMS[name], 0, pixels)
    assert stats().compiles == before


def test_only_while_samples_are_read():
    def look(lib, x):
        assert here.at_once
        return x

    _batches(torchlike, look, 0)
    assert not here.at_once
    with pytest.raises(ZeroDivisionError):
        _batches(torchlike, lambda lib, x: 1 // 0, 0)
    assert not here.at_once


def test_gradients_are_recorded():
    w = torchlike.ones((), requires_grad=True)
    here.run_at_once(True)
    try:
        y = (torchlike.tensor([2.0, 3.0]) * w).sum()
    finally:
        here.run_at_once(False)
    y.backward()
    assert w.grad.item() == 5.0


def test_a_batch_can_be_written_without_harm_to_the_data():
    data = torchlike.tensor(PIXELS) + 0
    loader = torchlike.utils.data.DataLoader(data, batch_size=None)
    for row in loader:
        row.reshape(-1)
        row += 1
        assert row.sum().item() > 0
    assert np.array_equal(data.numpy(), PIXELS + 1)


def test_errors_are_the_ops_own():
    def bad(lib, x):
        return x + lib.ones(3, 3)

    with pytest.raises(RuntimeError) as ours:
        _batches(torchlike, bad, 0)
    with pytest.raises(RuntimeError) as theirs:
        _batches(torch, bad, 0)
    assert str(ours.value) == str(theirs.value)
