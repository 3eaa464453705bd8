"""What a missing module says: its torch name and the page listing the gaps.

It is a ``ModuleNotFoundError``, never ``NotImplementedError``: packages probe for it.
"""

from __future__ import annotations

from torchlike._dropin.names import alias_name, is_alias, is_own
from torchlike._errors import GAPS_PAGE


def missing_module(fullname: str) -> ModuleNotFoundError:
    """The error for ``import torch.x`` where torchlike has no such module."""
    return ModuleNotFoundError(
        f"No module named '{fullname}'; torchlike lists what it lacks in {GAPS_PAGE}",
        name=fullname,
    )


def add_gap_note(error: BaseException) -> None:
    """Name the gaps page in an error of ``from torch import x``, worded by Python."""
    if not isinstance(error, ImportError) or GAPS_PAGE in str(error):
        return
    name = error.name or ""
    public = alias_name(name)
    if (is_own(name) or is_alias(name)) and "._" not in public:
        error.add_note(f"torchlike lists what it lacks in {GAPS_PAGE}")
