"""The names and the versions under which torchlike answers for ``torch``."""

from __future__ import annotations

import os

OWN = "torchlike"
ALIAS = "torch"
REPORTED_VERSION = "2.13.0+torchlike"

VISION = "torchvision"
VISION_OWN = f"{OWN}._torchvision"
VISION_VERSION = "0.28.0+torchlike"  # the release that goes with that PyTorch
VISION_SETTING = "TORCHLIKE_TORCHVISION"

VERSIONS = {ALIAS: REPORTED_VERSION, VISION: VISION_VERSION}


def answers_for_vision() -> bool:
    """Whether ``torchvision`` is ours too, even where the package is installed.

    ``TORCHLIKE_TORCHVISION=installed`` leaves the name to the installed package, whose
    Python code runs on torchlike and whose C++ operations do not.
    """
    return os.environ.get(VISION_SETTING) != "installed"


def is_alias(fullname: str) -> bool:
    """Whether ``fullname`` is ``torch``, ``torchvision`` or a module below them."""
    first = fullname.partition(".")[0]
    return first == ALIAS or (first == VISION and answers_for_vision())


def is_own(fullname: str) -> bool:
    """Whether ``fullname`` is ``torchlike`` or a module below it."""
    return fullname == OWN or fullname.startswith(OWN + ".")


def own_name(fullname: str) -> str:
    """``torch.nn.functional`` -> ``torchlike.nn.functional``."""
    first, dot, rest = fullname.partition(".")
    return (VISION_OWN if first == VISION else OWN) + dot + rest


def alias_name(fullname: str) -> str:
    """``torchlike.nn.functional`` -> ``torch.nn.functional``."""
    if fullname == VISION_OWN or fullname.startswith(VISION_OWN + "."):
        return VISION + fullname.removeprefix(VISION_OWN)
    return ALIAS + fullname.removeprefix(OWN)
