"""``python -m tests.parity ops|modules|optimizers``: run a sweep, tell what fails.

``python -m tests.parity summary`` writes ``summary.json`` from the results,
``python -m tests.parity.coverage`` docs/coverage.md.

Examples::

    python -m tests.parity ops --only 'fft.*' --dtypes float32 --samples 4
    python -m tests.parity ops --only 'linalg.*' --checks grads --jobs 1
    python -m tests.parity ops --resume        # only entries without results
    python -m tests.parity ops --failed        # only entries with failures
    python -m tests.parity ops --show          # run nothing, show what failed
"""

from __future__ import annotations

import argparse
import fnmatch
import importlib
import sys

from . import pool, results, summary
from .results import Options


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="python -m tests.parity")
    parser.add_argument("database", choices=[*summary.DATABASES, "summary"])
    parser.add_argument("--only", nargs="+", default=[], metavar="GLOB")
    parser.add_argument("--dtypes", default="", help="comma-separated; default all")
    parser.add_argument("--checks", default="", help="comma-separated; default all")
    parser.add_argument("--samples", type=int, default=8, help="a dtype; 0 for all")
    parser.add_argument("--limit", type=float, default=240, help="seconds an entry")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--failed", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--quiet", action="store_true", help="do not list failures")
    return parser.parse_args(argv)


def _split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _chosen(database: str, arguments) -> list[str]:
    names = importlib.import_module(f"{__package__}.{database}").names()
    if arguments.only:
        names = [n for n in names if any(fnmatch.fnmatch(n, g) for g in arguments.only)]
    if arguments.resume:
        names = [n for n in names if not results.path(database, n).exists()]
    if arguments.failed:
        names = [n for n in names if not all(r.good for r in results.load(database, n))]
    return names


def _report(database: str, names: list[str], quiet: bool) -> int:
    rows = [row for name in names for row in results.load(database, name)]
    bad = [row for row in rows if not row.good]
    if not quiet:
        for row in bad:
            print(row)
    entries = {row.entry for row in bad}
    print(
        f"{len(names)} entries, {len(names) - len(entries)} without failures; "
        f"{len(rows)} rows, {len(bad)} bad"
    )
    return 1 if bad else 0


def main(argv=None) -> int:
    """Run what the command line asks for; 1 if something differs."""
    arguments = _arguments(argv)
    if arguments.database == "summary":
        return 0 if summary.write() else 1
    pool.prepare()
    names = _chosen(arguments.database, arguments)
    options = Options(
        dtypes=_split(arguments.dtypes),
        checks=_split(arguments.checks),
        samples=arguments.samples,
        limit=arguments.limit,
    )
    if not arguments.show:
        pool.Pool(arguments.database, names, options, arguments.jobs).run()
    return _report(arguments.database, names, arguments.quiet)


if __name__ == "__main__":
    sys.exit(main())
