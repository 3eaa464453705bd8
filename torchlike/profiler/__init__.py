"""``torch.profiler``: where the time goes, as far as Python sees it.

Operations run inside compiled programs, so the table shows the ranges named with
``record_function``, the steps, and what the engine did: flushes and compiles.
``torch.profiler`` with ``TORCHLIKE_LOG=compile,flush`` or ``--explain`` tells more.
"""

from __future__ import annotations

from ._ranges import record_function as record_function
from ._report import EventList as EventList
from ._report import FunctionEventAvg as FunctionEventAvg
from .profiler import ProfilerAction as ProfilerAction
from .profiler import ProfilerActivity as ProfilerActivity
from .profiler import profile as profile
from .profiler import schedule as schedule
from .profiler import supported_activities as supported_activities
from .profiler import tensorboard_trace_handler as tensorboard_trace_handler


def kineto_available() -> bool:
    """Never: XLA has its own profiler."""
    return False


class itt:
    """``torch.profiler.itt``: not available."""

    @staticmethod
    def is_available() -> bool:
        """Never."""
        return False
