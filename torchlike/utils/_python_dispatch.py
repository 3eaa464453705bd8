"""``torch.utils._python_dispatch``: there is no dispatcher below the functions here."""

from __future__ import annotations

import contextlib


class TorchDispatchMode:
    """A mode that would see operations of PyTorch's C++ dispatcher."""

    def __init__(self, _dispatch_key=None) -> None:
        pass

    def __enter__(self):
        raise NotImplementedError(
            "TorchDispatchMode: operations are recorded, not dispatched "
            "(docs/differences.md); torch.overrides.TorchFunctionMode sees the calls"
        )

    def __exit__(self, *exc) -> None:
        pass


@contextlib.contextmanager
def _disable_current_modes():
    yield []


def is_traceable_wrapper_subclass(t) -> bool:
    """Never."""
    return False


def is_traceable_wrapper_subclass_type(t) -> bool:
    """Never."""
    return False


def _get_current_dispatch_mode() -> None:
    return None
