"""The committed summary of a full sweep, ``tests/parity/summary.json``.

It is made from the results in ``build/parity`` and never by hand: for each database and
check, how many entries pass per dtype, and what fails.
"""

from __future__ import annotations

import json
from pathlib import Path

from . import results
from .results import DTYPES, SKIP, Row

FILE = Path(__file__).with_name("summary.json")
DATABASES = ("ops", "modules", "optimizers")
_TEXT = 160  # characters of a failure's text that are kept


def write(databases=DATABASES) -> dict:
    """Summarise the results at hand; a database without results keeps its summary."""
    found = read()
    for database in databases:
        rows = results.load_all(database)
        if rows:
            found[database] = _summary(rows)
    FILE.write_text(_json(found))
    return found


def read() -> dict:
    """The committed summary."""
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def _summary(rows: list[Row]) -> dict:
    rows = sorted(rows, key=lambda r: (r.entry, r.check, _order(r.dtype)))
    checks = dict.fromkeys(r.check for r in rows)
    return {
        "entries": len({r.entry for r in rows}),
        "skipped": sorted({r.entry for r in rows if r.status == SKIP}),
        "checks": {check: _check(rows, check) for check in checks},
        "failures": [
            " | ".join((r.entry, r.dtype, r.check, r.status, r.text[:_TEXT]))
            for r in rows
            if not r.good
        ],
    }


def _check(rows: list[Row], check: str) -> dict:
    """Counts of entries and of samples: [good, all]; per dtype entries and samples.

    ``most`` is the largest number of samples that an entry had in one dtype.
    """
    rows = [r for r in rows if r.check == check and r.status != SKIP]
    names = {r.entry for r in rows}
    bad = {r.entry for r in rows if not r.good}
    samples = sum(r.count for r in rows)
    dtypes = [d for d in DTYPES if any(r.dtype == d for r in rows)]
    return {
        "entries": [len(names - bad), len(names)],
        "samples": [samples - sum(r.failed for r in rows), samples],
        "most": max((r.count for r in rows), default=0),
        "dtypes": {d: _good([r for r in rows if r.dtype == d]) for d in dtypes},
    }


def _good(rows: list[Row]) -> list[int]:
    """Entries that pass, all entries, samples."""
    return [sum(r.good for r in rows), len(rows), sum(r.count for r in rows)]


def _order(dtype: str) -> int:
    return DTYPES.index(dtype) if dtype in DTYPES else -1


def _json(found: dict) -> str:
    """One line for each check and failure: small changes are small in a diff."""
    blocks = []
    for database, parts in found.items():
        checks = ",\n".join(
            f"   {json.dumps(name)}: {json.dumps(counts)}"
            for name, counts in parts["checks"].items()
        )
        failures = ",\n".join(f"   {json.dumps(line)}" for line in parts["failures"])
        blocks.append(
            f' "{database}": {{\n  "entries": {parts["entries"]},\n'
            f'  "skipped": {json.dumps(parts["skipped"])},\n'
            f'  "checks": {{\n{checks}\n  }},\n  "failures": [\n{failures}\n  ]\n }}'
        )
    return "{\n" + ",\n".join(blocks) + "\n}\n"
