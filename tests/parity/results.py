"""Results of the parity sweeps: one row per entry, dtype and check, kept as JSON.

A *database* is one of PyTorch's own tables of tests (``ops``, ``modules``,
``optimizers``); an *entry* is one op, module or optimizer of it. Each entry has a file
``build/parity/<database>/<entry>.json``, so that a sweep can be resumed and parts of it
run again: new rows replace those of the same dtype and check.

A module ``tests/parity/<database>.py`` has ``names() -> list[str]``,
``run(name, options) -> Iterable[Row]`` and ``listed()``, the entries per dtype;
``python -m tests.parity <database>`` does the rest (see ``pool``).
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(os.environ.get("PARITY_DIR", "build/parity"))

PASS = "pass"
FAIL = "fail"  # another value, shape, dtype or error
MISSING = "missing"  # a name or a case that torchlike does not have
TIMEOUT = "timeout"  # the time limit, or the death of the process
SKIP = "skip"  # nothing to compare, for the reason in the text

HARNESS = "harness"  # the check of rows about an entry that could not be run

DTYPES = (
    "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 "
    "complex128"
).split()


@dataclass
class Row:
    """The outcome of one check of one entry in one dtype.

    ``count`` samples were compared, ``failed`` of them differ; ``text`` says how the
    first one does. ``dtype`` is "" for a check that has none.
    """

    entry: str
    dtype: str
    check: str
    status: str
    count: int = 0
    failed: int = 0
    text: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.status in (PASS, SKIP)

    def __str__(self) -> str:
        place = f"{self.entry} {self.dtype} {self.check}"
        return f"{self.status:8}{place} {self.failed}/{self.count}: {self.text}"


@dataclass(frozen=True)
class Options:
    """What to run: dtypes and checks (empty: all), samples per dtype (0: all)."""

    dtypes: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    samples: int = 8
    limit: float = 900.0  # seconds an entry may take, by the clock

    def wants(self, check: str) -> bool:
        """Whether the check is to be run."""
        return not self.checks or check in self.checks


def occurrences(dtypes: Iterable[str]) -> dict[str, int]:
    """How often each dtype of the sweeps occurs, in their order."""
    found = Counter(dtypes)
    return {d: found[d] for d in DTYPES if found[d]}


def path(database: str, entry: str) -> Path:
    """Where the rows of an entry are."""
    return FOLDER / database / f"{entry}.json"


def load(database: str, entry: str) -> list[Row]:
    """The rows found so far."""
    file = path(database, entry)
    if not file.exists():
        return []
    return [Row(**row) for row in json.loads(file.read_text())]


def save(database: str, entry: str, rows: Iterable[Row]) -> None:
    """Put new rows beside those of other dtypes and checks."""
    old = [r for r in load(database, entry) if r.check != HARNESS]
    kept = {(r.dtype, r.check): r for r in old}
    kept.update({(r.dtype, r.check): r for r in rows})
    file = path(database, entry)
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(asdict(row)) for row in kept.values())
    temporary = file.with_suffix(".new")
    temporary.write_text(f"[\n{lines}\n]\n")
    temporary.replace(file)


def load_all(database: str) -> list[Row]:
    """All rows of a database."""
    names = sorted(p.stem for p in (FOLDER / database).glob("*.json"))
    return [row for name in names for row in load(database, name)]
