"""Python loops that become loops of the program: PyTorch's numbers, few steps."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

import torchlike
from torchlike import _config
from torchlike._engine import form, rolling

needs_traces = pytest.mark.skipif(
    _config.flush_every_op, reason="a flush after every op leaves no loop to find"
)


@pytest.fixture
def rolled(monkeypatch):
    """The loops of each program compiled meanwhile."""
    found = []
    real = form.roll

    def roll(*about):
        items = real(*about)
        found.append([item for item in items if isinstance(item, rolling.Loop)])
        return items

    monkeypatch.setattr(form, "roll", roll)
    monkeypatch.setattr(_config, "cache_folder", None)
    return found


def arrays(seed: int, *shapes) -> list[np.ndarray]:
    numbers = np.random.default_rng(seed)
    return [numbers.normal(size=s).astype(np.float32) for s in shapes]


def beside(program, *given, tolerance: float = 2e-5) -> None:
    """Run it on PyTorch and on torchlike, with the arrays; compare all it returns."""
    results = [
        program(library, *[library.tensor(a) for a in given])
        for library in (torch, torchlike)
    ]
    for expected, found in zip(*results, strict=True):
        found, expected = np.asarray(found.detach()), np.asarray(expected.detach())
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
        assert found.dtype == expected.dtype


@needs_traces
def test_a_recurrence_and_its_backward_are_two_loops(rolled):
    def program(torch, x, w, u):
        w.requires_grad_()
        u.requires_grad_()
        h = torch.zeros(3, 4)
        for t in range(40):
            h = torch.tanh(x[t] @ w + h @ u)
        h.sum().backward()
        return h, w.grad, u.grad

    beside(program, *arrays(0, (40, 3, 4), (4, 4), (4, 4)))
    (loops,) = rolled
    assert [loop.span.count for loop in loops] == [40, 38]


@needs_traces
def test_outputs_of_each_iteration_are_stacked_once(rolled):
    def program(torch, x, w):
        w.requires_grad_()
        h, outs = torch.zeros(3, 4), []
        for t in range(40):
            h = torch.tanh(x[t] + h @ w)
            outs.append(h)
        y = torch.stack(outs, 1)
        z = torch.cat(outs, 1)
        (y.square().mean() + z.cos().mean()).backward()
        return y, z, w.grad, outs[7], outs[39]

    beside(program, *arrays(1, (40, 3, 4), (4, 4)))
    (loops,) = rolled  # the second one adds up the gradients of y and z
    assert [loop.span.count for loop in loops] == [40, 40, 38]


@needs_traces
def test_layers_with_parameters_of_their_own_stay_as_they_are(rolled):
    layers = [torchlike.nn.Linear(8, 8) for _ in range(60)]
    x = torchlike.ones(2, 8)
    for layer in layers:
        x = torchlike.relu(layer(x))
    x.sum().backward()
    x.tolist()
    assert rolled == [[]]


@needs_traces
@pytest.mark.parametrize("order", ["last", "first"])
def test_a_parameter_of_each_iteration_stops_a_loop_at_any_operand(rolled, order):
    scales = [torchlike.nn.Parameter(torchlike.tensor([0.9] * 8)) for _ in range(60)]
    x = torchlike.ones(2, 8)
    for scale in scales:
        x = torchlike.relu(x * scale if order == "last" else scale * x)
    x.sum().backward()
    x.tolist()
    assert rolled == [[]]


@needs_traces
def test_shared_layers_are_rolled(rolled):
    torchlike.manual_seed(0)
    layers = [torchlike.nn.Linear(8, 8) for _ in range(2)]
    x = torchlike.ones(2, 8)
    for _ in range(30):
        for layer in layers:
            x = torchlike.relu(layer(x))
    x.tolist()
    assert [[loop.span.count for loop in loops] for loops in rolled] == [[30]]


def test_inputs_of_a_list_and_numbers_of_a_schedule():
    def program(torch, *xs):
        a, b = torch.zeros(3), torch.ones(3, dtype=torch.float64)
        for t, x in enumerate(xs):
            a = a * 0.5 + x / (t + 1)
            b = torch.outer(b, a).sum(0) * 0.25 + 0.1**t
        return a, b

    beside(program, *arrays(2, *[(3,)] * 50))


def test_the_step_before_the_last_is_read_too():
    def program(torch, a, b):
        for _ in range(60):
            a, b = b, (0.5 * a + 0.25 * b) @ torch.ones(3, 3).tril() / 3
        return a, b

    beside(program, *arrays(3, (3, 3), (3, 3)))


def test_an_iteration_does_more_that_nobody_reads():
    def program(torch, x, w):
        for t in range(60):
            a = torch.tanh(x @ w)
            if t in (0, 30):
                a.sum()
            x = a * 0.9
        return (x,)

    beside(program, *arrays(10, (3, 3), (3, 3)))


def test_writes_in_place_and_views():
    def program(torch, x, rows):
        y = x.clone()
        for t in range(40):
            y[t % 5] += rows[t]
            y[:, 1:] *= 0.5
            y.clamp_(-1, 1)
        return y, x

    beside(program, *arrays(4, (5, 3), (40, 3)))


def test_integers_and_bools_and_complex():
    def program(torch, x):
        n = torch.tensor([97, 27])
        steps = torch.zeros(2, dtype=torch.int64)
        z = torch.complex(x[0], x[1])
        for _ in range(60):
            odd = n % 2 == 1
            done = n == 1
            n = torch.where(done, n, torch.where(odd, 3 * n + 1, n // 2))
            steps += ~done
            z = z * z * 0.5 + 0.1j
        return n, steps, z

    beside(program, *arrays(5, (2, 4)) / np.float32(4))


def test_dropout_in_a_loop_draws_pytorchs_masks():
    def program(torch, x, w):
        torch.manual_seed(3)
        w.requires_grad_()
        for _ in range(30):
            x = torch.nn.functional.dropout(torch.tanh(x @ w), 0.2)
        x.sum().backward()
        return x, w.grad

    x, w = arrays(6, (4, 8), (8, 8))
    beside(program, x, w * np.float32(0.3))


def test_a_second_derivative_through_a_loop():
    def program(torch, x, w):
        w.requires_grad_()
        for _ in range(25):
            x = torch.sin(x @ w)
        (g,) = torch.autograd.grad(x.sum(), w, create_graph=True)
        g.square().sum().backward()
        return x, g, w.grad

    beside(program, *arrays(7, (2, 3), (3, 3)), tolerance=2e-4)


def test_values_held_by_the_user_and_a_read_in_between():
    def program(torch, x, w):
        held = []
        for t in range(300):
            x = torch.tanh(x @ w)
            if t % 50 == 0:
                held.append(x)
            if t == 170:
                x.sum().item()
        return x, *held

    beside(program, *arrays(8, (2, 3), (3, 3)), tolerance=1e-4)


@needs_traces
def test_pointwise_loops_run_together(rolled):
    def program(torch, x):
        y = x
        for _ in range(200):
            y = y * 0.99 + x
        return (y,)

    beside(program, *arrays(9, (7,)))
    (loops,) = rolled
    assert loops[0].unroll() == rolling.TOGETHER // 2


@needs_traces
def test_a_long_loop_has_as_much_to_compile_as_a_short_one(monkeypatch):
    sizes = []
    real = form.roll
    monkeypatch.setattr(
        form, "roll", lambda *a: sizes.append(rolling.size(i := real(*a))) or i
    )
    monkeypatch.setattr(_config, "cache_folder", None)
    cell = torchlike.nn.LSTMCell(8, 8)

    def steps(n: int) -> int:
        state = torchlike.zeros(2, 8), torchlike.zeros(2, 8)
        for _ in range(n):
            state = cell(torchlike.ones(2, 8), state)
        state[0].sum().backward()
        cell.weight_hh.grad.tolist()
        cell.zero_grad()
        return sizes[-1]

    assert steps(300) <= steps(40) < 60


def random_program(seed: int):
    """A program of two loops, the second of which reads the first one's results."""
    dice = random.Random(seed)
    n, names = dice.randint(9, 40), "abc"
    reads = [*names, "x", "w", "c0"]
    statements = []
    for _ in range(dice.randint(3, 7)):
        kind = dice.choice(["product", "sum", "number", "swap", "select"])
        statements.append((kind, dice.choice(names), dice.choices(reads, k=2)))
    kept = dice.choice(["all", "some", "none", "last two"])
    order = dice.choice(["forward", "reverse", "every second", "shifted"])
    with_gradient = dice.random() < 0.6

    def program(torch, a, w, *xs):
        if with_gradient:
            w.requires_grad_()
        have = {"a": a, "b": a * 0.5, "c": a, "w": w, "c0": a.clone()}
        kinds = {
            "product": lambda p, q, t: torch.tanh(p @ q),
            "sum": lambda p, q, t: 0.5 * (p + q),
            "number": lambda p, q, t: p / (t + 2) + 0.5 * q,
            "swap": lambda p, q, t: p.T * 0.9,
            "select": lambda p, q, t: torch.tanh(p[t % 3] + q),
        }
        outs = []
        for t in range(n):
            have["x"] = xs[t]
            for kind, name, (p, q) in statements:
                have[name] = kinds[kind](have[p], have[q], t)
            if kept == "all" or (kept == "some" and t % 3 == 0):
                outs.append(have["b"])
            if kept == "last two" and t >= n - 2:
                outs.append(have["a"])
        picked = {
            "forward": outs,
            "reverse": outs[::-1],
            "every second": outs[::2],
            "shifted": outs[1:] + outs[:1],
        }[order]
        y = have["a"]
        for o in picked:
            y = torch.tanh(y @ w + o) * 0.9
        results = [*have.values(), y]
        if with_gradient:
            (y.sum() + have["b"].sum() + w.sum()).backward()
            results.append(w.grad)
        return results

    return program, arrays(seed, (3, 3), (3, 3), *[(3, 3)] * n)


@pytest.mark.parametrize("seed", range(24))
def test_random_loops(seed):
    program, given = random_program(seed)
    given[1] *= np.float32(0.5)
    beside(program, *given, tolerance=2e-4)


@needs_traces
@pytest.mark.parametrize("light", [True, False])
def test_a_few_iterations_that_only_add_up_are_a_loop(rolled, monkeypatch, light):
    """As the backwards of micro-batches; heavy ones are not joined."""
    if not light:
        monkeypatch.setattr(rolling, "LIGHT", 0)

    def program(torch, x, w):
        w.requires_grad_()
        losses = []
        for t in range(5):
            h = torch.tanh(x[t] @ w)
            for _ in range(3):
                h = torch.sin(h) * torch.sigmoid(h) + 0.1
            losses.append(h.square().mean())
        total = losses[0]
        for loss in losses[1:]:
            total = total + loss
        total.backward()
        return w.grad, total

    beside(program, *arrays(7, (5, 3, 4), (4, 4)))
    found = [loop.span.count for loops in rolled for loop in loops]
    assert (4 in found or 5 in found) == light, found
