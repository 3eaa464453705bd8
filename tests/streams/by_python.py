"""Draw without the samplers in C: what is drawn where they could not be built."""

from __future__ import annotations

import contextlib
import sys
from unittest import mock

import torchlike  # noqa: F401 (imports them all)
from torchlike._streams import native


def _users() -> list:
    """The modules that draw by ``samplers``, each by a name of its own."""
    prefix = native.__name__.rpartition(".")[0] + "."
    loaded = [m for name, m in list(sys.modules.items()) if name.startswith(prefix)]
    return [m for m in loaded if hasattr(m, "samplers")]


@contextlib.contextmanager
def by_python():
    with contextlib.ExitStack() as stack:
        for module in _users():
            stack.enter_context(mock.patch.object(module, "samplers", None))
        yield


# Each way of drawing that there is here: what to draw in.
WAYS = (contextlib.nullcontext, by_python) if native.samplers else (by_python,)
