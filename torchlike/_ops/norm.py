"""Normalisation over features, groups, batches and neighbouring channels."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
from jax import lax

from ..autograd.grad_mode import mode
from ..autograd.variable import wrap
from ._batch_norm import standardise_channels
from ._compute import as_float, require_float, widen
from ._op import Array, Ints, Scalar, composite, op
from ._write import overwrite


def _standardise(x, axes, eps: float):
    """x with mean 0 and variance 1 over ``axes``; also the mean and the variance."""
    mean = jnp.mean(x, axes, keepdims=True)
    centred = x - mean
    var = jnp.mean(jnp.square(centred), axes, keepdims=True)
    return centred * lax.rsqrt(var + eps), mean, var


def _affine(x, weight, bias, shape):
    if weight is not None:
        x = x * widen(weight).reshape(shape)
    return x if bias is None else x + widen(bias).reshape(shape)


def _check_mixed(input, *others) -> None:
    for x in others:
        if x is None or x.dtype == input.dtype:
            continue
        if input.dtype.itemsize > 2 or x.dtype != jnp.float32:
            raise RuntimeError(
                "mixed dtype (CPU): all inputs must share same datatype."
            )


# Over the last dimensions


def _check_normalized(name: str, input, shape, weight, bias=None) -> None:
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing "
            "at least one element, but got normalized_shape = []"
        )
    for what, x in (("weight", weight), ("bias", bias)):
        if x is not None and x.shape != shape:
            raise RuntimeError(
                f"Expected {what} to be of same shape as normalized_shape, but got "
                f"{what} of shape {list(x.shape)} and normalized_shape = {list(shape)}"
            )
    if input.shape[-len(shape) :] != shape:
        inner = ", ".join(map(str, shape))
        star = "*, " if name == "layer_norm" else "*"
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape "
            f"[{star}{inner}], but got input of size{list(input.shape)}"
        )


@op(scope=None, method=False, backward="NativeLayerNormBackward0")
def _layer_norm(
    input: Array, normalized_shape: Ints, weight: Array | None,
    bias: Array | None, eps: float,
) -> Array:  # fmt: skip
    _check_normalized("layer_norm", input, normalized_shape, weight, bias)
    require_float(input, "LayerNormKernelImpl")
    _check_mixed(input, weight, bias)
    axes = tuple(range(-len(normalized_shape), 0))
    out, _, _ = _standardise(widen(input), axes, eps)
    return _affine(out, weight, bias, normalized_shape).astype(input.dtype)


@composite(scope="nn.functional")
def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05):
    """Normalise over the last dimensions, then scale and shift.

    **Shape** input (…, normalized_shape); weight and bias normalized_shape.
    """
    return _layer_norm(input, normalized_shape, weight, bias, eps)


@composite(name="layer_norm", scope="torch")
def _torch_layer_norm(
    input, normalized_shape, weight=None, bias=None, eps=1e-05, cudnn_enable=True
):
    """``torch.nn.functional.layer_norm``; the last argument changes nothing here."""
    return _layer_norm(input, normalized_shape, weight, bias, eps)


@op(scope="torch nn.functional", method=False, backward="MulBackward0")
def rms_norm(
    input: Array,
    normalized_shape: Ints,
    weight: Array | None = None,
    eps: float | None = None,
) -> Array:
    """Divide by the root mean square over the last dimensions, then scale.

    ``eps`` defaults to the machine epsilon of the input's dtype.
    """
    _check_normalized("rms_norm", input, normalized_shape, weight)
    x = widen(input)
    # For half precision too PyTorch takes the epsilon of the dtype it computes in.
    eps = float(jnp.finfo(x.dtype).eps) if eps is None else eps
    axes = tuple(range(-len(normalized_shape), 0))
    out = x * lax.rsqrt(jnp.mean(jnp.square(x), axes, keepdims=True) + eps)
    return _affine(out, weight, None, normalized_shape).astype(input.dtype)


# Over groups of channels


def _check_channels(what: str, x, shape) -> None:
    if x is not None and x.shape != shape[1:2]:
        raise RuntimeError(
            f"Expected {what} to be a vector of size equal to the number of channels "
            f"in input, but got {what} of shape {list(x.shape)} and input of shape "
            f"{list(shape)}"
        )


def _per_channel(ndim: int) -> tuple[int, ...]:
    return (1, -1, *[1] * (ndim - 2))


@op(scope=None, method=False, backward="NativeGroupNormBackward0")
def _group_norm(
    input: Array, num_groups: int, weight: Array | None, bias: Array | None, eps: float
) -> Array:
    shape = input.shape
    if input.ndim < 2:
        raise RuntimeError(
            f"Expected at least 2 dimensions for input tensor but received {input.ndim}"
        )
    if shape[1] % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but "
            f"got input of shape {list(shape)} and num_groups={num_groups}"
        )
    _check_channels("weight", weight, shape)
    _check_channels("bias", bias, shape)
    require_float(input, "GroupNormKernelImpl")
    _check_mixed(input, weight, bias)
    each = math.prod(shape[1:]) // num_groups
    grouped = widen(input).reshape(shape[0], num_groups, each)
    out, _, _ = _standardise(grouped, (2,), eps)
    out = _affine(out.reshape(shape), weight, bias, _per_channel(input.ndim))
    return out.astype(input.dtype)


@composite(scope="nn.functional")
def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05):
    """Normalise over groups of channels and all positions, then scale and shift.

    **Shape** input (N, C, …); weight and bias (C).
    """
    return _group_norm(input, num_groups, weight, bias, eps)


@composite(name="group_norm", scope="torch")
def _torch_group_norm(
    input, num_groups, weight=None, bias=None, eps=1e-05, cudnn_enabled=True
):
    """``torch.nn.functional.group_norm``; the last argument changes nothing here."""
    return _group_norm(input, num_groups, weight, bias, eps)


# Over the batch


def _check_features(input, **vectors) -> None:
    channels = input.shape[1] if input.ndim > 1 else 0
    for name, x in vectors.items():
        if x is not None and x.size != channels:
            raise RuntimeError(
                f"{name} should contain {channels} elements not {x.size}"
            )
    require_float(input, "batch_norm")
    _check_mixed(input, *vectors.values())


def _blend(old, new, momentum, samples: int):
    """The running statistic ``old`` moved towards ``new``."""
    if not samples:  # an empty batch leaves them alone
        return old
    new = lax.stop_gradient(new.reshape(old.shape))
    return (old * (1 - momentum) + new * momentum).astype(old.dtype)


def update_statistics(running, new) -> None:
    """Make the ``new`` statistics, if any, the contents of the running ones."""
    for old, statistic in zip(running, new, strict=False):
        if mode.levels or old._view is not None:
            overwrite(old, wrap(statistic._value()))
        else:
            old._storage.write(statistic._storage.value)


@op(scope=None, method=False, backward="NativeBatchNormBackward0", returns=())
def _batch_norm_train(
    input: Array,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Array | None,
    bias: Array | None,
    momentum: Scalar = 0.1,
    eps: float = 1e-05,
):
    """The result, then the new running statistics if there are old ones."""
    _check_features(
        input,
        running_mean=running_mean,
        running_var=running_var,
        weight=weight,
        bias=bias,
    )
    weight, bias = (None if x is None else widen(x) for x in (weight, bias))
    out, mean, var = standardise_channels(widen(input), weight, bias, eps)
    out = out.astype(input.dtype)
    if running_mean is None:
        return (out,)
    n = input.size // input.shape[1]
    return (
        out,
        _blend(running_mean, mean, momentum, n),
        _blend(running_var, var * (n / max(n - 1, 1)), momentum, n),
    )


@op(scope=None, method=False, backward="NativeBatchNormBackward0")
def _batch_norm_eval(
    input: Array,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Array | None,
    bias: Array | None,
    eps: float,
) -> Array:
    for name, x in (("running_mean", running_mean), ("running_var", running_var)):
        if x is None:
            raise RuntimeError(f"{name} must be defined in evaluation mode")
    _check_features(
        input,
        running_mean=running_mean,
        running_var=running_var,
        weight=weight,
        bias=bias,
    )
    shape = _per_channel(input.ndim) if input.ndim > 1 else (-1,)
    scale = lax.rsqrt(widen(running_var) + eps).reshape(shape)
    out = (widen(input) - widen(running_mean).reshape(shape)) * scale
    return _affine(out, weight, bias, shape).astype(input.dtype)


def _shape(tensor) -> tuple[int, ...]:
    return tensor._value().aval.shape


def _size_text(shape) -> str:
    return f"torch.Size({list(shape)})"


@composite(scope="nn.functional")
def batch_norm(
    input,
    running_mean,
    running_var,
    weight=None,
    bias=None,
    training=False,
    momentum=0.1,
    eps=1e-05,
):
    """Normalise each channel.

    In training they are those of the batch, and ``running_mean`` and ``running_var``
    are updated in place; else the running ones are used.

    **Shape** input (N, C, …); the others (C).
    """
    if not training:
        return _batch_norm_eval(input, running_mean, running_var, weight, bias, eps)
    shape = _shape(input)
    if math.prod(shape) // max(shape[1], 1) == 1:
        raise ValueError(
            "Expected more than 1 value per channel when training, got input size "
            f"{_size_text(shape)}"
        )
    out, *new = _batch_norm_train(
        input, running_mean, running_var, weight, bias, momentum, eps
    )
    update_statistics((running_mean, running_var), new)
    return out


@composite(name="batch_norm", scope="torch")
def _torch_batch_norm(
    input,
    weight,
    bias,
    running_mean,
    running_var,
    training,
    momentum,
    eps,
    cudnn_enabled=True,
):
    """``torch.nn.functional.batch_norm`` in the order of ``torch.batch_norm``."""
    return batch_norm(
        input, running_mean, running_var, weight, bias, training, momentum, eps
    )


# Over each instance


@op(scope=None, method=False, backward="ViewBackward0", returns=())
def _instance_norm_train(
    input: Array,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Array | None,
    bias: Array | None,
    momentum: Scalar = 0.1,
    eps: float = 1e-05,
):
    batch = input.shape[0]
    for name, x in (("weight", weight), ("bias", bias)):
        if x is not None and x.size != input.shape[1]:
            raise RuntimeError(
                f"{name} should contain {batch * input.shape[1]} elements not "
                f"{batch * x.size}"
            )
    require_float(input, "batch_norm")
    axes = tuple(range(2, input.ndim))
    out, mean, var = _standardise(widen(input), axes, eps)
    out = _affine(out, weight, bias, _per_channel(input.ndim)).astype(input.dtype)
    if running_mean is None:
        return (out,)
    n = math.prod(input.shape[2:])
    return (
        out,
        _blend(running_mean, mean.mean(0), momentum, n * batch),
        _blend(running_var, var.mean(0) * (n / max(n - 1, 1)), momentum, n * batch),
    )


@composite(scope="nn.functional")
def instance_norm(
    input,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    use_input_stats=True,
    momentum=0.1,
    eps=1e-05,
):
    """Normalise each channel of each instance over its positions.

    **Shape** input (N, C, L…); the others (C).
    """
    if not use_input_stats:
        return _batch_norm_eval(input, running_mean, running_var, weight, bias, eps)
    shape = _shape(input)
    if math.prod(shape[2:]) == 1:
        raise ValueError(
            "Expected more than 1 spatial element when training, got input size "
            f"{_size_text(shape)}"
        )
    out, *new = _instance_norm_train(
        input, running_mean, running_var, weight, bias, momentum, eps
    )
    update_statistics((running_mean, running_var), new)
    return out


# Others


@op(scope="nn.functional", method=False, backward="DivBackward0")
def local_response_norm(
    input: Array, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Array:
    """Divide by a power of the mean square over ``size`` neighbouring channels.

    **Shape** input (N, C, L…).
    """
    if input.ndim < 3:
        raise ValueError(
            "Expected 3D or higher dimensionality                          input "
            f"(got {input.ndim} dimensions)"
        )
    if not input.size:
        return input
    x = widen(input)
    window = (1, size, *[1] * (input.ndim - 2))
    padding = [(0, 0), (size // 2, (size - 1) // 2), *[(0, 0)] * (input.ndim - 2)]
    total = lax.reduce_window(
        jnp.square(x), np.zeros((), x.dtype), lax.add, window, (1,) * x.ndim, padding
    )
    if not jnp.issubdtype(x.dtype, jnp.inexact):  # the mean of integers is an integer
        mean = as_float(lax.div(total, jnp.asarray(size, total.dtype)))
        return as_float(x) / (mean * alpha + k) ** beta
    return (x / (total / size * alpha + k) ** beta).astype(input.dtype)
