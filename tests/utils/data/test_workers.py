"""Worker processes: what they get, what they give, and how they may end."""

import gc
import math
import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
from torch._utils import ExceptionWrapper

from .both import ours, plain, reference, same, seed, tensor

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


class Rows:
    """Calls ``read(i)`` for each of ``n`` samples; unpicklable when it is a lambda."""

    def __init__(self, n, read):
        self.n, self.read = n, read

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return self.read(i)


class Fussy(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)


class Spoken(Exception):
    message = "has one"

    def __init__(self, message="default"):
        super().__init__(message)


def fail_with(error):
    def read(i):
        if i == 2:
            raise error
        return i

    return read


def loader(module, read, n=6, **options):
    options = {"batch_size": 2, "num_workers": 2, **options}
    return module.DataLoader(Rows(n, read), **options)


def alive(pids):
    return [p for p in pids if os.path.exists(f"/proc/{p}/stat") and _state(p) != "Z"]


def _state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


# ----- what workers see -----
def test_seeds_of_all_three_generators():
    def run(m):
        seed(m, 21)

        def draws(i):
            return random.random(), np.random.rand(), m.get_worker_info().seed

        return [plain(b) for b in loader(m, draws)]

    same(run)


def test_worker_info():
    def run(m):
        assert m.get_worker_info() is None
        seed(m, 2)

        def read(i):
            info = m.get_worker_info()
            fields = info.id, info.num_workers, info.seed, info.worker_method
            return *fields, len(info.dataset), repr(info.rng)

        return [plain(b) for b in loader(m, read)]

    same(run)


def test_worker_info_cannot_be_changed():
    def read(i):
        try:
            ours.get_worker_info().id = 3
        except AttributeError as e:
            return type(e).__name__

    assert [*loader(ours, read, 2)] == [["FrozenInstanceError"] * 2]


def test_init_function_runs_in_each_worker_first():
    def run(m):
        def init(worker):
            m.get_worker_info().dataset.offset = 100 * worker

        data = Rows(8, lambda i: i + data.offset)
        return list(m.DataLoader(data, 2, num_workers=2, worker_init_fn=init))

    same(run)


def sharded(module, n, *, init=None, **options):
    class Stream(module.IterableDataset):
        def __init__(self):
            self.range = range(n)

        def __iter__(self):
            info = module.get_worker_info()
            if info is None or init:
                return iter(self.range)
            share = math.ceil(n / info.num_workers)
            return iter(self.range[info.id * share : (info.id + 1) * share])

    return module.DataLoader(Stream(), worker_init_fn=init, **options)


@pytest.mark.parametrize("n", [0, 1, 7, 20])
@pytest.mark.parametrize(
    "options",
    [
        dict(num_workers=0, batch_size=2),
        dict(num_workers=2, batch_size=2),
        dict(num_workers=3, batch_size=2, drop_last=True),
        dict(num_workers=3, batch_size=None),
        dict(num_workers=2, batch_size=3, persistent_workers=True),
        dict(num_workers=2, batch_size=1, prefetch_factor=5),
    ],
    ids=str,
)
def test_streams_shared_out(n, options):
    def run(m):
        made = sharded(m, n, **options)
        return [[plain(b) for b in made] for _ in range(2)]

    same(run)


def test_streams_shared_out_by_the_init_function():
    def run(m):
        def init(worker):
            data = m.get_worker_info().dataset
            data.range = data.range[worker::2]

        return list(sharded(m, 7, init=init, num_workers=2, batch_size=2))

    same(run)


# ----- what travels -----
@pytest.mark.parametrize("size", [1, 1 << 12, 1 << 18], ids="{} numbers".format)
@pytest.mark.parametrize("kind", ["float32", "int8", "float64", "bool"])
def test_batches_of_any_size_arrive(size, kind):
    rows = (np.arange(4 * size) % 7).astype(kind).reshape(4, size)
    made = loader(ours, lambda i: {"x": rows[i], "i": i, "name": str(i)}, 4)
    for k, batch in enumerate(made):
        assert batch["i"].tolist() == [2 * k, 2 * k + 1]
        assert batch["name"] == [str(2 * k), str(2 * k + 1)]
        assert np.array_equal(np.asarray(batch["x"]), rows[2 * k : 2 * k + 2])
        assert str(batch["x"].dtype).endswith(kind)


def test_tensors_and_odd_objects_arrive_unbatched():
    def read(i):
        views = np.arange(6.0).reshape(2, 3).T, np.empty((0, 3)), np.array(i)
        return [tensor(ours, v) for v in views], {i}, None, "é", np.array(["a"])

    for k, got in enumerate(loader(ours, read, 3, batch_size=None)):
        assert plain(got) == plain(ours.default_convert(read(k)))


