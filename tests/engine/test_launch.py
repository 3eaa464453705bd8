"""Programs run by the runtime itself give what JAX's call of them gives."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import torchlike as torch
from torchlike import _config
from torchlike._engine import launch
from torchlike._engine.program import Program
from torchlike.autograd.variable import of_array


@pytest.fixture
def programs(monkeypatch):
    """Every program made meanwhile."""
    made = []
    init = Program.__init__

    def note(self, *args, **kwargs):
        init(self, *args, **kwargs)
        made.append(self)

    monkeypatch.setattr(Program, "__init__", note)
    return made


def step(weight, x):
    loss = (x @ weight).sin().sum()
    loss.backward()
    with torch.no_grad():
        weight -= 0.1 * weight.grad
    weight.grad = None
    return loss.item()


def losses(n: int = 4) -> list:
    torch.manual_seed(0)
    weight = torch.randn(7, 5, requires_grad=True)
    x = torch.randn(11, 7)
    return [step(weight, x) for _ in range(n)] + weight.tolist()


def test_training_is_the_same_either_way(programs, monkeypatch):
    by_runtime = losses()
    assert programs and all(p.direct is not None for p in programs)
    with monkeypatch.context() as patch:
        patch.setattr(launch, "batched_device_put", None)
        gc.collect()
        for program in programs:
            program.direct = None
        assert losses() == by_runtime


def aligned(shape) -> np.ndarray:
    """Where XLA could use it as it is."""
    buffer = np.zeros(int(np.prod(shape)) + 16, np.float32)
    start = -buffer.ctypes.data % 64 // 4
    return buffer[start : start + int(np.prod(shape))].reshape(shape)


def test_what_is_renewed_gets_memory_of_its_own():
    array = aligned((512, 512))
    assert launch.place(array).unsafe_buffer_pointer() == array.ctypes.data
    placed = launch.place(array, True, True)
    assert placed.unsafe_buffer_pointer() != array.ctypes.data
    np.testing.assert_array_equal(placed, array)


def beside(array: np.ndarray) -> np.ndarray:
    """The same where XLA cannot use it as it is."""
    buffer = np.zeros(array.size + 32, np.float32)
    start = (20 - buffer.ctypes.data % 64 // 4) % 16
    buffer[start : start + array.size] = array.ravel()
    return buffer[start : start + array.size].reshape(array.shape)


@pytest.mark.parametrize("made", [aligned, lambda shape: beside(aligned(shape))])
@pytest.mark.parametrize("side", [4, 159, 160, 700])
def test_what_is_placed_is_there_at_once(made, side):
    for _ in range(20):
        array = made((side, side))
        array += 3
        assert launch.place(array).is_ready()
        placed = launch.place(array.T)
        assert placed.is_ready()
        assert (np.asarray(placed) == 3).all()


@pytest.mark.parametrize(
    "make, stays",
    [
        (lambda: aligned((160, 160)), True),
        (lambda: beside(aligned((160, 160))), False),
        (lambda: beside(aligned((160, 159))), True),
        (lambda: aligned((160, 160)).T, False),
    ],
)
def test_programs_are_given_what_is_there_at_once(make, stays):
    """Else JAX runs them in a thread of its own, which keeps their memory."""
    x = of_array(make())
    for _ in range(3):
        assert (x + 1).sum().item() == x.numel()
    assert isinstance(x._storage.value.array, np.ndarray) == stays


@pytest.mark.skipif(
    _config.flush_every_op, reason="a flush after every op leaves nothing to pair"
)
def test_the_first_step_takes_over_a_parameters_memory(monkeypatch):
    places, place = [], launch.place

    def note(array, *how):
        placed = place(array, *how)
        places.append(placed.unsafe_buffer_pointer())
        return placed

    monkeypatch.setattr(launch, "place", note)
    layer = torch.nn.Linear(1024, 512, bias=False)
    optimizer = torch.optim.Adam(layer.parameters())
    layer.weight._storage.value.array = aligned((512, 1024))
    layer(torch.ones(1, 1024)).sum().backward()
    optimizer.step()
    layer.weight.sum().item()
    assert layer.weight._storage.value.array.unsafe_buffer_pointer() in places


@pytest.mark.parametrize("shape", [(), (1,), (3, 4), (0, 2)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "?", "c8"])
def test_arrays_on_the_host_are_placed(shape, dtype):
    array = np.ones(shape, dtype)
    placed = launch.place(array)
    assert placed.shape == shape and placed.dtype == array.dtype
    assert (np.asarray(placed) == array).all()
    assert not placed.committed


def test_numbers_that_change_are_passed(programs):
    x = torch.arange(6.0)
    for i in range(5):
        assert (x * (i + 0.5) + i).tolist() == [j * (i + 0.5) + i for j in range(6)]
    assert programs == [] or programs[-1].numbers


def test_what_is_not_as_expected_is_called():
    class Strange:
        def __init__(self, around):
            self._executable = around

    class Around:
        unsafe_call = object()

    assert launch.direct(Strange(Around()), 1) is None
    assert launch.direct(object(), 1) is None


@pytest.mark.skipif(
    _config.flush_every_op, reason="a flush after every op gives nothing to donate"
)
def test_donated_memory_is_given_up():
    x = torch.ones(300, 300)
    for i in range(4):
        x += 1
        x.sum().item()
        before = x._storage.value.array
        x += 1
        assert x.sum().item() == (2 * i + 3) * 300 * 300
        assert before.is_deleted()
