"""``python -m torchlike --check``: which torch names a program uses that we lack.

The program is parsed, never run. Names are followed through imports and aliases
(``import torch.nn as nn``, ``from torch import optim``) to the attribute that is used.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from torchlike._dropin.names import is_alias, own_name
from torchlike._errors import GAPS_PAGE

Use = tuple[str, str, int]  # the torch name, the file, the line


class _Names(ast.NodeVisitor):
    """Collects the full torch names that a file uses."""

    def __init__(self) -> None:
        self.bound: dict[str, str] = {}
        self.used: list[tuple[str, int]] = []

    def visit_Import(self, node: ast.Import) -> None:  # noqa: N802
        for alias in node.names:
            if is_alias(alias.name):
                self.used.append((alias.name, node.lineno))
                first = alias.name.partition(".")[0]
                whole = alias.name if alias.asname else first
                self.bound[alias.asname or first] = whole

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:  # noqa: N802
        if node.level or not is_alias(node.module or ""):
            return
        for alias in node.names:
            if alias.name == "*":
                self.used.append((node.module, node.lineno))
                continue
            name = f"{node.module}.{alias.name}"
            self.used.append((name, node.lineno))
            self.bound[alias.asname or alias.name] = name

    def visit_Attribute(self, node: ast.Attribute) -> None:  # noqa: N802
        parts: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in self.bound:
            path = ".".join([self.bound[inner.id], *reversed(parts)])
            self.used.append((path, node.lineno))
        else:
            self.generic_visit(node)


def names_in(source: str) -> list[tuple[str, int]]:
    """The torch names a text uses, with their lines."""
    tree = ast.parse(source)
    collector = _Names()
    for node in ast.walk(tree):  # imports anywhere bind for the whole file
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            collector.visit(node)
    imported = collector.used[:]
    collector.used.clear()
    collector.visit(tree)
    return sorted(set(imported + collector.used), key=lambda use: use[1])


def lacks(name: str) -> str | None:
    """The part of ``name`` that torchlike lacks, such as ``torch.x``; None if none.

    What comes after a class or function is not followed.
    """
    path, *parts = name.split(".")
    own = importlib.import_module(own_name(path))
    for part in parts:
        path = f"{path}.{part}"
        found = _member(own, part)
        if found is None:
            return path
        if not _is_module(found):
            return None
        own = found
    return None


def _member(module, name: str):
    try:
        return getattr(module, name)
    except (AttributeError, ImportError):
        pass
    try:
        return importlib.import_module(f"{module.__name__}.{name}")
    except ImportError:
        return None


def _is_module(found) -> bool:
    return type(found).__name__ in ("module", "_Namespace")


# ---- files ---------------------------------------------------------------------------
def files_of(target: str) -> list[Path]:
    """The files of a script, a folder or an installed package."""
    path = Path(target)
    if path.is_file():
        return [path]
    if path.is_dir():
        return sorted(path.rglob("*.py"))
    spec = importlib.util.find_spec(target)
    if spec is None:
        raise FileNotFoundError(target)
    if spec.submodule_search_locations is None:
        return [Path(spec.origin)]
    folders = spec.submodule_search_locations
    return sorted(f for folder in folders for f in Path(folder).rglob("*.py"))


def uses(target: str) -> Iterator[Use]:
    """Every use of a torch name in the files of ``target``."""
    for file in files_of(target):
        try:
            found = names_in(file.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError) as error:
            print(f"{file}: not read: {error}", file=sys.stderr)
            continue
        for name, line in found:
            yield name, str(file), line


def check(target: str) -> int:
    """Print what ``target`` uses and torchlike lacks; 1 if there is something."""
    try:
        found = list(uses(target))
    except (FileNotFoundError, ModuleNotFoundError, ValueError):
        print(f"python -m torchlike --check: no file or package {target!r}")
        return 2
    known = {name: lacks(name) for name, _, _ in found}
    missing: dict[str, list[str]] = {}
    for name, file, line in found:
        if known[name] is not None:
            where = f"{os.path.relpath(file)}:{line}"
            missing.setdefault(known[name], []).append(where)
    for name, places in sorted(missing.items()):
        more = f" and {len(places) - 3} more" if len(places) > 3 else ""
        print(f"missing {name}: {', '.join(dict.fromkeys(places[:3]))}{more}")
    print(
        f"{target}: {len(known)} torch names used, {len(missing)} missing"
        + (f" ({GAPS_PAGE})" if missing else "")
    )
    return 1 if missing else 0
