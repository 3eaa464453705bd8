"""``python -m tests.programs.conditioning [SCRIPT …]``: how well conditioned they are.

The programs compare numbers to 1e-4 relative. That means something only where a
training does not blow up its roundings: another processor, another number of threads
rounds sums in another order, and PyTorch itself prints other digits then. So each
script runs on one library alone, with its vector instructions restricted in turn (and
on PyTorch once with its gradients moved by one rounding, ``nudged``); printed are
the largest relative difference of a number in a ``step`` line to the plain run, and the
first other line that differs. A script passes below 1e-5, a tenth of the tolerance.

With ``--library torchlike`` the same of torchlike, whose XLA is told the instructions.
The exit status is 1 if a script does not pass. All scripts take about 20 minutes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.programs import both

LIMIT = both.RTOL / 10
STARTS = {"torch": (), "torchlike": ("-m", "torchlike")}
NUDGED = ("-m", "tests.programs.nudged")
NOT_NUDGED = {"hooks"}  # it compares its gradients with its own sums of them


def _pytorch(aten: str, others: str, mkl: str, threads: int) -> dict[str, str]:
    return {
        "ATEN_CPU_CAPABILITY": aten,
        "ONEDNN_MAX_CPU_ISA": others,
        "MKL_ENABLE_INSTRUCTIONS": mkl,
        "OMP_NUM_THREADS": str(threads),
    }


def _xla(isa: str, threads: int) -> dict[str, str]:
    cache = str(Path(tempfile.gettempdir()) / f"torchlike-{isa}")
    return {
        "XLA_FLAGS": f"--xla_cpu_max_isa={isa}",
        "OMP_NUM_THREADS": str(threads),
        "TORCHLIKE_CACHE_DIR": cache,
    }


VARIANTS = {
    "torch": {
        "sse": _pytorch("default", "SSE41", "SSE4_2", 1),
        "avx2": _pytorch("avx2", "AVX2", "AVX2", 2),
    },
    "torchlike": {"sse": _xla("SSE4_2", 1), "avx2": _xla("AVX2", 2)},
}


def difference(a: str, b: str) -> tuple[float, str | None]:
    """The largest relative one of step lines; the first other line that differs."""
    largest, other = 0.0, None
    if len(a.splitlines()) != len(b.splitlines()):
        other = "another number of lines"
    for mine, theirs in zip(a.splitlines(), b.splitlines(), strict=False):
        if both.differences(mine, theirs, rtol=1.0):
            other = other or f"{mine!r} and {theirs!r}"
        elif mine.startswith("step "):
            largest = max([largest, *_relative(mine, theirs)])
    return largest, other


def _relative(mine: str, theirs: str):
    for x, y in both.numbers(mine, theirs):
        if x != y and not (x != x and y != y):
            yield abs(x - y) / max(abs(x), abs(y))


def outputs(script: Path, library: str) -> dict[str, str]:
    """What the script prints in each variant, the plain one first."""
    runs = [("plain", STARTS[library], {})]
    runs += [(n, STARTS[library], s) for n, s in VARIANTS[library].items()]
    if library == "torch" and script.stem not in NOT_NUDGED:
        runs.append(("nudged", NUDGED, {}))
    found = {}
    for name, start, settings in runs:
        with tempfile.TemporaryDirectory() as folder:
            found[name] = both.run(script, Path(folder), *start, **settings)
    return found


def passes(script: Path, library: str) -> bool:
    plain, *others = outputs(script, library).items()
    good, parts = True, []
    for name, text in others:
        largest, other = difference(plain[1], text)
        good = good and largest < LIMIT and other is None
        parts.append(f"{name} {largest:.1e}" + (f" ({other})" if other else ""))
    print("ok " if good else "BAD", script.stem.ljust(22), "  ".join(parts), flush=True)
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="SCRIPT")
    parser.add_argument("--library", choices=STARTS, default="torch")
    args = parser.parse_args()
    unknown = set(args.names) - {s.stem for s in both.SCRIPTS}
    if unknown:
        parser.error(f"no such script: {', '.join(sorted(unknown))}")
    chosen = [s for s in both.SCRIPTS if not args.names or s.stem in args.names]
    return 0 if all([passes(s, args.library) for s in chosen]) else 1


if __name__ == "__main__":
    sys.exit(main())
