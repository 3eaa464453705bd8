"""New traces like others before: after a few hardly anything is compiled for them."""

from __future__ import annotations

import re

import numpy as np
import pytest

import torchlike
from tests.programs_beside import compare
from torchlike import _config
from torchlike._engine import cold, piecewise, stats
from torchlike._engine.host import stepwise

from ._process import report

pytestmark = [
    pytest.mark.cold,
    pytest.mark.skipif(
        _config.flush_every_op, reason="with a flush after every op there is no trace"
    ),
]


@pytest.fixture
def pieces(monkeypatch):
    """Without NumPy, as with large arrays and on GPUs."""
    monkeypatch.setattr(stepwise, "plan_for", lambda *_: None)


LENGTHS = (12, 9, 14, 11, 16, 10, 13, 12)


def episodes(m, width, lengths, between=lambda model, loss: None):
    """The weight and the losses after updates over so many actions each."""
    model = m.nn.Sequential(m.nn.Linear(4, width), m.nn.Tanh(), m.nn.Linear(width, 2))
    for i, p in enumerate(model.parameters()):
        with m.no_grad():
            p.copy_(m.arange(float(p.numel())).reshape(p.shape).sin() / (i + 2))
    optimizer = m.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for length in lengths:
        chosen = []
        for t in range(length):
            x = m.tensor([[0.1 * t, 1.0, -0.2 * t, 0.5]])
            chosen.append(m.log_softmax(model(x), -1)[0, t % 2])
            chosen[-1].item()
        gains = m.tensor([float(t) for t in range(length)])
        gains = (gains - gains.mean()) / (gains.std() + 1e-6)
        terms = [-p * g for p, g in zip(chosen, gains, strict=True)]
        optimizer.zero_grad()
        loss = m.stack(terms).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        between(model, loss)
    return model[0].weight.detach(), m.tensor(losses), model[2].weight.grad


def test_the_numbers_are_those_of_pytorch(pieces):
    before = stats().cold
    compare(lambda m: episodes(m, 6, LENGTHS))
    assert stats().cold - before == 4  # the last was compiled at first


def test_the_numbers_are_those_of_pytorch_by_numpy():
    before = stats().cold
    compare(lambda m: episodes(m, 13, LENGTHS))
    assert stats().cold - before >= 4


def test_further_lengths_compile_little(pieces):
    episodes(torchlike, 7, (12, 9, 14, 11))
    before = stats()
    losses = episodes(torchlike, 7, (15, 10, 17))[1]
    assert stats().cold == before.cold + 3
    assert stats().compiles <= before.compiles + 3 * piecewise.PIECES
    assert len(set(losses.tolist())) == 3


def test_where_the_same_bits_are_needed_everything_is_compiled():
    episodes(torchlike, 12, (12, 9, 14, 11))
    before = stats().cold
    with cold.compiled():
        episodes(torchlike, 12, (13, 10))
    assert stats().cold == before


def test_the_log_tells_of_it(pieces, monkeypatch, capsys):
    episodes(torchlike, 11, (12, 9, 14))
    monkeypatch.setattr(_config, "log_topics", frozenset({"compile"}))
    episodes(torchlike, 11, (13,))
    assert re.search(r"run \d+ ops in \d+ pieces at .*test_c", capsys.readouterr().err)


