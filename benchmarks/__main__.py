"""``python -m benchmarks`` (``make bench``): measure, print, write docs/benchmarks."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks import plot, report
from benchmarks.figures import FIGURES, Figure
from benchmarks.measure import measure


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--turns", type=int, default=40, help="of each timed script")
    parser.add_argument("--seconds", type=float, default=0.2, help="of each turn")
    parser.add_argument("--steps", type=int, default=10_000, help="of the memory run")
    parser.add_argument("--only", default="", help="scripts, e.g. 'tour,mlp 2'")
    parser.add_argument("--compile", action="store_true", help="add torch.compile")
    parser.add_argument("--strict", action="store_true", help="fail if one is missed")
    parser.add_argument("--out", type=Path, default=Path("docs"))
    return parser.parse_args()


def _chosen(only: str) -> list[Figure]:
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    return [f for f in FIGURES if not wanted or f.script in wanted]


def main() -> int:
    args = _arguments()
    figures = _chosen(args.only)
    if not figures:
        known = ", ".join(dict.fromkeys(f.script for f in FIGURES))
        print(f"no such script; there are: {known}", file=sys.stderr)
        return 2
    options = {"turns": args.turns, "seconds": args.seconds, "steps": args.steps}
    results, failures = measure(figures, compiled=args.compile, **options)
    table = report.rows(figures, results, failures)
    print(report.as_text(report.figures_table(table)))
    steps = report.steps_table(table)
    if steps:
        print("\n" + report.as_text(steps))
    for (script, framework), why in failures.items():
        print(f"failed: {script} on {framework}: {why}", file=sys.stderr)
    if os.getloadavg()[0] > 1.5 * os.cpu_count():
        print("the machine is busy: trust these figures little", file=sys.stderr)
    if not args.only:
        report.write(args.out, table, results, options)
        plot.draw(args.out / "benchmarks.png", table)
    return int(args.strict and not all(row["reached"] for row in table))


if __name__ == "__main__":
    sys.exit(main())
