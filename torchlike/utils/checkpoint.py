"""``torch.utils.checkpoint``: forget activations, compute them again for backward.

The second computation starts from inputs behind an optimisation barrier, so XLA does
not merge it with the first.
"""

from __future__ import annotations

import contextlib
import functools
import warnings

import jax

from .._devices import device
from .._engine import Single
from .._ops import _draw
from ..autograd import api
from ..autograd.apply import apply
from ..autograd.function import Function
from ..autograd.grad_mode import enable_grad, mode
from ..autograd.saved import saved_tensors_hooks
from ..autograd.variable import TensorBase


class CheckpointError(RuntimeError):
    """The second computation differs from the first."""


class _Barrier(Single):
    name = "checkpoint"
    differentiable = True
    view = None

    def grad_name(self) -> str:
        return "CheckpointBackward"

    def run(self, operands, static) -> list:
        return list(jax.lax.optimization_barrier(tuple(operands)))


_BARRIER = _Barrier()


def noop_context_fn():
    """The default of ``context_fn``: nothing around either computation."""
    return contextlib.nullcontext(), contextlib.nullcontext()


class set_checkpoint_early_stop:
    """Accepted: what is not needed of a second computation is never computed."""

    def __init__(self, enable: bool):
        self.enable = enable

    def __enter__(self):
        return None

    def __exit__(self, *exc):
        return None


class set_checkpoint_debug_enabled(set_checkpoint_early_stop):
    """Accepted; there is nothing to debug."""


def _fresh(args) -> list:
    """The tensors among ``args`` behind a barrier, off the graph."""
    saved, mode.enabled = mode.enabled, False
    try:
        tensors = [a for a in args if isinstance(a, TensorBase)]
        new = iter(apply(_BARRIER, (), tensors) if tensors else [])
    finally:
        mode.enabled = saved
    result = []
    for a in args:
        if isinstance(a, TensorBase):
            fresh = next(new)
            fresh._requires_grad = a.requires_grad
            a = fresh
        result.append(a)
    return result


class _Random:
    """The generators as they were; ``with`` goes back to that and returns."""

    def __init__(self, preserve: bool):
        self.states = _states() if preserve else []

    def __enter__(self):
        self.now = [(g, g.get_state()) for g, _ in self.states]
        for generator, state in self.states:
            generator.set_state(state)

    def __exit__(self, *exc):
        for generator, state in self.now:
            generator.set_state(state)


def _states() -> list:
    return [(g, g.get_state()) for g in _draw._defaults.values()]


class CheckpointFunction(Function):
    """The reentrant way: one node, whose backward computes and differentiates."""

    @staticmethod
    def forward(ctx, run_function, preserve_rng_state, *args):
        ctx.run_function = run_function
        ctx.random = _Random(preserve_rng_state)
        ctx.arguments = args
        if not any(isinstance(a, TensorBase) and a.requires_grad for a in args):
            warnings.warn(
                "None of the inputs have requires_grad=True. Gradients will be None",
                stacklevel=4,
            )
        ctx.save_for_backward(*(a for a in args if isinstance(a, TensorBase)))
        return run_function(*args)

    @staticmethod
    def backward(ctx, *grads):
        ctx.saved_tensors  # noqa: B018 (raises if they were freed)
        args = _fresh(ctx.arguments)
        with ctx.random, enable_grad():
            outputs = ctx.run_function(*args)
        outputs = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
        pairs = [
            (o, g)
            for o, g in zip(outputs, grads, strict=True)
            if isinstance(o, TensorBase) and o.requires_grad
        ]
        if not pairs:
            raise RuntimeError(
                "none of output has requires_grad=True, this checkpoint() is not "
                "necessary"
            )
        api.backward([o for o, _ in pairs], [g for _, g in pairs])
        return (
            None,
            None,
            *(a.grad if isinstance(a, TensorBase) else None for a in args),
        )


class _Frame:
    """The non-reentrant way: nodes save places, filled by a second computation."""

    def __init__(self, function, args, kwargs, context, preserve: bool):
        self.function = function
        self.context = context
        self.random = _Random(preserve)
        self.args, self.kwargs = args, kwargs
        self.n = 0
        self.found: list | None = None

    def pack(self, tensor) -> tuple:
        """A place in the order of saving, and what must come back there."""
        self.n += 1
        aval = tensor._value().aval
        return self.n - 1, (aval.shape, aval.dtype)

    def unpack(self, packed):
        place, wanted = packed
        if self.found is None:
            self._recompute()
        if place >= len(self.found):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved "
                "during the original forward and recomputation.\nNumber of tensors "
                f"saved during forward: {self.n}\nNumber of tensors saved during "
                f"recomputation: {len(self.found)}."
            )
        aval = self.found[place]._value().aval
        if (aval.shape, aval.dtype) != wanted:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors "
                "have different metadata than during the forward pass."
            )
        return self.found[place]

    def _recompute(self) -> None:
        found: list = []
        names = list(self.kwargs)
        args = _fresh([*self.args, *self.kwargs.values()])
        positional = args[: len(self.args)]
        named = dict(zip(names, args[len(self.args) :], strict=True))

        def keep(tensor):
            found.append(tensor)
            return tensor

        hooks = saved_tensors_hooks(keep, lambda tensor: tensor)
        with self.random, enable_grad(), hooks, self.context:
            self.function(*positional, **named)
        self.found = found


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
    """Run ``function`` without keeping what it saves for backward.

    Both ways, reentrant or not, compute it again in backward.

    **Source** https://pytorch.org/docs/stable/checkpoint.html
    """
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed "
            "explicitly. use_reentrant=False is recommended.",
            stacklevel=2,
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        if context_fn is not noop_context_fn or debug:
            raise ValueError(
                "Passing `context_fn` or `debug` is only supported when "
                "use_reentrant=False."
            )
        return CheckpointFunction.apply(function, preserve, *args)
    forward_context, context = context_fn()
    if not mode.enabled:
        with forward_context:
            return function(*args, **kwargs)
    frame = _Frame(function, args, kwargs, context, preserve)
    with saved_tensors_hooks(frame.pack, frame.unpack), forward_context:
        return function(*args, **kwargs)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **kwargs):
    """Run modules one after another in ``segments`` parts, all but the last forgotten.

    **Source** https://pytorch.org/docs/stable/checkpoint.html
    """
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter "
            "should be passed explicitly.",
            stacklevel=2,
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    functions = list(
        functions.children() if hasattr(functions, "children") else functions
    )
    size = len(functions) // segments
    end = -1
    for start in range(0, size * (segments - 1), size):
        end = start + size - 1
        part = functools.partial(_run_part, functions[start : end + 1])
        input = checkpoint(
            part, input, use_reentrant=use_reentrant, preserve_rng_state=preserve
        )
    return _run_part(functions[end + 1 :], input)


def _run_part(functions, x):
    for function in functions:
        x = function(x)
    return x


def get_device_states(*args):
    """The GPUs of the arguments and the states of their generators."""
    places = dict.fromkeys(x.get_device() for x in args if getattr(x, "is_cuda", False))
    states = [_draw.default_generator(device("cuda", i)).get_state() for i in places]
    return list(places), states


def set_device_states(devices, states, *, device_type=None) -> None:
    """Continue from states that ``get_device_states`` gave."""
    for index, state in zip(devices, states, strict=True):
        _draw.default_generator(device("cuda", index)).set_state(state)
