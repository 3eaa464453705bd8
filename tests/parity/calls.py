"""One comparison: a call of PyTorch, the same call of torchlike, the verdict.

Our calls only record; the results of many are read together, so that they are one
compiled program. If that fails, each call is made again and read by itself.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field

import torchlike as ours

from .compare import Different, compare
from .results import FAIL, MISSING, PASS, Row
from .translate import Missing


@dataclass
class Call:
    """``make()`` calls torchlike; ``want`` is what PyTorch returned."""

    check: str
    make: Callable
    want: object
    loose: tuple | None = None
    values: bool = True
    process: Callable = field(default=lambda result: result)
    result: object = None
    error: Exception | None = None

    def record(self) -> None:
        """Call torchlike without reading the result."""
        self.result = self.error = None
        try:
            self.result = self.make()
        except Exception as error:
            self.error = error.with_traceback(None)

    def verdict(self) -> None:
        """Compare; sets ``error``."""
        if self.error is not None:
            return
        try:
            compare(self.result, self.want, self.check, self.loose, self.values)
        except Exception as error:
            self.error = error.with_traceback(None)
        self.result = None

    @property
    def broken(self) -> bool:
        """Whether the program failed, rather than the comparison."""
        return self.error is not None and not isinstance(self.error, Different)


def settle(calls: list[Call]) -> None:
    """Make all calls, then compare all results."""
    for call in calls:
        call.record()
    recorded = [call for call in calls if call.error is None]
    for call in recorded:
        call.verdict()
    again = [call for call in recorded if call.broken]
    gc.collect()
    for call in again if len(recorded) > 1 else []:
        call.record()
        call.verdict()


def rows(entry: str, dtype: str, calls: list[Call]) -> list[Row]:
    """One row for each check among the calls."""
    found = []
    for check in dict.fromkeys(call.check for call in calls):
        mine = [call for call in calls if call.check == check]
        bad = [call for call in mine if call.error is not None]
        status, text = PASS, ""
        if bad:
            status, text = describe(bad[0].error)
            if any(describe(call.error)[0] == FAIL for call in bad):
                status = FAIL
        found.append(Row(entry, dtype, check, status, len(mine), len(bad), text))
    return found


def describe(error: Exception) -> tuple[str, str]:
    """The status and the text of a failure."""
    text = " ".join(str(error).split())[:300]
    if isinstance(error, Missing):
        return MISSING, text
    if isinstance(error, Different):
        return FAIL, text
    text = f"{type(error).__name__}: {text}"
    absent = isinstance(error, AttributeError) and "has no attribute" in text
    if isinstance(error, NotImplementedError) and "not implemented for" in text:
        return FAIL, text
    return (MISSING if absent or isinstance(error, NotImplementedError) else FAIL), text


def is_ours(x) -> bool:
    """Whether this is one of our tensors."""
    return isinstance(x, ours.Tensor)