def test_arrays_that_arrive_can_be_written():
    made = loader(ours, lambda i: np.zeros(50_000), 2, batch_size=None)
    small = loader(ours, lambda i: np.zeros(3), 2, batch_size=None)
    for options in (made, small):
        options.collate_fn = lambda sample: sample
        for array in options:
            array += 1
            assert array.sum() == array.size


def test_index_lists_longer_than_the_pipe():
    order = [list(range(100_000))] * 6
    data = Rows(100_000, lambda i: i)
    made = ours.DataLoader(data, batch_sampler=order, num_workers=1, prefetch_factor=6)
    made.collate_fn = lambda samples: (len(samples), bytes(1 << 20))
    assert [n for n, _ in made] == [100_000] * 6


def test_results_that_cannot_be_pickled_are_an_error():
    made = loader(ours, lambda i: i, collate_fn=lambda b: lambda: b)
    with pytest.raises(Exception, match="in DataLoader worker process 0.*pickle|local"):
        list(made)


def test_out_of_order_hands_out_what_is_ready():
    def slow_first(i):
        time.sleep(0.6 if i == 0 else 0)
        return i

    made = loader(ours, slow_first, 4, batch_size=1, in_order=False)
    got = [b.item() for b in made]
    assert sorted(got) == [0, 1, 2, 3] and got[0] != 0
    assert [b.item() for b in loader(ours, slow_first, 4, batch_size=1)] == [0, 1, 2, 3]


# ----- exceptions -----
ERRORS = [
    ValueError("bad value"),
    KeyError("bad key"),
    IndexError("bad index"),
    Fussy(1, 2),
    Spoken("hello"),
    UnicodeDecodeError("utf8", b"", 0, 1, "why"),
    OSError(2, "gone"),
    NotImplementedError(),
]


def expected(error):
    """What PyTorch's wrapper makes of ``error``, without a worker."""
    try:
        fail_with(error)(2)
    except Exception:
        wrapper = ExceptionWrapper(where="in DataLoader worker process 1")
    with pytest.raises(Exception) as caught:
        wrapper.reraise()
    return caught.value


def frame_free(text):
    return [line for line in text.splitlines() if not line.startswith("  ")]


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)
def test_exceptions_arrive_with_their_traceback(error):
    with pytest.raises(Exception) as caught:
        list(loader(ours, fail_with(error)))
    text, wanted = str(caught.value), expected(error)
    assert type(caught.value) is type(wanted)
    assert frame_free(text) == frame_free(str(wanted))
    assert "in read" in text and "raise error" in text


def test_an_exception_does_not_end_the_epoch():
    def run(m):
        it, got = iter(loader(m, fail_with(ValueError("x")), 8, num_workers=1)), []
        while True:
            try:
                got.append(plain(next(it)))
            except ValueError:
                got.append("error")
            except StopIteration:
                return got

    same(run)


def test_exceptions_of_the_init_function():
    def init(worker):
        raise ValueError("no start")

    with pytest.raises(ValueError, match="Caught ValueError in DataLoader worker"):
        list(loader(ours, int, worker_init_fn=init))


def test_exceptions_of_the_sampler_are_raised_here():
    def order():
        yield [0]
        raise ValueError("sampler")

    data = Rows(4, int)
    with pytest.raises(ValueError, match="^sampler$"):
        list(ours.DataLoader(data, batch_sampler=order(), num_workers=1))


# ----- ends -----
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, "exit", "sys.exit"])
def test_a_worker_that_dies_is_an_error_at_once(how):
    def read(i):
        if i == 3:
            if how == "exit":
                os._exit(3)
            elif how == "sys.exit":
                sys.exit(3)
            os.kill(os.getpid(), how)
        return i

    started = time.monotonic()
    it = iter(loader(ours, read))
    pids = [w.pid for w in it._workers]
    text = rf"DataLoader worker \(pid\(s\) {pids[1]}\) exited unexpectedly"
    with pytest.raises(RuntimeError, match=text) as caught:
        list(it)
    assert time.monotonic() - started < 4.0
    cause = str(caught.value.__cause__)
    if isinstance(how, str):
        assert f"(pid {pids[1]}) exited unexpectedly with exit code 3." in cause
    else:
        assert f"(pid {pids[1]}) is killed by signal: " in cause
    assert not alive(pids)
    with pytest.raises(RuntimeError, match=text):
        next(it)


def test_a_worker_killed_while_it_waits_is_noticed():
    made = loader(ours, int, 40, persistent_workers=True)
    it = iter(made)
    next(it)
    os.kill(it._workers[0].pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="exited unexpectedly"):
        list(it)


def test_timeout():
    def run(m):
        return list(loader(m, lambda i: time.sleep(1), timeout=0.3))

    for module in (ours, reference):
        with pytest.raises(RuntimeError, match="^DataLoader timed out after 0.3 sec"):
            run(module)


