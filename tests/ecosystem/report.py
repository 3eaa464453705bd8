"""docs/ecosystem.md from the outcomes."""

from __future__ import annotations

import json
from importlib import metadata

from . import install, run

PAGE = install.ROOT / "docs" / "ecosystem.md"
KEPT = install.HOME / "outcomes.json"


def write(outcomes) -> None:
    """Keep the outcomes beside those of earlier runs and write the page of all."""
    held = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for o in outcomes:
        name = o.case.packages[0]
        held[o.case.path.name] = [name, install.version(name), o.equal, o.text]
    names = {case.path.name for case in run.cases([])}
    held = {path: row for path, row in held.items() if path in names}
    KEPT.write_text(json.dumps(held, indent=1))
    PAGE.write_text("\n".join([*_head(held), *_rows(held)]) + "\n")


def _head(held: dict) -> list[str]:
    equal = sum(row[2] for row in held.values())
    real = metadata.version("torch").partition("+")[0]
    return [
        "# Packages of the PyTorch ecosystem",
        "",
        "Made by `python -m tests.ecosystem` (with names: only those cases are run "
        "again). Each package comes unmodified from the registry, is",
        "installed without PyTorch, and its script in `tests/ecosystem/cases/` runs, "
        "most of them training for a few steps, under torchlike",
        f"and under PyTorch {real}. Equal means that every printed number agrees to "
        f"{run.TOLERANCE:g} relative (or {run.SMALL:g} absolute).",
        "",
        f"**{equal} of {len(held)} equal.**",
        "",
        "| package | version | case | outcome |",
        "| --- | --- | --- | --- |",
    ]


def _rows(held: dict) -> list[str]:
    return [
        f"| {name} | {version} | `{path}` | "
        + ("equal |" if equal else text.replace("|", "\\|") + " |")
        for path, (name, version, equal, text) in sorted(
            held.items(), key=lambda item: item[1][0].lower()
        )
    ]
