"""Names for the arrays of a checkpoint, from where they stand in it."""

from __future__ import annotations

import re

_ODD = re.compile(r"[^\w.\-]")
_LONGEST = 150  # characters


class Namer:
    """Gives ``model.fc1.weight`` for a path of keys; never the same name twice."""

    def __init__(self):
        self._given: set[str] = set()

    def __call__(self, path: tuple) -> str:
        parts = (str(p) if isinstance(p, str | int) else "key" for p in path)
        wish = _ODD.sub("_", ".".join(parts))[:_LONGEST].strip(".") or "value"
        name, number = wish, 1
        while name in self._given:
            number += 1
            name = f"{wish}-{number}"
        self._given.add(name)
        return name
