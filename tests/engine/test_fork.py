"""A forked child computes on its own; the parent does not notice."""

import os
import pickle
import threading
import time

import numpy as np
import pytest

import torchlike as torch


def in_child(function):
    """Run ``function`` in a forked child; its result, or the exception's text."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            answer = function()
        except Exception as e:
            answer = f"{type(e).__name__}: {e}"
        with os.fdopen(write, "wb") as file:
            file.write(pickle.dumps(answer))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as file:
        answer = pickle.loads(file.read())
    os.waitpid(pid, 0)
    return answer


pytestmark = pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")


def test_values_and_operations_in_a_child():
    x = torch.arange(6.0).reshape(2, 3)
    pending = (x * 2).sum(0)
    view = x[1]

    def child():
        y = x @ x.T + view.sum()
        y[0, 0] = 7.0
        return pending.tolist(), y.tolist(), torch.sin(x).max().item()

    assert in_child(child) == child()
    assert pending.tolist() == [6.0, 10.0, 14.0]


def test_gradients_in_a_child():
    w = torch.ones(3, requires_grad=True)

    def child():
        (w * w * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
        return w.grad.tolist()

    assert in_child(child) == [2.0, 4.0, 6.0]
    assert w.grad is None


def test_a_child_of_a_child():
    x = torch.ones(4)
    assert in_child(lambda: in_child(lambda: (x + x).tolist())) == [2.0] * 4


def test_the_trace_being_recorded_is_not_inherited():
    a = torch.ones(3) + 1
    assert in_child(lambda: (a + 1).tolist()) == [3.0] * 3
    b = a + 1
    in_child(lambda: b.tolist())
    assert (b * 2).tolist() == [6.0] * 3


def test_forks_while_other_threads_compute():
    stop = threading.Event()

    def busy():
        x = torch.ones(50, 50)
        while not stop.is_set():
            x = (x @ x / 50).sin()
            x.sum().item()

    x = torch.arange(10.0)
    threads = [threading.Thread(target=busy) for _ in range(2)]
    for t in threads:
        t.start()
    try:
        for i in range(20):
            assert in_child(lambda i=i: (x * i).sum().item()) == 45.0 * i
    finally:
        stop.set()
        for t in threads:
            t.join()


def test_a_child_starts_quickly():
    x = torch.arange(10.0)
    in_child(lambda: (x + 1).tolist())

    def child():
        started = time.perf_counter()
        (x * 3 + 1).sum().item()
        return time.perf_counter() - started

    assert in_child(child) < 2.0  # seconds


@pytest.mark.cuda
def test_cuda_in_a_child_is_pytorchs_error():
    x = torch.ones(3, device="cuda")
    assert "Cannot re-initialize CUDA in forked subprocess" in in_child(x.tolist)
    assert np.array_equal(x.cpu().numpy(), np.ones(3))
