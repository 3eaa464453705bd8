"""The names and the version under which torchlike answers for ``torch``."""

from __future__ import annotations

OWN = "torchlike"
ALIAS = "torch"
REPORTED_VERSION = "2.13.0+torchlike"


def is_alias(fullname: str) -> bool:
    """Whether ``fullname`` is ``torch`` or a module below it."""
    return fullname == ALIAS or fullname.startswith(ALIAS + ".")


def is_own(fullname: str) -> bool:
    """Whether ``fullname`` is ``torchlike`` or a module below it."""
    return fullname == OWN or fullname.startswith(OWN + ".")


def own_name(fullname: str) -> str:
    """``torch.nn.functional`` -> ``torchlike.nn.functional``."""
    return OWN + fullname.removeprefix(ALIAS)


def alias_name(fullname: str) -> str:
    """``torchlike.nn.functional`` -> ``torch.nn.functional``."""
    return ALIAS + fullname.removeprefix(OWN)
