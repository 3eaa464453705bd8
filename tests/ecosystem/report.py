"""docs/ecosystem.md: the outcomes of a run beside those the page already has."""

from __future__ import annotations

import re
from importlib import metadata

from . import install, run

PAGE = install.ROOT / "docs" / "ecosystem.md"
ROW = re.compile(r"\| (\S+) \| (\S+) \| `(\S+)` \| (.*) \|")


def write(outcomes) -> None:
    """Put the outcomes in the page; rows of other cases stay as they are."""
    held = _held()
    for o in outcomes:
        name = o.case.packages[0]
        held[o.case.path.name] = [name, install.version(name), o.equal, o.text]
    names = {case.path.name for case in run.cases([])}
    held = {path: row for path, row in held.items() if path in names}
    PAGE.write_text("\n".join([*_head(held), *_rows(held)]) + "\n")


def _held() -> dict[str, list]:
    """The rows of the page: name, version, whether equal, and what was told."""
    found = {}
    for name, version, path, told in ROW.findall(PAGE.read_text()):
        told = told.replace("\\|", "|")
        found[path] = [name, version, told == "equal", told]
    return found


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
