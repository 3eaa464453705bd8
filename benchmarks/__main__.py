"""``python -m benchmarks`` (``make bench``): measure, print, write docs/benchmarks."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks import checks, workloads
from benchmarks.measure import Options, measure
from benchmarks.report import Run
from benchmarks.runs import FRAMEWORKS, TORCH, TORCH_ONE, TORCHLIKE, Framework

DOCS = Path("docs")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--turns", type=int, default=16, help="of each timed script")
    parser.add_argument("--seconds", type=float, default=0.15, help="of each turn")
    parser.add_argument("--warmup", type=float, default=1.0, help="seconds, at most")
    parser.add_argument("--steps", type=int, default=10_000, help="of the memory runs")
    parser.add_argument("--only", default="", help="scripts, e.g. 'tour,mlp 2,gpt'")
    parser.add_argument("--frameworks", default="", help="e.g. 'torchlike,PyTorch'")
    parser.add_argument("--budget", type=float, help="begin nothing after SECONDS")
    parser.add_argument("--at-once", type=int, help="workloads made ready together")
    parser.add_argument("--strict", action="store_true", help="fail if one is missed")
    parser.add_argument("--out", type=Path, help="folder (docs, if all is measured)")
    return parser.parse_args()


def _options(args: argparse.Namespace) -> Options:
    many = (os.cpu_count() or 1) >= 8
    return Options(
        args.device,
        args.turns,
        args.seconds,
        args.warmup,
        args.at_once or (4 if many else 1),
        args.budget,
    )


def _frameworks(names: str, device: str) -> tuple[Framework, ...]:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    useful = [f for f in FRAMEWORKS if device == "cpu" or f is not TORCH_ONE]
    return tuple(f for f in useful if not wanted or f.name in wanted)


def main() -> int:
    args = _arguments()
    options = _options(args)
    timed = workloads.chosen(workloads.OF_DEVICE[args.device], args.only)
    loading = workloads.chosen(workloads.LOADING, args.only)
    counted = checks.chosen(args.only)
    frameworks = _frameworks(args.frameworks, args.device)
    if args.device == "cuda":
        loading, counted = [], []
    if not (timed or loading or counted) or not frameworks:
        print("nothing of that name; see benchmarks/workloads.py", file=sys.stderr)
        return 2
    run = Run(args.out or (None if args.only or args.frameworks else DOCS), options)
    measure(timed, frameworks, options, run.add("workloads"))
    both = tuple(f for f in (TORCHLIKE, TORCH) if f in frameworks)
    measure(loading, both, options, run.add("loading"))
    checks.check(counted, args.steps, run.add("checks"))
    return run.finish(args.strict)


if __name__ == "__main__":
    sys.exit(main())