def test_what_is_met_often_is_compiled(pieces, monkeypatch):
    episodes(torchlike, 8, (12, 9, 14))
    monkeypatch.setattr(cold, "ENOUGH", 1)
    before = stats()
    first, again = (episodes(torchlike, 8, (11,)) for _ in range(2))
    assert stats().cold == before.cold + 1
    assert stats().compiles > before.compiles
    for one, other in zip(first, again, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_gradients_and_what_is_held_are_there(pieces):
    def kept(m):
        held = []
        made = episodes(
            m, 9, LENGTHS, lambda model, loss: held.append(model[2].bias.grad.clone())
        )
        return *made, *held

    before = stats().cold
    compare(kept)
    assert stats().cold > before


def train(sizes):
    """Updates of a network on so many samples each."""
    nn = torchlike.nn
    layers = [layer for _ in range(20) for layer in (nn.Linear(5, 5), nn.Tanh())]
    model = nn.Sequential(*layers)
    optimizer = torchlike.optim.SGD(model.parameters(), lr=0.1)
    for size in sizes:
        optimizer.zero_grad()
        loss = model(torchlike.ones(size, 5)).sum()
        loss.backward()
        optimizer.step()
        loss.item()


def test_a_training_on_other_shapes_is_not_done_in_pieces(pieces):
    """Nearly every operation would be a program of its own."""
    before = stats()
    train(range(3, 10))
    assert stats().cold == before.cold
    assert stats().compiles >= before.compiles + 7


def test_a_training_on_other_shapes_is_compiled_once_they_come_again():
    before = stats()
    train(range(13, 20))
    assert stats().cold == before.cold + 5
    assert stats().compiles <= before.compiles + 3
    before = stats()
    train([13, 15, 16, 17, 16, 17])
    assert stats().cold == before.cold
    assert stats().compiles == before.compiles + 3


TREES = (
    ((0, 1), (2, 3)),
    (0, (1, (2, 3))),
    (((3, 1), 2), 0),
    (2, ((3, 0), 1)),
    ((1, (2, 0)), 3),
    (2, ((3, 0), 1)),
    (2, ((3, 0), 1)),
)


def trees(m, width: int) -> tuple:
    """The weight and the losses after a step for each tree of four leaves."""
    leaves = m.nn.Parameter(m.arange(4.0 * width).reshape(4, width).sin())
    join = m.nn.Linear(2 * width, width)
    with m.no_grad():
        join.weight.copy_(m.arange(2.0 * width**2).reshape(width, -1).cos() / width)
        join.bias.zero_()
    optimizer = m.optim.Adam([leaves, *join.parameters()], lr=0.01)

    def code(tree):
        if isinstance(tree, int):
            return leaves[tree]
        return join(m.cat([code(part) for part in tree])).tanh()

    losses = []
    for tree in TREES:
        loss = (code(tree) - 0.5).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return join.weight.detach(), m.tensor(losses)


def test_the_same_operations_joined_otherwise_have_the_numbers_of_pytorch():
    before = stats().cold
    compare(lambda m: trees(m, 5))
    assert stats().cold == before + 5


def test_ways_of_joining_are_not_compiled_once_they_come_again():
    trees(torchlike, 6)
    before = stats()
    trees(torchlike, 6)
    assert stats().cold == before.cold + 5
    assert stats().compiles == before.compiles


def test_settings_that_operations_read_are_heeded():
    def step(length):
        x = torchlike.zeros(())
        for i in range(length):
            x = (x + i) * torchlike.tensor(2.0).sin()
        return x.sum() * torchlike.ones(1)

    lengths = (40, 50, 45, 42, 48)
    for length in lengths:
        step(length).item()
    torchlike.set_default_dtype(torchlike.float64)
    try:
        assert all(step(n).dtype == torchlike.float64 for n in lengths)
        assert np.isfinite(step(43).item())
    finally:
        torchlike.set_default_dtype(torchlike.float32)


def test_what_is_kept_of_a_call_that_nothing_read_is_of_its_settings(monkeypatch):
    monkeypatch.setattr(_config, "cache_folder", None)
    for size in range(31, 36):
        torchlike.arange(size).cos().sum().item()
    assert cold.recent
    n = torchlike.tensor(range(36))
    assert (n + 0.5).dtype == torchlike.float32
    torchlike.set_default_dtype(torchlike.float64)
    try:
        assert (n + 0.5).dtype == torchlike.float64
    finally:
        torchlike.set_default_dtype(torchlike.float32)


def test_a_trace_that_fails_in_a_piece_is_compiled(pieces, monkeypatch, capsys):
    episodes(torchlike, 10, (12, 9, 14, 11))
    wanted = episodes(torchlike, 10, (17,))

    def fails(*args):
        raise MemoryError("in a piece")

    monkeypatch.setattr(piecewise, "_run", fails)
    monkeypatch.setattr(_config, "log_topics", frozenset({"compile"}))
    before = stats()
    found = episodes(torchlike, 10, (18,))
    assert stats().compiles > before.compiles
    assert np.isfinite(found[1].item()) and np.isfinite(wanted[1].item())
    assert "failed: in a piece" in capsys.readouterr().err


# ----- by NumPy -----
def writer(m, width: int, vocabulary: int = 7):
    """A function that gives the logits of a text's next word."""
    table, weight = (
        m.arange(float(n * width)).reshape(n, width).cos() for n in (vocabulary, width)
    )

    def logits(text):
        x = m.nn.functional.embedding(text, table)
        x = m.nn.functional.layer_norm(x, (width,))
        scores = x @ x.mT / width**0.5
        shut = m.ones(text.shape[-1], text.shape[-1]).tril() == 0
        x = scores.masked_fill(shut, float("-inf")).softmax(-1) @ x @ weight
        return (x @ table.T)[:, -1]

    return logits


def text_of(m, width: int, words: int, read: bool) -> tuple:
    """A text that grows by the likeliest word, which is read each time or never."""
    logits, seen = writer(m, width), []
    text = m.zeros(2, 1, dtype=m.int64)
    for _ in range(words):
        found = logits(text)
        word = found.argmax(-1, keepdim=True)
        if read:
            seen.append(word[0].item())
        text = m.cat((text, word), 1)
    return text, found, m.tensor(seen)


@pytest.mark.parametrize("read", [True, False])
def test_a_text_that_grows_has_the_numbers_of_pytorch(read):
    before = stats()
    compare(lambda m: text_of(m, 5, 40, read))
    assert stats().cold - before.cold == (37 if read else 1)
    assert stats().compiles - before.compiles <= 4


def test_a_text_of_the_same_lengths_compiles_nothing_more():
    texts = []
    for _ in range(3):
        before = stats()
        texts.append(text_of(torchlike, 6, 12, True)[0].tolist())
    assert stats().compiles == before.compiles
    assert stats().cold == before.cold + 9
    assert texts[0] == texts[1] == texts[2]


def test_shapes_that_are_met_often_are_compiled(monkeypatch):
    bytes_of_results = 3 * 16 + 4
    monkeypatch.setattr(stepwise, "_BYTE", 1.0)
    monkeypatch.setattr(stepwise, "_CALL", 0.0)
    monkeypatch.setattr(stepwise, "_COMPILE", 2.5 * bytes_of_results)
    monkeypatch.setattr(stepwise, "_COMPILE_STEP", 0.0)

    def total(size):
        return (torchlike.full((size,), 2.0).sin() + 1).sum().item()

    before = stats()
    for size in (2, 3, 4, 4, 4, 4):
        assert total(size) == pytest.approx(size * (1 + np.sin(2.0)))
    assert stats().cold == before.cold + 2
    assert stats().compiles == before.compiles + 3


def test_gradients_of_what_numpy_has_computed():
    """What a backward needs is kept, also of shapes met for the first time."""

    def gradients(m):
        weight = m.arange(12.0).reshape(3, 4).sin().requires_grad_()
        read = []
        for size in (2, 3, 4, 5, 6, 7, 8):
            x = m.arange(size * 4.0).reshape(size, 4).cos()
            hidden = m.nn.functional.layer_norm(x @ weight.T, (3,)).tanh()
            loss = (hidden.exp() * hidden / (hidden * hidden + 1)).mean()
            read.append(loss.item())
            loss.backward()
        return weight.grad, m.tensor(read)

    before = stats().cold
    compare(gradients)
    assert stats().cold >= before + 3


def test_results_are_no_views_of_what_a_program_may_overwrite():
    def halves(m):
        found = []
        for size in (4, 6, 8, 10, 12):
            x = m.arange(float(size)) + 0.5
            x.sum().item()
            half, turned = x[: size // 2], x.flip(0)
            half.sum().item()
            kept = half.clone(), turned
            x.mul_(3).add_(1)
            found += [*kept, x.sum()]
        return found

    compare(halves)


def test_what_numpy_cannot_do_is_compiled(monkeypatch):
    def total(size):
        return (torchlike.full((size,), 2.0).cos() * 2).sum().item()

    def refuses(*_):
        raise NotImplementedError

    def fails(*_):
        raise TypeError("of NumPy")

    for size in (2, 3, 4):
        total(size)
    before = stats()
    for broken in (refuses, fails):
        with monkeypatch.context() as patched:
            patched.setattr(stepwise.Plan, "_run", broken)
            size += 1
            assert total(size) == pytest.approx(2 * size * np.cos(2.0))
    with monkeypatch.context() as patched:
        patched.setattr(stepwise, "_written", {})
        patched.setattr(stepwise, "_without_rule", set())
        patched.setattr(stepwise, "_write", refuses)
        total(9)
    assert stats().compiles == before.compiles + 3


@pytest.mark.parametrize("name", ["conv1d", "conv_tbc"])
def test_convolutions_and_their_gradients_are_compiled(name):
    """NumPy has rules for them, but slow ones."""
    function = getattr(torchlike.nn.functional, name)
    weight, bias = torchlike.ones(3, 3, 3, requires_grad=True), torchlike.zeros(3)
    before = stats()
    for size in range(5, 10):
        x = torchlike.full((size, 3, 4) if name == "conv1d" else (4, size, 3), 2.0)
        loss = function(x, weight, bias).sum()
        loss.item()
        (gradient,) = torchlike.autograd.grad(loss, weight)
        gradient.sum().item()
    assert stats().cold == before.cold
    assert stats().compiles >= before.compiles + 10


def test_an_output_of_another_shape_tells_of_growth():
    """Where only the input grows."""
    before = stats()
    for size in range(2, 9):
        x = torchlike.tensor(np.arange(size * 3.0, dtype=np.float32).reshape(size, 3))
        (x[-1] * 2).sum().item()
    assert stats().compiles == before.compiles + 2


FURTHER = """
import json, jax
import torchlike as torch

traced, make_jaxpr = 0, jax.make_jaxpr

def counted(*arguments, **options):
    global traced
    traced += 1
    return make_jaxpr(*arguments, **options)

jax.make_jaxpr = counted
weight = torch.tensor([[0.5, -1.5], [2.0, 0.25]], requires_grad=True)
found = []
for size in range(2, 12):
    torch.manual_seed(size)
    rows = torch.randn(size, 2) @ weight
    loss = (rows.softmax(0).cumsum(1) * rows[torch.randint(0, size, (size,))]).sum()
    loss.backward()
    found += [loss.item().hex(), weight.grad.sum().item().hex()]
print(json.dumps([traced, torch._engine.stats().cold, found]))
"""


def test_a_further_process_finds_what_numpy_does(tmp_path):
    first, cold_first, found = report(["-c", FURTHER], tmp_path)
    again, cold_again, found_again = report(["-c", FURTHER], tmp_path)
    assert first > 60
    assert again == 0
    assert cold_again == cold_first >= 7
    assert found_again == found
