"""What tracing an op has shown, kept on disk: shapes of results, operands to save.

To find it takes milliseconds for each kind of call; a training script's first step
meets a hundred kinds. A process appends what it finds to one file and reads that file
when it first asks. The file is this version's and this environment's alone.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path

from .. import _config
from .identity import Nameless, describe, digest, here, settings

_MAX_BYTES = 16 << 20  # of the file; a larger one is begun anew

_known: dict[str, tuple] | None = None  # None: not read yet
_new: dict[str, tuple] = {}


def name_of(what: str, *parts) -> str | None:
    """The key of a fact; None where it cannot be kept."""
    if _config.cache_folder is None:
        return None
    try:
        return digest(what, settings(), *map(describe, parts))
    except Nameless:
        return None


def find(name: str | None) -> tuple | None:
    """A fact an earlier process found."""
    if name is None:
        return None
    if _known is None:
        read()
    return _known.get(name)


def read() -> None:
    """Read the file, if that is not done."""
    global _known
    if _known is None and _config.cache_folder is not None:
        _known = _read(_path())


def keep(name: str | None, fact: tuple) -> None:
    """Note a fact for later processes; ``save`` writes it."""
    if name is not None:
        _new[name] = fact


def save() -> None:
    """Append what is new to the file; what cannot be written is forgotten."""
    if not _new or _config.cache_folder is None:
        return
    data = pickle.dumps(dict(_new))
    _new.clear()
    try:
        path = _path()
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


def _path() -> Path:
    return _config.cache_folder / f"{here()}.facts"


def _read(path: Path) -> dict[str, tuple]:
    """All facts of the file. A damaged one goes: what is added behind is never read."""
    known: dict[str, tuple] = {}
    try:
        with path.open("rb") as file:
            while True:
                known.update(pickle.load(file))
    except (OSError, EOFError):
        return known
    except Exception:  # pickle raises whatever the damage makes it meet
        path.unlink(missing_ok=True)
        return known
