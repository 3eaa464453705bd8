"""The C extension does what the Python beside it does, and leaks nothing."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest

import torchlike as torch
from torchlike import _native
from torchlike._devices import CPU
from torchlike._ops import parts
from torchlike.utils.data import _tensors, collate

needs_extension = pytest.mark.skipif(
    _native.quick is None, reason="the extension is not built (no C compiler)"
)

SCRIPT = """
import numpy as np
import torchlike as torch
from torchlike._engine import stats
nn, F = torch.nn, torch.nn.functional
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8))
        self.scale = nn.Parameter(torch.ones(8))
    def forward(self, x, shift=0.0):
        h = self.layers(x[:, 1:]) * self.scale + shift
        return F.relu(h).sum(dim=1, keepdim=True) ** 2 / 3

net = Net()
calls = []
net.layers[0].register_forward_hook(lambda *_: calls.append(1))
groups = [{"params": net.layers.parameters()}, {"params": [net.scale], "lr": 0.3}]
optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
buffer = torch.zeros(4)
for step in range(12):
    x = torch.from_numpy(np.full((5, 7), 0.1 * step, np.float32))
    loss = net(x, shift=0.5 * step).mean()
    if step % 3:
        optimizer.zero_grad()
    (2 * loss).backward(retain_graph=step == 5)
    if step == 5:
        loss.backward()
    optimizer.step()
    buffer[step % 4] = loss.detach()
    view = buffer[1:]
    view += 1
    print(step, loss.item(), net.scale.grad.tolist(), view.tolist())
with torch.no_grad():
    print(net(x).tolist(), len(calls))
h = torch.zeros(3, requires_grad=True)
total = h
for i in range(300):
    total = torch.tanh(total * 0.9 + h)
total.sum().backward()
print(h.grad.tolist(), total.grad_fn.name(), torch.where(h > 0, h, 1).tolist())
cell, norm = nn.LSTMCell(4, 3), nn.BatchNorm1d(3)
for step in range(4):
    state = None
    for row in torch.ones(2, 5, 4).unbind():
        state = cell(row, state)
    best, where = norm(state[0]).max(1)
    (best.sum() + torch.stack([best] * 18).mean()).backward()
    print(where.tolist(), cell.weight_hh.grad.tolist(), norm.running_var.tolist())
plate = torch.zeros(4, 5)
for step in range(4):
    inner = plate[1:-1, 1:-1]
    inner += step
    plate[0], plate.T[1] = 1.5, 2
    plate[:, -1] = plate[:, 1]
print(plate.tolist(), plate.T[1:3].T.stride(), (h * 2).view(3, 1)[1:].grad_fn.name())
big = torch.arange(3) * 2**40 + True
print(big.tolist(), (big * 2**70 if False else big // 3).tolist())
try:
    h + "a"
except TypeError as error:
    print(error)
print(stats().compiles, stats().flushes)
"""


def _printed(**settings: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_extension
def test_the_same_without_the_extension():
    assert _printed() == _printed(TORCHLIKE_NATIVE="off")


def test_it_can_be_left_aside():
    code = "from torchlike import _native; print(_native.quick)"
    environment = {**os.environ, "TORCHLIKE_NATIVE": "off"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "None"


def _work(model, optimizer, x) -> None:
    for _ in range(20):
        optimizer.zero_grad()
        best, _ = (model(x) * 2 + x[:, :3]).max(1)
        loss = best.pow(2).mean()
        loss.backward()
        optimizer.step()
        loss.item()


@needs_extension
def test_no_references_are_lost():
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
    x = torch.ones(2, 4)
    shared = [CPU, float, int, None, ..., True, False, (), type(x), x, model[0].weight]
    for _ in range(3):  # what is made once, and what the collector finds of it
        _work(model, optimizer, x)
        gc.collect()
    objects, counts = len(gc.get_objects()), [sys.getrefcount(o) for o in shared]
    for _ in range(5):
        _work(model, optimizer, x)
    gc.collect()
    after = [sys.getrefcount(o) for o in shared]
    # A count lost or gained in each of the hundred steps would be a hundred off.
    assert all(abs(a - b) < 50 for a, b in zip(counts, after, strict=True))
    assert abs(len(gc.get_objects()) - objects) < 50


@needs_extension
@pytest.mark.parametrize(
    "call",
    [
        lambda quick: quick.call(),
        lambda quick: quick.call_all(1, 2),
        lambda quick: quick.view(1, 2),
        lambda quick: quick.parts_of(1),
        lambda quick: quick.key_of(1),
        lambda quick: quick.inputs([]),
        lambda quick: quick.give([]),
        lambda quick: quick.results(),
        lambda quick: quick.backward_key(1),
        lambda quick: quick.give_grads(1),
        lambda quick: quick.call_of(1, 2, 3, 4),
        lambda quick: quick.pack(1),
    ],
)
def test_wrong_arguments_are_refused(call):
    with pytest.raises(TypeError):
        call(_native.quick)


@needs_extension
def test_parts_of_an_index_are_those_of_python():
    items = [0, 2, -1, -3, 7, -7, 2**70, True, None, ..., slice("a"), slice(0, 4, 0)]
    bounds = (None, 0, 1, 5, 9, -1, -4, -9)
    items += [slice(a, b) for a in bounds for b in bounds]
    items += [slice(a, None, step) for a in bounds for step in (1, 2, 3, -1)]
    for shape in ((), (1,), (5,), (0, 4), (5, 1, 6)):
        for one in items:
            for index in (one, (one,), (slice(1, -1), one), (one, 0, slice(None, -1))):
                found = _native.quick.parts_of(shape, index)
                assert found == parts.parts_in_python(shape, index)


def _batches():
    torch.manual_seed(0)
    rows, numbers = torch.rand(5, 3), torch.arange(5)
    leaf = torch.rand(5, 3, requires_grad=True)
    with _tensors.reading():
        made = [rows[i] * 2 for i in range(4)]
        views = [x[None] for x in made]
        for x in views:
            x.shape, x + 0
        views[1][0] += 1
    return {
        "rows": [rows[i] for i in (4, 0, -1)],
        "numbers": tuple(numbers[i] for i in range(3)),
        "made": made,
        "views": views,
        "rows of two": [rows[0], torch.rand(2, 3)[1]],
        "rows and made": [rows[0], *made],
        "dtypes": [torch.zeros(3), torch.zeros(3, dtype=torch.float64)],
        "half": [torch.ones(2, dtype=torch.bfloat16) for _ in range(2)],
        "no elements": [torch.zeros(0, 3) for _ in range(3)],
        "transposed": [torch.rand(2, 3).T for _ in range(2)],
        "with gradient": [leaf[0], leaf[1]],
        "rows of rows": [rows[i][1] for i in range(3)],
        "written": [*(made[0].clone().mul_(3) for _ in range(2))],
    }


@needs_extension
def test_batches_are_those_of_python(monkeypatch):
    in_c = {n: collate.default_collate(b) for n, b in _batches().items()}
    monkeypatch.setattr(_tensors, "quick", None)
    for name, batch in _batches().items():
        found, expected = in_c[name], collate.default_collate(batch)
        assert found.dtype is expected.dtype and found.shape == expected.shape, name
        assert found.requires_grad == expected.requires_grad, name
        assert torch.equal(found, expected), name
