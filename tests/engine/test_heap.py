"""Freed memory stays with the process where malloc is glibc's."""

import os
import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="the settings are those of glibc"
)

# Page faults of each of ten steps whose scratch memory is tens of MiB.
_STEPS = """
import resource
import torchlike as torch

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

x = torch.rand(2048, 2048)
found = []
for _ in range(13):
    before = faults()
    (x.t().contiguous() @ x).softmax(0).sum().item()
    found.append(faults() - before)
print(*found[3:])
"""


def _run(code: str, **environment: str) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    kept.pop("GLIBC_TUNABLES", None)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_steps_find_their_memory_in_place():
    pages = 2048 * 2048 * 4 / os.sysconf("SC_PAGE_SIZE")  # of one array
    faults = sorted(map(int, _run(_STEPS).split()))
    # XLA's threads have heaps of their own: now and then one grows.
    assert faults[len(faults) // 2] < pages / 8


@pytest.mark.parametrize(
    "setting",
    [{"TORCHLIKE_HEAP": "off"}, {"MALLOC_MMAP_THRESHOLD_": "131072"}, {}],
)
def test_the_user_may_leave_malloc_alone(setting):
    code = "import torchlike; from torchlike import _heap; print(_heap._threshold)"
    assert (_run(code, **setting).strip() == "None") == bool(setting)


# MiB resident after a thread has filled and freed some, and after they are given back.
_THREAD = """
import ctypes
import os
import threading
import torchlike
from torchlike import _heap

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
SIZE = 48 << 20

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20

def work():
    block = ctypes.c_void_p(libc.malloc(ctypes.c_size_t(SIZE)))
    ctypes.memset(block, 1, SIZE)
    libc.free(block)
    print(resident())
    _heap.give_back()
    print(resident())

thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="it is read there")
def test_a_thread_gives_back_the_end_of_its_heap():
    before, after = map(int, _run(_THREAD).split())
    assert before - after > 40
