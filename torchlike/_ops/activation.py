"""Activations. At kinks the derivative is the one PyTorch takes."""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import wrap_dim
from .._warnings import warn
from . import _registry, unary
from ._compute import absolute, dtype_name, require_float, widen
from ._op import Array, Dtype, op, pointwise

_activation = functools.partial(
    pointwise, scope="nn.functional", method=False, out=False
)
# With `inplace=True`, and with or without a form that ends in an underscore.
_flagged = functools.partial(_activation, inplace_flag=True)
_only_flagged = functools.partial(_flagged, inplace=False)
_plain = functools.partial(_activation, inplace=False)


# Piecewise linear


@_flagged(scope="torch nn.functional", method=True)
def relu(input: Array) -> Array:
    """max(input, 0); the derivative at 0 is 0."""
    return jnp.where(input <= 0, jnp.zeros_like(input), input)


relu.op.by_result = lambda result, cotangent: jnp.where(result <= 0, 0, cotangent)


@_flagged(backward="HardtanhBackward0")
def hardtanh(input: Array, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """Clamp to [min_val, max_val]; the derivative on both ends is 0."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return _clamp_open(input, min_val, max_val)


def _clamp_open(x, low, high):
    low, high = (jnp.asarray(v, x.dtype) for v in (low, high))
    return jnp.where(x <= low, low, jnp.where(x >= high, high, x))


@_only_flagged(backward="HardtanhBackward0")
def relu6(input: Array) -> Array:
    """Clamp to [0, 6]."""
    return _clamp_open(input, 0, 6)


@_flagged
def leaky_relu(input: Array, negative_slope: float = 0.01) -> Array:
    """input where positive, negative_slope · input elsewhere."""
    require_float(input, "leaky_relu_cpu")
    return jnp.where(input > 0, input, input * negative_slope)


@op(
    scope="torch nn.functional",
    method=True,
    promote="input weight",
    opmath=True,
    backward="PreluKernelBackward0",
)
def prelu(input: Array, weight: Array) -> Array:
    """input where positive, weight · input elsewhere; one weight for each channel.

    **Shape** input (N, C, …), weight (C) or (1).
    """
    channels = 1 if input.ndim < 2 else input.shape[1]
    if weight.size != 1:
        if weight.ndim > 1:
            raise RuntimeError(
                "prelu: Expected `weight` to be a scalar or 1D tensor, but got: "
                f"ndim = {weight.ndim}"
            )
        if input.ndim == 0:
            raise RuntimeError("Not allow zero-dim input tensor.")
        if weight.size != channels:
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found "
                f"parameter numbers = {weight.size} and channel size = {channels}."
            )
    shape = [1] * input.ndim
    if input.ndim >= 2:
        shape[1] = weight.size
    return jnp.where(input > 0, input, weight.reshape(shape) * input)


@_flagged(scope="torch nn.functional")
def threshold(input: Array, threshold: float, value: float) -> Array:
    """input where above threshold, value elsewhere."""
    return jnp.where(input <= threshold, jnp.asarray(value, input.dtype), input)


@_plain(scope="torch nn.functional", method=True, out=True)
def hardshrink(input: Array, lambd: float = 0.5) -> Array:
    """0 within [-lambd, lambd], input elsewhere."""
    require_float(input, "hardshrink_cpu")
    return jnp.where((input >= -lambd) & (input <= lambd), 0, input)


@_plain(out=True)
def softshrink(input: Array, lambd: float = 0.5) -> Array:
    """Shrink towards 0 by lambd."""
    require_float(input, "softshrink_check")
    if lambd < 0:
        raise RuntimeError(
            f"lambda must be in range [0, {float(jnp.finfo(input.dtype).max):g}] for "
            f"input dtype {dtype_name(input)}, but found {lambd:g}"
        )
    shrunk = jnp.where(input > lambd, input - lambd, input + lambd)
    return jnp.where((input >= -lambd) & (input <= lambd), 0, shrunk)


@_only_flagged
def hardsigmoid(input: Array) -> Array:
    """clamp(input + 3, 0, 6) / 6."""
    require_float(input, "hardsigmoid")
    part = _clamp_open(input + 3, 0, 6)
    if input.dtype != jnp.float64:
        return part / 6
    # PyTorch's derivative has the factor in single precision, its value has not.
    rough = part * float(np.float32(1 / 6))
    return rough + lax.stop_gradient(part / 6 - rough)


@_only_flagged
def hardswish(input: Array) -> Array:
    """input · hardsigmoid(input)."""
    require_float(input, "hardswish_cpu")
    middle = input * (input + 3) / 6
    return jnp.where(input <= -3, 0, jnp.where(input >= 3, input, middle))


# Smooth


@_flagged
def elu(input: Array, alpha: float = 1.0) -> Array:
    """input where positive, alpha · (exp(input) - 1) elsewhere."""
    require_float(input, "elu_cpu")
    return _elu(input, alpha, 1.0)


def _elu(x, alpha, inverse):
    # The unused branch must not overflow: its derivative would be 0 · inf.
    below = jnp.where(x > 0, 0, x)
    return jnp.where(x > 0, x, alpha * jnp.expm1(below * inverse))


@_flagged(scope="torch nn.functional", backward="EluBackward0")
def selu(input: Array) -> Array:
    """Scaled elu with the constants of self-normalising networks."""
    require_float(input, "elu_cpu")
    return 1.0507009873554804934193349852946 * _elu(
        input, 1.6732632423543772848170429916717, 1.0
    )


@_flagged(scope="torch nn.functional")
def celu(input: Array, alpha: float = 1.0) -> Array:
    """input where positive, alpha · (exp(input / alpha) - 1) elsewhere."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    require_float(input, "elu_cpu")
    return _elu(input, alpha, 1 / alpha)


@_plain(out=True)
def gelu(input: Array, *, approximate: str = "none") -> Array:
    """input · Φ(input), with Φ the normal distribution, or its tanh approximation."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    require_float(input, "GeluKernelImpl")
    if approximate == "tanh":
        return jax.nn.gelu(input, approximate=True)
    # PyTorch's form. By erfc, as jax.nn has it, a step takes twice the time on CPUs.
    return input * (0.5 * (1 + lax.erf(input * math.sqrt(0.5))))


@_only_flagged
def silu(input: Array) -> Array:
    """input · sigmoid(input)."""
    require_float(input, "silu_cpu")
    return input * jax.nn.sigmoid(input)


@_only_flagged
def mish(input: Array) -> Array:
    """input · tanh(softplus(input))."""
    require_float(input, "mish_cpu")
    return input * jnp.tanh(jax.nn.softplus(input))


@_plain(out=True)
def softplus(input: Array, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """log(1 + exp(beta · input)) / beta; linear where beta · input > threshold."""
    require_float(input, "softplus_cpu")
    scaled = input * beta
    linear = scaled > threshold
    smooth = jnp.log1p(jnp.exp(jnp.where(linear, 0, scaled))) / beta
    return jnp.where(linear, input, smooth)


@_plain(backward="LogSigmoidBackward0", out=True)
def logsigmoid(input: Array) -> Array:
    """log(sigmoid(input))."""
    require_float(input, "log_sigmoid_cpu")
    return jax.nn.log_sigmoid(input)


@_plain(backward="DivBackward0", to_float=True)
def softsign(input: Array) -> Array:
    """input / (1 + |input|)."""
    return input / (1 + absolute(input))


@_plain(backward="SubBackward0", to_float=True)
def tanhshrink(input: Array) -> Array:
    """input - tanh(input)."""
    return input - jnp.tanh(input)


@op(scope="nn.functional", method=False)
def glu(input: Array, dim: int = -1) -> Array:
    """The first half of ``dim`` times the sigmoid of the second."""
    if input.ndim == 0:
        raise RuntimeError(
            "glu does not support scalars because halving size must be even"
        )
    dim = wrap_dim(dim, input.ndim)
    if input.shape[dim] % 2:
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {dim} is size "
            f"{input.shape[dim]}"
        )
    require_float(input, "glu_cpu")
    a, b = jnp.split(widen(input), 2, axis=dim)
    return (a * jax.nn.sigmoid(b)).astype(input.dtype)


# Over a dimension


def _implicit_dim(name: str, ndim: int) -> int:
    warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call "
        "to include dim=X as an argument.",
        stacklevel=3,
    )
    return 0 if ndim in (0, 1, 3) else 1


def _over(function, kernel: str, x, dim, dtype):
    """Apply ``function`` along ``dim`` in the compute dtype of ``dtype``."""
    x = x if dtype is None else x.astype(dtype.numpy_dtype)
    require_float(x, kernel)
    dim = wrap_dim(dim, x.ndim)
    if x.ndim == 0:
        return function(widen(x)[None], axis=0)[0].astype(x.dtype)
    return function(widen(x), axis=dim).astype(x.dtype)


@op(out=True)
def softmax(input: Array, dim: int, dtype: Dtype | None = None) -> Array:
    """exp(input) divided by its sum over ``dim``."""
    return _over(jax.nn.softmax, "softmax_lastdim_kernel_impl", input, dim, dtype)


def _softmax_gradient(result, cotangent, dim, dtype):
    return _along(_softmax_pull, result, cotangent, dim)


def _softmax_pull(p, g, dim):
    return (g - (g * p).sum(dim, keepdims=True)) * p


softmax.op.by_result = _softmax_gradient


def _along(pull, result, cotangent, dim):
    """A gradient along ``dim``, also of one number, in the compute dtype."""
    p, g = (jnp.atleast_1d(widen(x)) for x in (result, cotangent))
    return pull(p, g, dim).reshape(result.shape)


@op(out=True)
def log_softmax(input: Array, dim: int, dtype: Dtype | None = None) -> Array:
    """The logarithm of softmax."""
    kernel = "log_softmax_lastdim_kernel_impl"
    return _over(jax.nn.log_softmax, kernel, input, dim, dtype)


def _log_softmax_gradient(result, cotangent, dim, dtype):
    return _along(_log_softmax_pull, result, cotangent, dim)


def _log_softmax_pull(logs, g, dim):
    return g - jnp.exp(logs) * g.sum(dim, keepdims=True)


log_softmax.op.by_result = _log_softmax_gradient


@op(scope=None, method=False, backward="SoftmaxBackward0")
def _softmin(input: Array, dim: int, dtype: Dtype | None = None) -> Array:
    # Unsigned integers are negated before they are given another dtype.
    neg = unary.neg.op.function
    return _over(jax.nn.softmax, "softmax_lastdim_kernel_impl", neg(input), dim, dtype)


def _with_implicit_dim(name: str, public):
    def form(input, dim=None, _stacklevel=3, dtype=None):
        if dim is None:
            dim = _implicit_dim(name, len(input._value().aval.shape))
        return public(input, dim, dtype)

    form.__name__ = form.__qualname__ = name
    form.__doc__ = public.__doc__
    _registry.add(name, {"": form}, form, scope="nn.functional", method=False)
    return form


_with_implicit_dim("softmax", softmax)
_with_implicit_dim("log_softmax", log_softmax)
softmin = _with_implicit_dim("softmin", _softmin)
