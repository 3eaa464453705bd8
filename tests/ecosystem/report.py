"""docs/ecosystem.md from the outcomes."""

from __future__ import annotations

from importlib import metadata

from . import install, run

PAGE = install.ROOT / "docs" / "ecosystem.md"


def write(outcomes) -> None:
    """Write the page."""
    equal = sum(o.equal for o in outcomes)
    lines = [
        "# Packages of the PyTorch ecosystem",
        "",
        "Made by `make ecosystem`: each package comes unmodified from the registry, is "
        "installed without PyTorch, and its script in",
        "`tests/ecosystem/cases/` trains for a few steps under torchlike and under "
        f"PyTorch {metadata.version('torch').partition('+')[0]}.",
        f"Equal means every printed number agrees to {run.TOLERANCE:g} relative "
        f"(or {run.SMALL:g} absolute).",
        "",
        f"**{equal} of {len(outcomes)} equal.**",
        "",
        "| package | version | outcome |",
        "| --- | --- | --- |",
    ]
    for o in sorted(outcomes, key=lambda o: o.case.packages[0].lower()):
        name = o.case.packages[0]
        text = "equal" if o.equal else o.text.replace("|", "\\|")
        lines.append(f"| {name} | {install.version(name)} | {text} |")
    PAGE.write_text("\n".join(lines) + "\n")
