"""Runs benchmark scripts, each in a process of its own, on one of the frameworks."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
BY_HAND = Path(__file__).parent / "by_hand"
ROOT = Path(__file__).resolve().parents[1]
LIMIT_S = 900


@dataclasses.dataclass(frozen=True)
class Framework:
    """How a script is started, and the variables that name its folder of programs."""

    name: str
    start: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    caches: tuple[str, ...] = ()


TORCHLIKE = Framework("torchlike", ("-m", "torchlike"), caches=("TORCHLIKE_CACHE_DIR",))
TORCH = Framework("PyTorch")
# Its threads wait for each other by spinning, so that one alone is often the faster.
TORCH_ONE = Framework("PyTorch (1 thread)", environment=(("OMP_NUM_THREADS", "1"),))
COMPILED = Framework(
    "torch.compile",
    environment=(("BENCH_COMPILE", "1"),),
    caches=("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"),
)
JAX = Framework(
    "JAX by hand",
    environment=(("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0"),),
    caches=("JAX_COMPILATION_CACHE_DIR",),
)
FRAMEWORKS = (TORCHLIKE, TORCH, TORCH_ONE, COMPILED, JAX)

OF_DEVICE = {
    "cpu": {"JAX_PLATFORMS": "cpu"},
    "cuda": {
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "JAX_DEFAULT_MATMUL_PRECISION": "tensorfloat32",  # the scripts tell PyTorch
    },
}


class Failed(Exception):
    """A script that did not end well; the text is the end of what it said."""


@dataclasses.dataclass(frozen=True)
class Job:
    """A script on a framework, and the settings it is started with."""

    framework: Framework
    script: str
    by_hand: str = ""  # the file that stands for the script on JAX
    device: str = "cpu"
    folder: str = ""  # of compiled programs
    settings: tuple[tuple[str, str], ...] = ()

    def command(self) -> list[str]:
        name, *args = self.script.split()
        path = SCRIPTS / f"{name}.py"
        if self.framework is JAX:
            path, args = BY_HAND / f"{self.by_hand}.py", [name, *args]
        return [sys.executable, *self.framework.start, str(path), *args]

    def environment(self) -> dict[str, str]:
        below = [str(ROOT), str(SCRIPTS), os.environ.get("PYTHONPATH")]
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, below)),
            "BENCH_DEVICE": self.device,
            **OF_DEVICE[self.device],
            **{name: self.folder for name in self.framework.caches if self.folder},
            **dict(self.framework.environment),
            **dict(self.settings),
        }


class Timed:
    """A timed script, started and warm, that waits for its next turn.

    All frameworks of a script wait at once and take short turns. So a machine that is
    now quicker, now slower, as shared ones are, is the same for all.
    """

    def __init__(self, job: Job):
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            job.command(),
            env=job.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.first = self._report()

    def turn(self) -> dict:
        """Let it run for a while; return what it reports."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        return self._report()

    def end(self) -> None:
        """Let it go."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(LIMIT_S)
        finally:
            self._process.stdout.close()
            self._errors.close()

    def _report(self) -> dict:
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        status = self._process.wait()
        self._errors.seek(0)
        raise Failed(_reason(self._errors.read()) or f"exit status {status}")


def run(job: Job) -> dict:
    """Run the script to its end; return what its last line reports."""
    try:
        done = subprocess.run(
            job.command(),
            env=job.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{job.script}: more than {LIMIT_S} s") from None
    if done.returncode:
        raise Failed(_reason(done.stderr) or f"exit status {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def _reason(stderr: str) -> str:
    """The last line that looks like an exception's, or else the last line."""
    lines = stderr.strip().splitlines() or [""]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return (errors or lines)[-1]
