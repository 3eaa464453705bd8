"""``torch.__version__``: a string that also compares as a version."""

from __future__ import annotations

import re

_VERSION = re.compile(
    r"v?(?P<release>\d+(?:\.\d+)*)(?P<pre>[-_.]?(?:a|b|rc|dev)[-_.]?\d*)?"
    r"(?:\+(?P<local>[\w.-]+))?"
)


def _key(version) -> tuple | None:
    """A sortable key of ``"2.13.0+torchlike"`` or ``(2, 13)``; None if it is none."""
    if isinstance(version, (tuple, list)):
        version = ".".join(map(str, version))
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if found is None:
        return None
    release = [int(number) for number in found["release"].split(".")]
    while release and release[-1] == 0:
        release.pop()
    return (
        tuple(release),
        found["pre"] is None,
        found["pre"] or "",
        found["local"] or "",
    )


class TorchVersion(str):
    """Compares by number with ``"2.1"`` and ``(2, 1)``; with other text as text.

    A local part (``+torchlike``) makes a version later than the same one without.
    """

    def _keys(self, other) -> tuple:
        mine, others = _key(self), _key(other)
        return (str(self), other) if others is None else (mine, others)

    def __eq__(self, other) -> bool:
        mine, others = self._keys(other)
        return mine == others

    def __lt__(self, other) -> bool:
        mine, others = self._keys(other)
        return mine < others

    def __le__(self, other) -> bool:
        mine, others = self._keys(other)
        return mine <= others

    def __gt__(self, other) -> bool:
        mine, others = self._keys(other)
        return mine > others

    def __ge__(self, other) -> bool:
        mine, others = self._keys(other)
        return mine >= others

    __hash__ = str.__hash__
