"""Linear maps with weights."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from .._engine import platform
from ._compute import dtype_name, widen
from ._op import Array, op


def _check_linear(input, weight, bias) -> None:
    if weight.ndim == 1 and bias is not None:
        raise RuntimeError("mat2 must be a matrix, got 1-D tensor")
    rows, columns = input.size // max(input.shape[-1], 1), input.shape[-1]
    if columns != weight.shape[-1]:
        out = weight.shape[0] if weight.ndim == 2 else 1
        raise RuntimeError(
            "mat1 and mat2 shapes cannot be multiplied "
            f"({rows}x{columns} and {weight.shape[-1]}x{out})"
        )
    if input.dtype != weight.dtype:
        a, b = dtype_name(input), dtype_name(weight)
        if input.ndim == 2 and bias is not None:
            raise RuntimeError(
                f"mat1 and mat2 must have the same dtype, but got {a} and {b}"
            )
        a, b = _c_name(input), _c_name(weight)
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {a} != {b}"
        )
    if bias is not None and bias.dtype != input.dtype:
        a, b = dtype_name(bias), dtype_name(input)
        raise RuntimeError(
            f"self and mat2 must have the same dtype, but got {a} and {b}"
        )
    _check_bias(input, weight, bias)


def _check_bias(input, weight, bias) -> None:
    if bias is None or bias.size == 1 or bias.shape[-1:] == weight.shape[:1]:
        return
    target = [input.size // input.shape[-1], weight.shape[0]]
    raise RuntimeError(
        f"The expanded size of the tensor ({weight.shape[0]}) must match the existing "
        f"size ({bias.shape[-1]}) at non-singleton dimension 1.  Target sizes: "
        f"{target}.  Tensor sizes: {list(bias.shape)}"
    )


_C_NAMES = {"int64": "long int", "float64": "double", "float32": "float"}


def _c_name(x) -> str:
    name = _dtypes.from_numpy(x.dtype).name
    return _C_NAMES.get(name, "c10::" + dtype_name(x))


def contract(x, weight):
    """x · weightᵀ over the last dimensions; half precision is summed in float32.

    GPUs sum so by themselves; to ask for a float32 result would make their backward
    products float32 ones.
    """
    wide = None if platform() == "cuda" else widen(x[:0]).dtype
    dims = (((x.ndim - 1,), (weight.ndim - 1,)), ((), ()))
    return lax.dot_general(x, weight, dims, preferred_element_type=wide)


def _node_name(static, plan) -> str:
    """PyTorch's node is that of the last function it is made of."""
    input, weight, bias = plan.signature
    if len(weight.shape) == 1:
        return "MvBackward0"
    if len(input.shape) == 2:
        return "MmBackward0" if bias is None else "AddmmBackward0"
    if len(input.shape) == 1:
        return "SqueezeBackward4" if bias is None else "ViewBackward0"
    return "UnsafeViewBackward0" if bias is None else "ViewBackward0"


@op(scope="nn.functional", method=False, out=True, backward=_node_name)
def linear(input: Array, weight: Array, bias: Array | None = None) -> Array:
    """input · weightᵀ + bias.

    **Shape** input (…, in), weight (out, in) or (in), bias (out), result (…, out).
    """
    _check_linear(input, weight, bias)
    out = contract(input, weight)
    if bias is not None:
        out = out + bias.astype(out.dtype)
    return out.astype(input.dtype)


@op(scope="torch nn.functional", method=False, backward="AddBackward0")
def bilinear(
    input1: Array, input2: Array, weight: Array, bias: Array | None = None
) -> Array:
    """input1ᵀ · weight · input2 + bias.

    **Shape** input1 (…, a), input2 (…, b), weight (out, a, b), result (…, out).
    """
    _check_bilinear(input1, input2, weight)
    out = jnp.einsum("...a,oab,...b->...o", widen(input1), widen(weight), widen(input2))
    if bias is not None:
        out = out + bias
    return out.astype(input1.dtype)


def _check_bilinear(input1, input2, weight) -> None:
    if input1.ndim != input2.ndim:
        raise RuntimeError(
            "bilinear(): input dimensions do not match: got "
            f"{input1.ndim} and {input2.ndim}"
        )
    for i, (a, b) in enumerate(zip(input1.shape[:-1], input2.shape[:-1], strict=True)):
        if a != b:
            raise RuntimeError(
                "bilinear(): input batch dimensions do not match at dim "
                f"{i}: got {a} and {b}"
            )
    for i, x in enumerate((input1, input2), 1):
        if x.shape[-1] != weight.shape[i]:
            raise RuntimeError(
                f"bilinear(): input{i} size does not match weight size: got "
                f"{x.shape[-1]} but expected {weight.shape[i]}"
            )
