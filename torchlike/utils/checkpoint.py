"""``torch.utils.checkpoint``: the same numbers; XLA decides what it keeps.

The function runs once, as it is. The recorded step is one program, in which XLA plans
the memory of the whole forward and backward, so nothing is run twice.
"""

from __future__ import annotations

import contextlib
import enum
import warnings

DefaultDeviceType = "cuda"


class CheckpointPolicy(enum.Enum):
    """What selective checkpointing may say of an operation."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3


class CheckpointError(RuntimeError):
    """PyTorch's error of a recomputation that differs."""


def noop_context_fn():
    """Two contexts that do nothing."""
    return contextlib.nullcontext(), contextlib.nullcontext()


def checkpoint(
    function,
    *args,
    use_reentrant: bool | None = None,
    context_fn=noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs,
):
    """``function(*args, **kwargs)``."""
    kwargs.pop("preserve_rng_state", None)  # nothing is drawn twice
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed "
            "explicitly.",
            stacklevel=2,
        )
    if use_reentrant and kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    forward, _ = context_fn()
    with forward:
        return function(*args, **kwargs)


def checkpoint_sequential(
    functions, segments: int, input, use_reentrant=None, **kwargs
):
    """The functions one after another."""
    kwargs.pop("preserve_rng_state", None)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    for function in functions:
        input = function(input)
    return input


def create_selective_checkpoint_contexts(
    policy_fn_or_list, allow_cache_entry_mutation=False
):
    """Two contexts that do nothing: nothing is recomputed."""
    return noop_context_fn()


@contextlib.contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None):
    """Accepted."""
    yield


set_checkpoint_early_stop = set_checkpoint_debug_enabled


def detach_variable(inputs: tuple) -> tuple:
    """The tensors off the graph; leaves that keep ``requires_grad``."""
    if not isinstance(inputs, tuple):
        raise RuntimeError(
            "Only tuple of tensors is supported. Got Unsupported input type: ",
            type(inputs).__name__,
        )
    made = []
    for x in inputs:
        detached = x
        if hasattr(x, "detach"):
            detached = x.detach()
            detached.requires_grad = x.requires_grad
        made.append(detached)
    return tuple(made)


def check_backward_validity(inputs) -> None:
    """Warn where no input requires a gradient."""
    if not any(getattr(x, "requires_grad", False) for x in inputs):
        warnings.warn(
            "None of the inputs have requires_grad=True. Gradients will be None",
            stacklevel=2,
        )
