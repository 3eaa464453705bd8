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
ROOT = Path(__file__).resolve().parents[1]
LIMIT_S = 600


@dataclasses.dataclass(frozen=True)
class Framework:
    """How a script is started: words before its name, and its environment."""

    name: str
    start: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


TORCHLIKE = Framework("torchlike", ("-m", "torchlike"))
TORCH = Framework("PyTorch")
# Its threads wait for each other by spinning, so that one alone is often the faster.
TORCH_ONE = Framework("PyTorch, 1 thread", environment=(("OMP_NUM_THREADS", "1"),))
COMPILED = Framework("torch.compile", environment=(("BENCH_COMPILE", "1"),))
JAX = Framework("JAX by hand")


class Failed(Exception):
    """A script that did not end well; the text is the end of what it said."""


def _command(framework: Framework, script: str) -> list[str]:
    if framework is JAX:
        script = f"jax_steps {script}"
    name, *args = script.split()
    return [sys.executable, *framework.start, str(SCRIPTS / f"{name}.py"), *args]


class Timed:
    """A timed script, started and warm, that waits for its next turn.

    All frameworks of a script wait at once and take short turns. So a machine that is
    now quicker, now slower, as shared ones are, is the same for all.
    """

    def __init__(self, framework: Framework, script: str, *, seconds: float):
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            _command(framework, script),
            env=_environment(framework, seconds, 0),
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
        return {**self.first, **self._report()}

    def end(self) -> None:
        """Let it go."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(LIMIT_S)

    def _report(self) -> dict:
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        status = self._process.wait()
        self._errors.seek(0)
        raise Failed(_reason(self._errors.read()) or f"exit status {status}")


def run(framework: Framework, script: str, *, steps: int) -> dict:
    """Run ``script`` (its name and arguments); return what its last line reports."""
    try:
        done = subprocess.run(
            _command(framework, script),
            env=_environment(framework, 0, steps),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{script}: more than {LIMIT_S} s") from None
    if done.returncode:
        raise Failed(_reason(done.stderr) or f"exit status {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def _reason(stderr: str) -> str:
    """The last line that looks like an exception's, or else the last line."""
    lines = stderr.strip().splitlines() or [""]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return (errors or lines)[-1]


def _environment(framework: Framework, seconds: float, steps: int) -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {
        **os.environ,
        "PYTHONPATH": path,
        "BENCH_SECONDS": str(seconds),
        "BENCH_STEPS": str(steps),
        # Compile times are those of a first run, not of the cache on disk.
        "TORCHLIKE_CACHE_DIR": "off",
        **dict(framework.environment),
    }
