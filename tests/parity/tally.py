"""Checks of many samples summed up: one row per dtype and check."""

from __future__ import annotations

import warnings

from .results import FAIL, MISSING, PASS, Row


class Tally:
    """Counts the outcomes of one entry's checks and keeps the first failure's text."""

    def __init__(self, entry: str, dtype: str):
        self.entry, self.dtype = entry, dtype
        self.rows: dict[str, Row] = {}

    def add(self, check: str, where: str, function) -> bool:
        """Run a check; whether it passed. Any exception is its outcome."""
        row = self.rows.setdefault(check, Row(self.entry, self.dtype, check, PASS))
        row.count += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                function()
            except Exception as error:
                self._fail(row, where, error)
                return False
        return True

    def _fail(self, row: Row, where: str, error: Exception) -> None:
        row.failed += 1
        if row.status != PASS:
            return
        gap = isinstance(error, (NotImplementedError, AttributeError))
        row.status = MISSING if gap else FAIL
        row.text = f"{where}: {type(error).__name__}: {error}"[:300]
