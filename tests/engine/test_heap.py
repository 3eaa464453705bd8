"""Freed memory stays with the process where malloc is glibc's."""

import os
import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="the settings are those of glibc"
)

# A step whose scratch memory is tens of MiB.
_STEPS = """
import resource
import torchlike as torch

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

x = torch.rand(2048, 2048)
def step():
    return (x.t().contiguous() @ x).softmax(0).sum().item()
step(), step(), step()
before = faults()
step(), step(), step()
print(faults() - before)
"""


def _faults(**environment: str) -> int:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    kept.pop("GLIBC_TUNABLES", None)
    done = subprocess.run(
        [sys.executable, "-c", _STEPS],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return int(done.stdout)


def test_steps_find_their_memory_in_place():
    pages = 2048 * 2048 * 4 / os.sysconf("SC_PAGE_SIZE")
    assert _faults() < pages / 2


@pytest.mark.parametrize(
    "setting", [{"TORCHLIKE_HEAP": "off"}, {"MALLOC_MMAP_THRESHOLD_": "131072"}]
)
def test_the_user_may_leave_malloc_alone(setting):
    pages = 2048 * 2048 * 4 / os.sysconf("SC_PAGE_SIZE")
    assert _faults(**setting) > pages
