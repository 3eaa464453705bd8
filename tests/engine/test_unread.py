"""Gradients that a program leaves out: they are there for whoever asks."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import threading

import numpy as np
import pytest

import torchlike
from torchlike import _config, _engine
from torchlike._engine import unread

from ..programs_beside import compare

every_op = pytest.mark.skipif(
    _config.flush_every_op, reason="with a flush after every op there is no trace"
)
WIDTH = 40  # whose weights' gradients are worth leaving out


@pytest.fixture(autouse=True)
def nobody_has_asked(monkeypatch):
    monkeypatch.setattr(unread, "_asked", False)


def made(lib, optimizer="Adam", **options):
    lib.manual_seed(0)
    nn = lib.nn
    model = nn.Sequential(
        nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Dropout(0.2), nn.Linear(WIDTH, WIDTH)
    )
    options = {"lr": 0.01, **options}
    return model, getattr(lib.optim, optimizer)(model.parameters(), **options)


def step(lib, model, optimizer, x, zero=True):
    if zero:
        optimizer.zero_grad()
    loss = model(x).square().mean()
    loss.backward()
    optimizer.step()
    return loss.detach()


def step_through(first, second, of_second, x):
    """A step of the second network, whose answers the first judges (as in a GAN)."""
    of_second.zero_grad()
    loss = first(second(x)).square().mean()
    loss.backward()
    of_second.step()
    return loss.detach()


def left_out(model) -> list[bool]:
    return [p.grad._storage.value.unread is not None for p in model.parameters()]


def grads(model) -> list:
    return [p.grad.clone() for p in model.parameters()]


def data(lib):
    return lib.linspace(-1, 1, 8 * WIDTH).sin().view(8, WIDTH)


def read_in_the_end(lib):
    model, optimizer = made(lib)
    losses = [step(lib, model, optimizer, data(lib)) for _ in range(4)]
    return losses + grads(model)


def read_at_each_step(lib):
    model, optimizer = made(lib, "SGD", momentum=0.9)
    found = []
    for _ in range(3):
        found.append(step(lib, model, optimizer, data(lib)))
        found += grads(model)
    return found


def never_set_to_zero(lib):
    model, optimizer = made(lib)
    return [step(lib, model, optimizer, data(lib), zero=False) for _ in range(4)]


def filled_with_zeros(lib):
    model, optimizer = made(lib)
    for _ in range(3):
        step(lib, model, optimizer, data(lib), zero=False)
        optimizer.zero_grad(set_to_none=False)
    return grads(model)


def clipped(lib):
    model, optimizer = made(lib)
    norms = []
    for _ in range(3):
        optimizer.zero_grad()
        model(data(lib)).square().sum().backward()
        norms.append(lib.nn.utils.clip_grad_norm_(model.parameters(), 0.5))
        optimizer.step()
    return norms + grads(model)


def two_optimizers(lib):
    """The second backward adds to gradients that nobody reads (as in a GAN)."""
    first, of_first = made(lib)
    second, of_second = made(lib, "SGD")
    found = []
    for _ in range(3):
        step(lib, first, of_first, data(lib))
        found.append(step_through(first, second, of_second, data(lib)))
    return found + grads(first) + grads(second)


def never_set_to_zero_again(lib):
    """The first network's gradients grow with each step of the second."""
    first, of_first = made(lib)
    second, of_second = made(lib, "SGD")
    step(lib, first, of_first, data(lib))
    for _ in range(9):
        step_through(first, second, of_second, data(lib))
    return grads(first) + grads(second)


def added_to_after_the_step(lib):
    model, optimizer = made(lib)
    step(lib, model, optimizer, data(lib))
    for p in model.parameters():
        p.grad.mul_(2).add_(1)
    again = grads(model)
    optimizer.step()
    return again + list(model.parameters())


def all_else_has_changed(lib):
    """The parameters, the data and its storage are others when a gradient is read."""
    model, optimizer = made(lib)
    x = data(lib)
    step(lib, model, optimizer, x)
    x.mul_(3)
    with lib.no_grad():
        for p in model.parameters():
            p.zero_()
    return grads(model)


def of_numpy_memory(lib):
    model, optimizer = made(lib)
    numbers = np.linspace(-1, 1, 8 * WIDTH, dtype=np.float32).reshape(8, WIDTH)
    step(lib, model, optimizer, lib.from_numpy(numbers))
    numbers[:] = 7
    return grads(model)


def several_steps_with_one_gradient(lib):
    model, optimizer = made(lib)
    step(lib, model, optimizer, data(lib))
    optimizer.step()
    optimizer.step()
    return [p.detach() for p in model.parameters()]


def copied(lib):
    model, optimizer = made(lib)
    step(lib, model, optimizer, data(lib))
    twin = copy.deepcopy(model)
    step(lib, model, optimizer, data(lib))
    return grads(twin) + grads(model)


