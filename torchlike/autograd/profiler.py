"""``torch.autograd.profiler``: the old address of ``torch.profiler``."""

from __future__ import annotations

import contextlib

from ..profiler import profile as profile
from ..profiler import record_function as record_function


@contextlib.contextmanager
def emit_nvtx(enabled: bool = True, record_shapes: bool = False):
    """Accepted."""
    yield


emit_itt = emit_nvtx
