"""The state reached last from a place is tried first; another op is still another."""

from __future__ import annotations

import itertools
import threading

import torch as real

import torchlike as torch
from torchlike._engine import trie
from torchlike._engine.state import State


def other_operands(lib):
    """Ops that share their beginnings and differ in an operand each."""
    x = lib.arange(1.0, 5.0)
    y, whole = x * 10, lib.arange(4)
    seconds = [y, x, 2, 2.0, True, whole, y[1], x[:1], 2**40, -2]
    found = []
    for a, b in itertools.product(seconds, repeat=2):
        first = x * a
        found.append(((first + b) * first).tolist())
        found.append((x * x - x * y).tolist())
    return found


def test_other_operands_are_other_ops():
    expected = other_operands(real)
    for _ in range(3):
        assert other_operands(torch) == expected


def test_the_same_tensor_twice_is_not_two_tensors():
    def differences(lib):
        found = []
        for _ in range(3):
            for n in (2, 1, 2):
                new = [lib.tensor([3.0, 4.0]) + i for i in range(2)]
                [t.tolist() for t in new]  # computed: they are inputs from now on
                found.append((new[0] - new[n - 1]).tolist())
        return found

    assert differences(torch) == differences(real)


def test_other_graphs_are_other_graphs():
    def graphs(lib):
        w, b = lib.ones(3, requires_grad=True), lib.ones(3, requires_grad=True)
        plain = lib.tensor([1.0, 2.0, 3.0])
        found = []
        for i, j in itertools.product(range(4), repeat=2):
            choice = (w, b, plain, w * 2)
            (choice[i] * choice[j] + w).sum().backward()
            grads = [None if t.grad is None else t.grad.tolist() for t in (w, b)]
            found.append(grads)
            w.grad = b.grad = None
        return found

    expected = graphs(real)
    for _ in range(3):
        assert graphs(torch) == expected


def test_each_thread_has_its_own_settings():
    """Threads come and go; what they have set goes with them."""
    seen = []

    def work(off: bool):
        w = torch.ones(2, requires_grad=True)
        if off:
            torch.set_grad_enabled(False)
        seen.append((off, (w * 2).requires_grad, (w * 2).tolist()))

    for i in range(20):
        thread = threading.Thread(target=work, args=(i % 2 == 0,))
        thread.start()
        thread.join()
        assert (torch.ones(2, requires_grad=True) * 2).requires_grad
    assert all(grad is not off and value == [2.0, 2.0] for off, grad, value in seen)


def test_a_pruned_state_is_not_likely():
    root = State()
    kept, gone = (root.extend((op, ()), ()) for op in ("kept", "gone"))
    for root.likely in (gone, kept):
        trie._sweep([root], [kept])
        assert root.likely in (None, kept)
    assert list(root.next.values()) == [kept]
