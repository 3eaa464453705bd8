"""Collects what was measured; prints it, and writes docs/benchmarks.{md,json,png}."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from benchmarks import plot, tables
from benchmarks.measure import Options


def machine(device: str) -> dict:
    """Where and with what it was measured."""
    return {
        "gpu": _gpu() if device == "cuda" else None,
        "cores": os.cpu_count(),
        "processor": platform.machine() + _vectors(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in ("torch", "jax", "optax")},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _vectors() -> str:
    """Which vectors an x86 processor computes with; the ratios depend on them."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return ""
    known = {"avx512f": " with AVX-512", "avx2": " with AVX2"}
    return next((text for flag, text in known.items() if flag in flags), "")


def _gpu() -> str | None:
    """The name of the first GPU, as its driver has it."""
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.splitlines()[0].strip()


def file_name(device: str) -> str:
    return "benchmarks-cuda" if device == "cuda" else "benchmarks"


class Run:
    """All that was measured so far; with a ``folder``, it stands there at any time."""

    def __init__(self, folder: Path | None, options: Options):
        self.folder = folder
        self.content = {
            "options": dataclasses.asdict(options),
            "machine": machine(options.device),
            "workloads": [],
            "loading": [],
            "checks": [],
        }

    def add(self, part: str):
        """A function that takes a result into ``part``."""

        def done(result: dict) -> None:
            self.content[part].append(result)
            print(tables.line(result), flush=True)
            self.write()

        return done

    def write(self) -> None:
        """The page and the JSON, and the plot if matplotlib is there."""
        if self.folder is None:
            return
        self.content["machine"]["load"] = round(os.getloadavg()[0], 1)
        self.folder.mkdir(exist_ok=True, parents=True)
        path = self.folder / file_name(self.content["options"]["device"])
        path.with_suffix(".json").write_text(compact(self.content) + "\n")
        path.with_suffix(".md").write_text(page(self.content))

    def finish(self, strict: bool) -> int:
        """Print the targets; the status is 1 if ``strict`` and one is missed."""
        results, device = self.content["workloads"], self.content["options"]["device"]
        table = tables.overview(results, self.content["checks"], device)
        print("\n" + tables.as_text(table))
        if os.getloadavg()[0] > 1.5 * os.cpu_count():
            print("the machine is busy: trust these figures little", file=sys.stderr)
        self.write()
        if self.folder:
            plot.draw(self.folder / f"{file_name(device)}.png", self.content)
        return int(strict and any(row[-1] in ("missed", "failed") for row in table))


def compact(content: dict) -> str:
    """JSON with a line for each framework of a workload."""
    text = json.dumps(content, indent=1, ensure_ascii=False)
    return re.sub(r"[\[{][^\[\]{}]*[\]}]", lambda m: re.sub(r"\s+", " ", m[0]), text)


def page(content: dict) -> str:
    """The text of the page: what, where, the tables."""
    results, options = content["workloads"], content["options"]
    where, device = content["machine"], options["device"]
    versions = ", ".join(f"{k} {v}" for k, v in where["versions"].items() if v)
    sections = [
        tables.overview(results, content["checks"], device),
        tables.steps(results),
        tables.first_steps(results),
        tables.memory(results, device),
        tables.loading(content["loading"]),
    ]
    return PAGE.format(
        title="Benchmarks on a GPU" if device == "cuda" else "Benchmarks",
        command=f"python -m benchmarks --device {device}",
        turns=options["turns"],
        seconds=options["seconds"],
        gpu=f"{where['gpu']}, " if where["gpu"] else "",
        machine=where,
        versions=versions,
        image=file_name(device),
        notes=GPU_NOTES if device == "cuda" else CPU_NOTES,
        tables="\n\n".join(tables.as_markdown(t) for t in sections if len(t) > 1),
    )


PAGE = """\
# {title}

Written by `{command}`; do not edit. Each script of `benchmarks/scripts/` is one text
that runs unmodified on PyTorch, with `torch.compile` and on torchlike, each in a
process of its own; `benchmarks/by_hand/` has the same steps in JAX and Optax, one
`jax.jit` a step with donated buffers. The loss is read at every step. The processes of
a script wait for each other and take {turns} turns of {seconds:g} s (slow ones half as
many, of a step at least); a ratio is the median of those of the turns, so that a
machine that is now quicker, now slower, is the same for all. First steps are without
imports; the second process finds the folder of compiled programs that the first one
filled (torchlike loads them while the script makes its model, before the step). Peaks
of memory are those of the second process up to the end of the warm-up, beyond what the
first one had after the imports (`torch.nn`, `torch.optim`, `torch.utils.data` among
them). {notes}

{gpu}{machine[cores]} cores ({machine[processor]}, {machine[system]}), Python
{machine[python]}, {versions}; load average at the end {machine[load]}.

![ratios]({image}.png)

{tables}
"""

CPU_NOTES = """\
PyTorch counts
with the better of its usual number of threads and one."""

GPU_NOTES = """\
Float32 products
are in TF32 on all of them; `bf16` is `torch.autocast` to bfloat16. Memory is what the
framework's own counter says was in use on the GPU."""