def saved(lib):
    model, optimizer = made(lib)
    step(lib, model, optimizer, data(lib))
    file = io.BytesIO()
    lib.save([p.grad for p in model.parameters()], file)
    file.seek(0)
    return lib.load(file) + [pickle.loads(pickle.dumps(model[0].weight.grad))]


def other_forms(lib):
    model, optimizer = made(lib)
    step(lib, model, optimizer, data(lib))
    weight, bias = model[0].weight.grad, model[0].bias.grad
    shape, total = tuple(weight.shape), weight.sum()
    model[3].weight.grad = model[3].weight.grad * 2
    return [shape, total, bias[3:7], weight.T[1], *grads(model)]


PROGRAMS = [
    read_in_the_end,
    read_at_each_step,
    never_set_to_zero,
    filled_with_zeros,
    clipped,
    two_optimizers,
    never_set_to_zero_again,
    added_to_after_the_step,
    all_else_has_changed,
    of_numpy_memory,
    several_steps_with_one_gradient,
    copied,
    saved,
    other_forms,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs(program):
    compare(program)


@every_op
def test_they_are_left_out_until_somebody_reads_one():
    model, optimizer = made(torchlike)
    x = data(torchlike)
    step(torchlike, model, optimizer, x)
    assert all(left_out(model))
    before = _engine.stats().compiles
    for _ in range(3):
        step(torchlike, model, optimizer, x)
    assert _engine.stats().compiles == before
    model[0].weight.grad.numpy()
    assert left_out(model) == [False, True, True, True]
    assert _engine.stats().compiles == before + 1
    model[3].bias.grad.numpy()  # of the same run
    assert _engine.stats().compiles == before + 1
    step(torchlike, model, optimizer, x)
    assert not any(left_out(model))


@every_op
def test_sums_of_what_is_left_out_are_left_out():
    first, of_first = made(torchlike)
    second, of_second = made(torchlike, "SGD")
    x = data(torchlike)
    for _ in range(2):
        step(torchlike, first, of_first, x)
        step_through(first, second, of_second, x)
    assert all(left_out(first)) and all(left_out(second))


@every_op
def test_sums_of_many_are_computed():
    """They would hold the inputs of every step."""
    first, of_first = made(torchlike)
    second, of_second = made(torchlike, "SGD")
    x = data(torchlike)
    step(torchlike, first, of_first, x)
    for _ in range(12):
        step_through(first, second, of_second, x)
        gc.collect()
        assert sum(type(o) is unread.Unread for o in gc.get_objects()) <= 5
    assert not any(left_out(first))


@every_op
def test_small_ones_are_computed():
    layer = torchlike.nn.Linear(2, 2)
    optimizer = torchlike.optim.SGD(layer.parameters(), lr=0.1)
    step(torchlike, layer, optimizer, torchlike.ones(3, 2))
    assert not any(left_out(layer))


@every_op
def test_what_they_are_made_of_goes_with_them():
    model, optimizer = made(torchlike)
    x = data(torchlike) + 0
    step(torchlike, model, optimizer, x)
    assert all(left_out(model))
    left, _ = model[0].weight.grad._storage.value.unread
    assert any(value is x._storage.value for value in left.inputs)
    del left
    optimizer.zero_grad()
    gc.collect()
    assert not [o for o in gc.get_objects() if type(o) is unread.Unread]


@every_op
def test_threads_read_one_run_together():
    model, optimizer = made(torchlike)
    step(torchlike, model, optimizer, data(torchlike))
    found = {}

    def read(i, p):
        found[i] = p.grad.numpy()

    threads = [
        threading.Thread(target=read, args=(i, p))
        for i, p in enumerate(model.parameters())
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == [0, 1, 2, 3]
    for i, p in enumerate(model.parameters()):
        np.testing.assert_array_equal(found[i], p.grad.numpy())


class Gradients(torchlike.utils.data.Dataset):
    """Reads gradients in a process of its own."""

    def __init__(self, model):
        self.model = model

    def __len__(self):
        return 4

    def __getitem__(self, i):
        return list(self.model.parameters())[i].grad.sum()


def test_forked_workers_read_them():
    model, optimizer = made(torchlike)
    step(torchlike, model, optimizer, data(torchlike))
    loader = torchlike.utils.data.DataLoader(Gradients(model), num_workers=1)
    found = [float(x) for x in loader]
    expected = [p.grad.sum().item() for p in model.parameters()]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@every_op
def test_large_ones_are_computed():
    """The old parameters would take too much memory."""
    layer = torchlike.nn.Linear(2100, 2100)
    optimizer = torchlike.optim.SGD(layer.parameters(), lr=0.1)
    step(torchlike, layer, optimizer, torchlike.ones(2, 2100))
    assert not any(left_out(layer))
