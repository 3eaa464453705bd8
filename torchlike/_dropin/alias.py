"""Puts the alias in place and takes it away again."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import warnings
from collections.abc import Iterable
from types import ModuleType

from torchlike._dropin import children, classes
from torchlike._dropin.finder import AliasFinder
from torchlike._dropin.names import ALIAS, OWN, alias_name, is_alias, is_own

_FINDER = AliasFinder()
_LOCK = threading.RLock()
_displaced: dict[str, ModuleType] = {}
_shut_out: set[str] = set()


def installed() -> bool:
    """Whether ``import torch`` means torchlike in this process."""
    return _FINDER in sys.meta_path


def install(without: Iterable[str] = ()) -> None:
    """Make ``import torch`` mean torchlike, here and in spawned children.

    ``import torchvision`` means torchlike's own too, unless the environment variable
    ``TORCHLIKE_TORCHVISION`` is ``installed`` and so leaves it to the installed one.

    Packages named in ``without``, or with commas in ``TORCHLIKE_WITHOUT``, count as not
    installed: those that call PyTorch's C++, which their users can do without.
    """
    with _LOCK:
        _shut(without)
        if installed():
            return
        own = importlib.import_module(OWN)
        _displace_real_torch(own)
        sys.meta_path.insert(0, _FINDER)
        own.__name__ = ALIAS  # packages ask torch for its name
        classes.watch()
        _alias_loaded_modules()
        children.inherit(install)


def uninstall() -> None:
    """Undo :func:`install`; a real torch that it displaced is put back."""
    with _LOCK:
        if not installed():
            return
        children.disinherit()
        classes.unwatch()
        sys.modules[OWN].__name__ = OWN
        for name in _shut_out:
            if sys.modules.get(name, ...) is None:
                del sys.modules[name]
        _shut_out.clear()
        sys.meta_path.remove(_FINDER)
        for name in filter(is_alias, list(sys.modules)):
            del sys.modules[name]
        sys.modules.update(_displaced)
        _displaced.clear()


def _shut(names: Iterable[str]) -> None:
    # None in `sys.modules` makes an import fail and `find_spec` answer None.
    listed = os.environ.get("TORCHLIKE_WITHOUT", "").split(",")
    for name in {*names, *filter(None, map(str.strip, listed))}:
        if name not in sys.modules:
            sys.modules[name] = None
            _shut_out.add(name)


def _displace_real_torch(own: ModuleType) -> None:
    if sys.modules.get(ALIAS, own) is own:
        return
    warnings.warn(
        "PyTorch itself was imported before torchlike took its name: what already "
        "holds the real torch keeps it, and tensors of the two cannot be mixed. "
        "Start the script with `python -m torchlike`, or install the alias first.",
        RuntimeWarning,
        stacklevel=3,
    )
    for name in filter(is_alias, list(sys.modules)):
        _displaced[name] = sys.modules.pop(name)


def _alias_loaded_modules() -> None:
    # SciPy and scikit-learn look into `sys.modules` for torch without importing it.
    # A copy: threads that load programs import meanwhile (see _engine/ahead.py).
    own = {n: module for n, module in sys.modules.copy().items() if is_own(n)}
    sys.modules.update({alias_name(name): module for name, module in own.items()})
