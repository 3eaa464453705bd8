"""Clip gradients by their total norm or by value: one recorded op for all of them."""

from __future__ import annotations

import math
import types
import warnings
from collections.abc import Iterable

import jax.numpy as jnp
import numpy as np

from ..._engine import Number, from_host
from ..._ops._op import Arrays, op
from ..._tensor import Tensor
from ...autograd.variable import wrap

_HALF = (jnp.float16, jnp.bfloat16)
_ZERO = np.zeros((), np.float32)


def _norm(x, p: float):
    """The p-norm of all elements, as torch.linalg.vector_norm."""
    size = jnp.abs(x.astype(jnp.float32) if x.dtype in _HALF else x)
    kind = x.real.dtype
    if p == math.inf:
        norm = jnp.max(size)
    elif p == -math.inf:
        norm = jnp.min(size)
    elif p == 0:
        norm = jnp.count_nonzero(size)
    elif p == 1:
        norm = jnp.sum(size)
    elif p == 2:
        norm = jnp.sqrt(jnp.sum(size * size))
    else:
        norm = jnp.sum(size**p) ** (1 / p)
    return norm.astype(kind)


def _total(grads, p: float):
    norms = [_norm(g, p) for g in grads]
    kind = jnp.result_type(*norms)
    return _norm(jnp.stack([n.astype(kind) for n in norms]), p)


def _scaled(grads, total, max_norm) -> list:
    limit = max_norm.array if isinstance(max_norm, Number) else max_norm
    small = jnp.asarray(1e-6, total.dtype)
    factor = jnp.minimum(limit.astype(total.dtype) / (total + small), 1)
    # A scalar does not promote: the product is taken in the gradient's own type.
    return [(g * factor.astype(g.real.dtype)).astype(g.dtype) for g in grads]


@op(scope=None, method=False, differentiable=False)
def _total_norm(grads: Arrays, *, p: float):
    return _total(grads, p)


@op(scope=None, method=False, differentiable=False, returns=())
def _clip_by_norm(grads: Arrays, limit: Arrays, *, p: float):
    total = _total(grads, p)
    return (total, *_scaled(grads, total, *limit))


@op(scope=None, method=False, differentiable=False, returns=())
def _clip_with_norm(grads: Arrays, total: Arrays, limit: Arrays):
    return tuple(_scaled(grads, *total, *limit))


@op(scope=None, method=False, differentiable=False, returns=())
def _clip_by_value(grads: Arrays, limit: Arrays):
    (limit,) = limit
    bounds = [limit.array.astype(g.dtype) for g in grads]
    return tuple(jnp.clip(g, -b, b) for g, b in zip(grads, bounds, strict=True))


def _limit(value):
    return value if isinstance(value, Tensor) else float(value)


def _grads(parameters) -> list[Tensor]:
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    return [g for g in [p.grad for p in parameters] if g is not None]


def _write(grads, new) -> None:
    for grad, value in zip(grads, new, strict=True):
        grad._overwrite(value)


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all elements of ``tensors``, as of one long vector.

    Raises RuntimeError if it is not finite and ``error_if_nonfinite`` (which reads it).
    """
    tensors = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    if not tensors:
        return wrap(from_host(_ZERO))
    norm = _total_norm(tensors, p=float(norm_type))
    if error_if_nonfinite and not math.isfinite(norm.item()):
        raise RuntimeError(
            f"The total norm of order {float(norm_type)} for gradients from "
            "`parameters` is non-finite, so it cannot be clipped. To disable this "
            "error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return norm


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    total_norm: Tensor,
    foreach: bool | None = None,
) -> None:
    """Scale the gradients by ``max_norm / total_norm`` where that is below 1."""
    grads = _grads(parameters)
    if grads:
        _write(grads, _clip_with_norm(grads, [total_norm], [_limit(max_norm)]))


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale the gradients down to a total norm of at most ``max_norm``.

    Returns the norm they had before. Nothing waits for the device.

    **Source** https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
    """
    grads = _grads(_listed(parameters))
    if not grads or error_if_nonfinite:
        total = get_total_norm(grads, norm_type, error_if_nonfinite)
        if grads:
            _write(grads, _clip_with_norm(grads, [total], [_limit(max_norm)]))
        return total
    total, *new = _clip_by_norm(grads, [_limit(max_norm)], p=float(norm_type))
    _write(grads, new)
    return total


def _listed(parameters):
    if isinstance(parameters, Tensor):
        return [parameters]
    listed = list(parameters)
    if not listed and isinstance(parameters, types.GeneratorType):
        warnings.warn(
            "`parameters` is an empty generator, no gradient clipping will occur.",
            stacklevel=3,
        )
    return listed


def clip_grad_norm(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The old name of ``clip_grad_norm_``."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of "
        "`torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor],
    clip_value: float,
    foreach: bool | None = None,
) -> None:
    """Bring every element of the gradients into ``[-clip_value, clip_value]``."""
    grads = _grads(parameters)
    if grads:
        _write(grads, _clip_by_value(grads, [float(clip_value)]))
