"""Names torchlike lacks: the error that says so, and where the gaps are listed."""

from __future__ import annotations

import pkgutil

from ._errors import GAPS_PAGE


def missing(name: str, module: str = "torch") -> AttributeError:
    """The error for a name of PyTorch's that is not there; probes catch it."""
    # Python itself adds the module and the name, and "Did you mean" from them.
    return AttributeError(
        f"module '{module}' has no attribute '{name}' "
        f"({GAPS_PAGE} lists what torchlike lacks)"
    )


def submodules(path) -> frozenset[str]:
    """The public submodules of a package."""
    names = (m.name for m in pkgutil.iter_modules(path))
    return frozenset(n for n in names if not n.startswith("_"))
