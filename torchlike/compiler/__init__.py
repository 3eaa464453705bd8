"""``torch.compiler``: torchlike compiles everything; nothing has to be marked."""

from __future__ import annotations

import contextlib

from .._settings import compile as compile  # noqa: A004


def is_compiling() -> bool:
    """Whether torch.compile traces: never, as recording needs no tracing."""
    return False


def is_dynamo_compiling() -> bool:
    """Never."""
    return False


def is_exporting() -> bool:
    """Never."""
    return False


def disable(fn=None, recursive: bool = True, *, reason=None):
    """``fn`` as it is; also a decorator with arguments."""
    return fn if fn is not None else lambda wrapped: wrapped


def allow_in_graph(fn):
    """``fn`` as it is."""
    return fn


def assume_constant_result(fn):
    """``fn`` as it is."""
    return fn


def substitute_in_graph(original_fn, **options):
    """``fn`` as it is."""
    return lambda fn: fn


def cudagraph_mark_step_begin() -> None:
    """Nothing to mark."""


def reset() -> None:
    """Nothing to reset: programs stay right for the same operations."""


def list_backends(exclude_tags=()) -> list[str]:
    """XLA is the only compiler."""
    return ["xla"]


@contextlib.contextmanager
def set_stance(stance: str = "default", **options):
    """Accepted."""
    yield


def wrap_numpy(fn):
    """``fn`` as it is."""
    return fn
