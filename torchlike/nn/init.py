"""``torch.nn.init``: fill parameters in place, with PyTorch's numbers.

**Source** https://pytorch.org/docs/stable/nn.init.html
"""

from __future__ import annotations

import functools
import math
import warnings

import numpy as np

from .._engine import from_host
from .._ops._draw import choose, host, place_of
from .._ops.random import randn, randperm
from ..autograd import no_grad
from ..autograd.variable import wrap
from . import _truncated

_CONVOLUTIONS = tuple(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3))
_FLAT = ("linear", "sigmoid", *_CONVOLUTIONS)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The recommended gain for a nonlinearity; ``param`` is a leaky slope."""
    if nonlinearity in _FLAT:
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4  # an empirical value
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def _calculate_fan_in_and_fan_out(tensor) -> tuple[int, int]:
    """Inputs and outputs of one unit of a weight (out, in, *window)."""
    if tensor.dim() < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 "
            "dimensions"
        )
    outputs, inputs, *window = tensor.shape
    field = math.prod(window)
    return inputs * field, outputs * field


def _calculate_correct_fan(tensor, mode: str) -> int:
    mode = mode.lower()
    modes = ["fan_in", "fan_out"]
    if mode not in modes:
        raise ValueError(f"Mode {mode} not supported, please use one of {modes}")
    return _calculate_fan_in_and_fan_out(tensor)[modes.index(mode)]


# ----- plain distributions and constants ---------------------------------------------


def _no_grad_uniform_(tensor, a, b, generator=None):
    with no_grad():
        return tensor.uniform_(a, b, generator=generator)


def _no_grad_normal_(tensor, mean, std, generator=None):
    with no_grad():
        return tensor.normal_(mean, std, generator=generator)


def _no_grad_fill_(tensor, val):
    with no_grad():
        return tensor.fill_(val)


def _no_grad_zero_(tensor):
    with no_grad():
        return tensor.zero_()


def uniform_(tensor, a: float = 0.0, b: float = 1.0, generator=None):
    """Fill with uniform numbers in [a, b)."""
    return _no_grad_uniform_(tensor, a, b, generator)


def normal_(tensor, mean: float = 0.0, std: float = 1.0, generator=None):
    """Fill with normal numbers."""
    return _no_grad_normal_(tensor, mean, std, generator)


def constant_(tensor, val: float):
    """Fill with ``val``."""
    return _no_grad_fill_(tensor, val)


def ones_(tensor):
    """Fill with 1."""
    return _no_grad_fill_(tensor, 1.0)


def zeros_(tensor):
    """Fill with 0."""
    return _no_grad_zero_(tensor)


def trunc_normal_(
    tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator=None,
):
    """Fill with normal numbers in [a, b] (values, not deviations)."""
    return _no_grad_trunc_normal_(tensor, mean, std, a, b, generator)


def _no_grad_trunc_normal_(tensor, mean, std, a, b, generator=None):
    place = place_of(tensor)
    if place.type == "meta":
        return tensor
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The "
            "distribution of values may be incorrect.",
            stacklevel=3,
        )
    source = choose(generator, place)
    if source.on_host:
        shape = tuple(tensor.shape)
        numbers = _truncated.draw(source, shape, tensor.dtype, mean, std, a, b)
        return _no_grad_copy_(tensor, numbers)
    return _truncated_on_device(tensor, mean, std, a, b, generator)


def _truncated_on_device(tensor, mean, std, a, b, generator):
    """Uniform numbers through the inverse of the distribution function."""
    low, high = (_truncated.normal_cdf((edge - mean) / std) for edge in (a, b))
    with no_grad():
        tensor.uniform_(2 * low - 1, 2 * high - 1, generator=generator)
        tensor.erfinv_()
        tensor.mul_(std * math.sqrt(2.0))
        tensor.add_(mean)
        return tensor.clamp_(min=a, max=b)


def _no_grad_copy_(tensor, array: np.ndarray):
    """Fill with the contents of an array, in the tensor's dtype."""
    value = tensor._value()
    array = array.reshape(value.aval.shape).astype(value.aval.dtype.numpy_dtype)
    with no_grad():
        return tensor.copy_(wrap(from_host(array, value.device)))


def eye_(tensor):
    """Fill a matrix with the identity."""
    if tensor.ndimension() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return _no_grad_copy_(tensor, np.eye(*tensor.shape))


