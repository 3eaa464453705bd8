"""What tracing an op has shown, kept on disk.

To find it takes milliseconds for each kind of call; a training script's first step
meets a hundred kinds. A process appends what it finds to a file and reads that file
when it first asks. The files are this version's and this environment's alone.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path

from .. import _config
from .identity import Nameless, describe, digest, here, settings

_MAX_BYTES = 16 << 20  # of a file; a larger one is begun anew


def name_of(what: str, *parts) -> str | None:
    """The key of a fact; None where it cannot be kept."""
    if _config.cache_folder is None:
        return None
    try:
        return digest(what, settings(), *map(describe, parts))
    except Nameless:
        return None


class Facts:
    """Facts of one kind, in a file of their own."""

    def __init__(self, kind: str):
        self._kind = kind
        self._known: dict[str, object] | None = None  # None: not read yet
        self._new: dict[str, object] = {}

    def find(self, name: str | None) -> object | None:
        """A fact an earlier process found."""
        if name is None:
            return None
        if self._known is None:
            self.read()
        return self._known.get(name)

    def read(self) -> None:
        """Read the file, if that is not done."""
        if self._known is None and _config.cache_folder is not None:
            self._known = _read(self._path())

    def keep(self, name: str | None, fact: object) -> None:
        """Note a fact for later processes; ``save`` writes it."""
        if name is not None:
            self._new[name] = fact

    def save(self) -> None:
        """Append what is new to the file; what cannot be written is forgotten."""
        if not self._new or _config.cache_folder is None:
            return
        data = pickle.dumps(dict(self._new))
        self._new.clear()
        try:
            path = self._path()
            path.parent.mkdir(parents=True, exist_ok=True)
            grown = path.exists() and path.stat().st_size > _MAX_BYTES
            flags = os.O_TRUNC if grown else os.O_APPEND
            file = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o644)
            try:
                os.write(file, data)
            finally:
                os.close(file)
        except OSError:
            pass

    def _path(self) -> Path:
        return _config.cache_folder / f"{here()}.{self._kind}"


# Of calls: the shapes of their results, and the operands that a derivative needs.
calls = Facts("facts")
# How NumPy computes a call (see ``host.stepwise``): large, and seldom wanted.
plans = Facts("plans")


def save() -> None:
    """Write all that is new."""
    calls.save()
    plans.save()


def _read(path: Path) -> dict[str, object]:
    """All facts of the file. A damaged one goes: what is added behind is never read."""
    known: dict[str, object] = {}
    try:
        with path.open("rb") as file:
            while True:
                known.update(pickle.load(file))
    except (OSError, EOFError):
        return known
    except Exception:  # pickle raises whatever the damage makes it meet
        path.unlink(missing_ok=True)
        return known
