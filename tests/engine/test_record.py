"""Recording and flushing: the invariants of the engine, one test each."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest

import torchlike as torch
from torchlike import _config, _engine
from torchlike._engine import cache, flush

every_op = pytest.mark.skipif(
    _config.flush_every_op,
    reason="counts programs, which a flush after every op alters",
)


def compiles() -> int:
    return _engine.stats().compiles


def steady(step, n: int = 6, warm: int = 3) -> int:
    """How many programs ``step(i)`` compiles after ``warm`` calls."""
    for i in range(warm):
        step(i)
    before = compiles()
    for i in range(warm, n):
        step(i)
    return compiles() - before


def test_nothing_runs_before_a_read():
    x = torch.tensor([1.0, 2.0])
    before = _engine.stats().flushes
    y = (x + 1) * 3
    if not _config.flush_every_op:
        assert _engine.stats().flushes == before
        assert y._value().array is None
    assert y.tolist() == [6.0, 9.0]


def test_python_scalars_are_inputs():
    x = torch.tensor([1.0, 2.0])
    assert steady(lambda i: (x * (i + 0.5) + i - (i + 3)).tolist()) == 0


def test_int_and_float_scalars_keep_their_kinds():
    n = torch.tensor([1, 2])
    assert (n + 1).dtype is torch.int64
    assert (n + 1.0).dtype is torch.float32
    assert (n + True).tolist() == [2, 3]


def test_indices_and_slice_starts_are_inputs():
    x = torch.tensor(np.arange(40.0).reshape(10, 4))

    def step(i):
        y = x[i] + x[i : i + 3][0] + x[-1 - i, i % 4]
        z = x * 1
        z[i] = 5.0
        z[i : i + 2, 1] = float(i)
        return y.tolist(), z.tolist()

    assert steady(step, 6) == 0


def test_index_values_are_right():
    a = np.arange(40.0).reshape(10, 4)
    x = torch.tensor(a)
    for i in range(6):
        np.testing.assert_array_equal(x[i].numpy(), a[i])
        np.testing.assert_array_equal(x[-1 - i].numpy(), a[-1 - i])
        np.testing.assert_array_equal(x[i : i + 3, ::2].numpy(), a[i : i + 3, ::2])


@every_op
def test_equal_inputs_are_told_apart_by_position():
    a, b = torch.tensor(2.0), torch.tensor(3.0)
    assert (a * b + a).item() == 8.0
    before = compiles()
    assert (b * a + b).item() == 9.0
    assert compiles() == before


@every_op
def test_dead_values_are_no_outputs():
    x = torch.tensor([1.0])

    def step():
        y = x + 1
        for _ in range(5):
            y = y * 2
        return y

    y = step()
    y.tolist()
    (program,) = [p for p in list(cache.served.values())[-1:]]
    assert len(program.live) == 1


@every_op
def test_a_superset_of_the_outputs_is_reused():
    x = torch.tensor([1.0, 2.0])
    kept = []

    def step(keep: bool):
        a = x + 41
        b = a * 43
        if keep:
            kept.append(a)
        return b.tolist()

    step(True)
    before = compiles()
    assert step(False) == [42 * 43, 43 * 43]
    assert compiles() == before


@every_op
def test_garbage_in_cycles_never_compiles():
    x = torch.tensor([1.0, 2.0])
    gc.disable()
    try:

        def step(cycle: bool):
            a = x + 47
            if cycle:
                knot = [a]
                knot.append(knot)
            return (a * 2).tolist()

        step(False)
        before = compiles()
        for _ in range(5):
            step(True)
        assert compiles() == before
    finally:
        gc.enable()


@every_op
def test_dead_inputs_are_donated():
    x = torch.tensor(np.ones((257, 255), np.float32))  # a shape of its own: no program
    # of another test, which donates less, will do
    x.add_(1)
    _engine.boundary("test")
    old = x._value().array
    for _ in range(3):
        old = x._value().array
        x.mul_(2)
        _engine.boundary("test")
    x._array().block_until_ready()
    assert old.is_deleted()
    assert x[0, 0].item() == 16.0


def test_arrays_known_outside_are_never_donated():
    x = torch.tensor(np.ones((256, 256), np.float32))
    x.add_(1)
    mine = x._array()
    for _ in range(3):
        x.mul_(2)
        _engine.boundary("test")
    assert not mine.is_deleted()
    assert float(mine[0, 0]) == 2.0
    assert x[0, 0].item() == 16.0


def test_one_array_under_two_names_survives_donation():
    x = torch.tensor(np.ones((64, 64), np.float32))
    x.add_(1)
    _engine.boundary("test")
    y = x.clone()
    z = x.view(64 * 64)
    x.mul_(3)
    _engine.boundary("test")
    assert y[0, 0].item() == 2.0
    assert z[0].item() == 6.0


def test_an_error_leaves_the_trace_as_it_was():
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0, 3.0])
    a = x + 1
    with pytest.raises(RuntimeError, match="must match the size of tensor b"):
        a + y
    with pytest.raises(TypeError, match="must be Tensor"):
        torch.add(a, "text")
    assert (a * 2).tolist() == [4.0, 6.0]


def test_snapshots_do_not_see_later_writes():
    x = torch.tensor([1.0, 2.0, 3.0])
    copy = x.clone()
    doubled = x[:2] * 2
    x[0] = 100.0
    x.mul_(2)
    assert copy.tolist() == [1.0, 2.0, 3.0]
    assert doubled.tolist() == [2.0, 4.0]


def test_threads_record_apart_and_share_values():
    x = torch.tensor(np.arange(100.0))
    shared = x * 2  # pending in this thread when the others use it
    results, failures = {}, []

    def work(k: int):
        try:
            y = shared
            for i in range(50):
                y = y + (k + i)
            results[k] = y.tolist()
        except BaseException as error:  # reported by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures
    for k in range(8):
        want = np.arange(100.0) * 2 + sum(k + i for i in range(50))
        np.testing.assert_allclose(results[k], want)


@every_op
def test_programs_and_states_are_bounded(monkeypatch):
    # Programs of other tests, with other numbers of states, are not to be evicted here.
    monkeypatch.setattr(cache, "served", {})
    monkeypatch.setattr(cache, "MAX_PROGRAMS", cache.size() + 4)
    before = _engine.cache_sizes()
    for n in range(3, 23):
        torch.tensor(np.ones(n)).add(1).mul(n).tolist()
    after = _engine.cache_sizes()
    assert after["programs"] <= before["programs"] + 4
    assert after["states"] <= before["states"] + 4 * 2


@pytest.mark.parametrize("read", [True, False])
def test_set_default_dtype_is_its_own_trace(read):
    n = torch.tensor([1, 2])
    before = n + 0.5
    if read:
        before.tolist()
    torch.set_default_dtype(torch.float64)
    try:
        assert (n + 0.5).dtype is torch.float64
        assert before.dtype is torch.float32 and before.tolist() == [1.5, 2.5]
        assert torch.tensor(1.5).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert (n + 0.5).dtype is torch.float32


def test_a_failed_compile_loses_nothing(monkeypatch):
    from torchlike._engine import program

    x = torch.tensor([1.0, 2.0])
    y = x + 53
    if _config.flush_every_op:
        return
    real = program.compile_program

    def broken(*args):
        raise MemoryError("no room")

    monkeypatch.setattr(flush, "compile_program", broken)
    with pytest.raises(MemoryError):
        y.tolist()
    monkeypatch.setattr(flush, "compile_program", real)
    assert y.tolist() == [54.0, 55.0]


@pytest.mark.parametrize("n", [2, 2000, 300_000])
def test_a_host_array_used_again_and_again_moves_to_the_device(n):
    """One of up to 1 MiB not at once: most are used once or twice."""
    x = torch.tensor(np.ones(n, np.float32))
    on_host = []
    for i in range(flush._MAX_PASSES + 3):
        assert ((x * 2 + i).numpy() == 2.0 + i).all()
        on_host.append(isinstance(x._value().array, np.ndarray))
    assert on_host[0] == (n < 300_000)
    assert on_host == sorted(on_host, reverse=True) and not on_host[-1]


def test_kept_host_arrays_find_the_same_programs(monkeypatch):
    """An episode keeps its small arrays, and a step uses and drops them."""

    def episode():
        kept = []
        for i in range(23):
            kept.append(torch.tensor([float(i), 1.0]))
            (kept[-1] * 3).sum().item()
        total = sum((x * 5).sum() for x in kept)
        kept.clear()
        return total.item()

    for _ in range(3):
        assert episode() == 5 * (sum(range(23)) + 23)
    searches = []
    real = flush._fit_or_compile
    monkeypatch.setattr(
        flush, "_fit_or_compile", lambda *a: searches.append(1) or real(*a)
    )
    for _ in range(20):
        episode()
    assert not searches
