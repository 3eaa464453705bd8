"""``torch.autograd.detect_anomaly``: a backward that makes NaN is an error."""

from __future__ import annotations

import warnings

_enabled = False
_check_nan = True


def is_anomaly_enabled() -> bool:
    """Whether it is on."""
    return _enabled


def is_anomaly_check_nan_enabled() -> bool:
    """Whether NaN would be looked for."""
    return _check_nan


def set_anomaly_enabled(mode: bool, check_nan: bool = True) -> None:
    """Switch it; NaN are not looked for yet, which is said once."""
    global _enabled, _check_nan
    if mode and not _enabled:
        warnings.warn(
            "Anomaly Detection has been enabled: torchlike accepts it but does not "
            "look for NaN in backward passes (docs/differences.md)",
            stacklevel=3,
        )
    _enabled, _check_nan = bool(mode), check_nan


class detect_anomaly:
    """``with torch.autograd.detect_anomaly():``; accepted, NaN are not looked for."""

    def __init__(self, check_nan: bool = True) -> None:
        self.prev, self.prev_check_nan = _enabled, _check_nan
        self.check_nan = check_nan

    def __enter__(self) -> None:
        set_anomaly_enabled(True, self.check_nan)

    def __exit__(self, *exc) -> None:
        set_anomaly_enabled(self.prev, self.prev_check_nan)


class set_detect_anomaly(detect_anomaly):
    """The switch as a function, and as a context manager."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        super().__init__(check_nan)
        set_anomaly_enabled(mode, check_nan)

    def __enter__(self) -> None:
        pass