def test_timeout_long_enough():
    assert len(list(loader(ours, int, timeout=20))) == 3


@pytest.mark.parametrize("persistent", [False, True])
def test_workers_end_with_the_iterator(persistent):
    made = loader(ours, lambda i: np.zeros(100_000), 40, persistent_workers=persistent)
    it = iter(made)
    next(it)
    pids = [w.pid for w in it._workers]
    assert len(alive(pids)) == 2
    files = len(os.listdir("/proc/self/fd"))
    del it, made
    gc.collect()
    assert wait_until(lambda: not alive(pids))
    assert len(os.listdir("/proc/self/fd")) < files


def test_workers_end_after_an_epoch_unless_persistent():
    it = iter(loader(ours, int))
    pids = [w.pid for w in it._workers]
    list(it)
    assert wait_until(lambda: not alive(pids))


def test_persistent_workers_are_kept():
    made = loader(ours, lambda i: os.getpid(), persistent_workers=True)
    epochs = [{p for b in made for p in b.tolist()} for _ in range(3)]
    assert epochs[0] == epochs[1] == epochs[2] and len(epochs[0]) == 2


def test_persistent_workers_after_an_epoch_cut_short():
    made = loader(ours, int, 20, persistent_workers=True)
    whole = [plain(b) for b in made]
    for _ in range(3):
        next(iter(made))
    assert [plain(b) for b in made] == whole


def test_nothing_is_left_behind():
    """Ten epochs, half of them cut short: no descriptor, no mapping, no process."""
    made = loader(ours, lambda i: np.zeros(50_000), 12)

    def epoch(cut):
        for k, _ in enumerate(made):
            if cut and k == 1:
                break

    def counts():
        gc.collect()
        with open("/proc/self/maps") as file:
            maps = sum("torchlike-batch" in line for line in file)
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            children = len(file.read().split())
        return len(os.listdir("/proc/self/fd")), maps, children

    epoch(False)
    before = counts()
    for i in range(6):
        epoch(i % 2 == 0)
    assert counts() == before


def test_batches_outlive_the_loader():
    it = iter(loader(ours, lambda i: np.full(50_000, i), 4))
    first = next(it)
    del it
    gc.collect()
    assert np.asarray(first).sum() == 50_000


# ----- whole scripts: no main guard, Ctrl-C, a parent that dies -----
HEAD = """
import os, signal, sys, time
import numpy as np
from torchlike.utils.data import DataLoader

class Data:
    def __init__(self): self.read = lambda i: np.full(3, i)
    def __len__(self): return 1000
    def __getitem__(self, i): return self.read(i)
"""


def script(body, **options):
    code = textwrap.dedent(HEAD) + textwrap.dedent(body)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_script_without_a_main_guard():
    run = script(
        "print(sum(int(b.sum()) for b in DataLoader(Data(), 50, num_workers=2)))"
    )
    out, err = run.communicate(timeout=60)
    assert (out, err, run.returncode) == ("1498500\n", "", 0)


def test_script_that_ends_in_the_middle_of_an_epoch():
    run = script("it = iter(DataLoader(Data(), num_workers=2)); next(it); print('end')")
    out, err = run.communicate(timeout=60)
    assert (out, err, run.returncode) == ("end\n", "", 0)


def test_interrupting_a_script():
    run = script(
        """
        # A shell that runs the tests in the background makes them ignore Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        Data.__getitem__ = lambda self, i: time.sleep(0.05) or i
        for b in DataLoader(Data(), num_workers=2):
            print(b, flush=True)
        """,
        start_new_session=True,
    )
    assert run.stdout.readline()
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=30)
    assert run.returncode == -signal.SIGINT
    assert err.count("Traceback") == 1 and err.endswith("KeyboardInterrupt\n")


def test_workers_end_when_the_main_process_is_killed():
    run = script(
        """
        it = iter(DataLoader(Data(), num_workers=2)); next(it)
        print(*(w.pid for w in it._workers), flush=True)
        time.sleep(60)
        """
    )
    pids = [int(p) for p in run.stdout.readline().split()]
    assert len(alive(pids)) == 2
    run.kill()
    assert wait_until(lambda: not alive(pids))
    run.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_other_start_methods(method, tmp_path):
    code = textwrap.dedent(HEAD.replace("lambda i: np.full(3, i)", "float")) + (
        "if __name__ == '__main__':\n"
        "    made = DataLoader(Data(), 100, num_workers=2,\n"
        f"                      multiprocessing_context={method!r})\n"
        "    print([float(b.sum()) for b in made][:2])\n"
    )
    (tmp_path / "main.py").write_text(code)
    run = subprocess.run(
        [sys.executable, tmp_path / "main.py"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.stdout == "[4950.0, 14950.0]\n", run.stderr