def dirac_(tensor, groups: int = 1):
    """Fill a convolution's weight so that it hands its inputs on.

    **Shape** (out, in, …) with one to three spatial dimensions.
    """
    if tensor.ndimension() not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    outputs, inputs, *window = tensor.shape
    if outputs % groups != 0:
        raise ValueError("dim 0 must be divisible by groups")
    weight, per_group = np.zeros(tuple(tensor.shape)), outputs // groups
    centre = tuple(n // 2 for n in window)
    for group in range(groups):
        for d in range(min(per_group, inputs)):
            weight[(group * per_group + d, d, *centre)] = 1
    return _no_grad_copy_(tensor, weight)


# ----- Xavier and Kaiming ------------------------------------------------------------


def xavier_uniform_(tensor, gain: float = 1.0, generator=None):
    """Uniform in ±gain · sqrt(6 / (fan_in + fan_out)).

    **Source** X. Glorot and Y. Bengio, Understanding the difficulty of training deep
    feedforward neural networks, 2010
    """
    std = _xavier_std(tensor, gain)
    bound = math.sqrt(3.0) * std
    return _no_grad_uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor, gain: float = 1.0, generator=None):
    """Normal with std = gain · sqrt(2 / (fan_in + fan_out))."""
    return _no_grad_normal_(tensor, 0.0, _xavier_std(tensor, gain), generator)


def _xavier_std(tensor, gain):
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return gain * math.sqrt(2.0 / float(fan_in + fan_out))


def kaiming_uniform_(
    tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator=None,
):
    """Uniform in ±gain · sqrt(3 / fan).

    **Source** K. He et al., Delving deep into rectifiers, 2015
    """
    if _is_empty(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return _no_grad_uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator=None,
):
    """Normal with std = gain / sqrt(fan)."""
    if _is_empty(tensor):
        return tensor
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    return _no_grad_normal_(tensor, 0, std, generator)


def _kaiming_std(tensor, a, mode, nonlinearity):
    fan = _calculate_correct_fan(tensor, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _is_empty(tensor) -> bool:
    if 0 not in tensor.shape:
        return False
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
    return True


# ----- matrices ----------------------------------------------------------------------


def orthogonal_(tensor, gain: float = 1, generator=None):
    """Fill with orthonormal rows or columns times ``gain``.

    The numbers of a normal matrix are read by the host, which decomposes it.

    **Source** A. Saxe et al., Exact solutions to the nonlinear dynamics of learning in
    deep linear neural networks, 2013
    """
    if tensor.ndimension() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.size(0)
    flat = host(
        randn(
            (rows, tensor.numel() // rows),
            dtype=tensor.dtype,
            device=place_of(tensor),
            generator=generator,
        )
    )
    q, r = np.linalg.qr(flat.T if rows < flat.shape[1] else flat)
    q = q * np.sign(np.diag(r))  # makes the decomposition, hence the result, unique
    return _no_grad_copy_(tensor, (q.T if rows < flat.shape[1] else q) * gain)


def sparse_(tensor, sparsity: float, std: float = 0.01, generator=None):
    """Fill a matrix with normal numbers; a share of each column is 0.

    **Source** J. Martens, Deep learning via Hessian-free optimization, 2010
    """
    if tensor.ndimension() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    numbers = host(normal_(tensor, 0, std, generator)).copy()
    for column in range(columns):
        numbers[host(randperm(rows))[:zeros], column] = 0
    return _no_grad_copy_(tensor, numbers)


# ----- old names ---------------------------------------------------------------------


def _make_deprecate(meth):
    """The same function under its name without an underscore."""
    new_name = meth.__name__
    old_name = new_name[:-1]

    @functools.wraps(meth)
    def deprecated_init(*args, **kwargs):
        warnings.warn(
            f"`nn.init.{old_name}` is now deprecated in favor of `nn.init.{new_name}`.",
            FutureWarning,
            stacklevel=2,
        )
        return meth(*args, **kwargs)

    deprecated_init.__name__ = old_name
    return deprecated_init


uniform = _make_deprecate(uniform_)
normal = _make_deprecate(normal_)
constant = _make_deprecate(constant_)
eye = _make_deprecate(eye_)
dirac = _make_deprecate(dirac_)
xavier_uniform = _make_deprecate(xavier_uniform_)
xavier_normal = _make_deprecate(xavier_normal_)
kaiming_uniform = _make_deprecate(kaiming_uniform_)
kaiming_normal = _make_deprecate(kaiming_normal_)
orthogonal = _make_deprecate(orthogonal_)
sparse = _make_deprecate(sparse_)
