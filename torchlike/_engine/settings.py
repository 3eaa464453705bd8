"""Settings that ops read while they are traced; each combination has its own root."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .flush import flush
from .host import eager
from .infer import keep_traced
from .record import everyone

_changing = threading.Lock()


def change_setting(what: str, apply: Callable[[], None]) -> None:
    """Change a setting that ``record.root`` looks at.

    What is pending was recorded under the old setting and is computed first, in every
    thread; then the traces stand at the root of the new one.
    """
    with _changing:
        for trace in everyone():
            flush(trace, what)
        apply()
        eager.known.clear()
        keep_traced(False)
        for trace in everyone():
            with trace:
                if trace.state.parent is None:
                    trace.reset()
