"""``torch.ops.aten``: the few kernels that have no other public name."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .. import _dtypes
from .._errors import wrap_dim
from . import _registry, native
from ._compute import widen
from ._op import Array, Dtype, Ints, composite, op
from .creation import zeros
from .resize import _interpolate
from .views import slice_fixed

_SCOPE = "ops.aten"


def _overload(f, name: str = "default"):
    """PyTorch's names for overloads: ``aten.f.default`` is the function itself."""
    setattr(f, name, f)
    return f


@op(scope=_SCOPE, method=False)
def _safe_softmax(input: Array, dim: int, dtype: Dtype | None = None) -> Array:
    """softmax, 0 where all inputs are -∞."""
    x = input if dtype is None else input.astype(dtype.numpy_dtype)
    if not jnp.issubdtype(x.dtype, jnp.floating):
        x = x.astype(jnp.float32)
    dim = wrap_dim(dim, x.ndim)
    wide = widen(x) if x.ndim else widen(x)[None]
    empty = jnp.all(wide == -jnp.inf, dim, keepdims=True)
    made = jax.nn.softmax(jnp.where(empty, 0, wide), axis=dim)
    return jnp.where(empty, 0, made).reshape(x.shape).astype(x.dtype)


@op(scope=_SCOPE, method=False)
def _softmax_backward_data(
    grad_output: Array, output: Array, dim: int, input_dtype: Dtype
) -> Array:
    """The gradient of softmax from its result."""
    grad, result = widen(grad_output), widen(output)
    axis = wrap_dim(dim, grad.ndim) if grad.ndim else None
    product = grad * result
    total = jnp.sum(product, axis, keepdims=True)
    return (product - result * total).astype(input_dtype.numpy_dtype)


@composite(scope=_SCOPE)
def native_dropout_backward(grad_output, mask, scale):
    """The gradient of dropout."""
    return grad_output * (mask.type_as(grad_output) * scale)


@composite(scope=_SCOPE, name="slice")
def slice_(input, dim=0, start=None, end=None, step=1):
    """``input[start:end:step]`` along a dimension."""
    n = input._value().aval.shape[dim]
    first, last, _ = slice(start, end).indices(n)
    count = max(0, -(-(last - first) // step))
    axis = wrap_dim(dim, len(input._value().aval.shape))
    return slice_fixed(input, axis, count, step, first)


@composite(scope=_SCOPE)
def _upsample_bilinear2d_aa(
    input,
    output_size,
    align_corners,
    scales_h=None,
    scales_w=None,
    *,
    scale_factors=None,
):
    """Bilinear resizing that averages where it shrinks."""
    factors = scale_factors or (scales_h, scales_w)
    if output_size is None:
        sizes = input._value().aval.shape[2:]
        output_size = [int(n * f) for n, f in zip(sizes, factors, strict=True)]
    given = tuple(factors) if all(factors) else None
    size = tuple(output_size)
    return _interpolate(input, "bilinear", size, given, bool(align_corners), True)


@composite(scope=_SCOPE)
def _batch_norm_with_update(
    input, weight, bias, running_mean, running_var, momentum, eps
):
    """``native_batch_norm`` in training, with PyTorch's reserved space (empty)."""
    made = native.native_batch_norm(
        input, weight, bias, running_mean, running_var, True, momentum, eps
    )
    return *made, zeros(0, dtype=_dtypes.uint8)


@op(scope=_SCOPE, method=False)
def max_pool2d_with_indices_backward(
    grad_output: Array, input: Array, kernel_size: Ints, stride: Ints, padding: Ints,
    dilation: Ints, ceil_mode: bool, indices: Array,
) -> Array:  # fmt: skip
    """The gradient of ``max_pool2d`` to its input."""
    lead = input.shape[:-2]
    flat = jnp.zeros((*lead, input.shape[-2] * input.shape[-1]), grad_output.dtype)
    rows = flat.reshape(-1, flat.shape[-1])
    places = indices.reshape(rows.shape[0], -1)
    grads = grad_output.reshape(rows.shape[0], -1)
    rows = jax.vmap(lambda r, i, g: r.at[i].add(g))(rows, places, grads)
    return rows.reshape(input.shape)


for _function in _registry.functions[_SCOPE].values():
    _overload(_function)
_overload(slice_, "Tensor")
_overload(_upsample_bilinear2d_aa, "vec")
