"""Powers. Common exponents are their own programs; any other is a traced input."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from ..autograd.variable import TensorBase
from ._check import is_bool, is_complex, is_inexact, not_implemented, some_tensor
from ._forms import overloaded
from ._op import Array, pointwise

# Exponents that are cheaper as products and roots; everything else is traced, so
# that a loop over exponents does not compile.
_COMMON = frozenset({0.0, 0.5, 1.0, 2.0, 3.0, 4.0, -0.5, -1.0, -2.0})
_NEGATIVE = "Integers to negative integer powers are not allowed."


def _by_products(x, exponent: float):
    if exponent == 0:
        return jnp.ones_like(x)
    if exponent in (0.5, -0.5):
        root = jnp.sqrt(x)
        return root if exponent > 0 else 1 / root
    result = lax.integer_pow(x, abs(int(exponent)))
    return result if exponent > 0 else 1 / result


@pointwise(name="pow", scope=None, method=False, inplace=False, out=False)
def pow_common(input: Array, exponent: float, whole: bool) -> Array:
    """input^exponent for one of the common exponents."""
    if not is_inexact(input) and not whole:
        input = input.astype(_dtypes.get_default_dtype().numpy_dtype)
    elif is_bool(input):
        input = input.astype(jnp.int64)
    return _by_products(input, exponent)


@pointwise(name="pow", scope=None, method=False, inplace=False, out=False)
def power(input: Array, exponent: Array) -> Array:
    """input^exponent of a common dtype."""
    if is_bool(input):
        raise not_implemented("pow", input)
    if is_inexact(input):
        return _float_power(input, exponent)
    # PyTorch: a tensor of negative exponents rounds towards 0.
    positive = jnp.power(input, jnp.maximum(exponent, 0))
    if not jnp.issubdtype(input.dtype, jnp.signedinteger):
        return positive
    odd = jnp.where(exponent % 2 == 0, 1, -1).astype(input.dtype)
    negative = jnp.where(input == 1, 1, jnp.where(input == -1, odd, 0))
    return jnp.where(exponent < 0, negative.astype(input.dtype), positive)


def _float_power(x, y):
    if is_complex(x):
        return jnp.power(x, y)
    x, y = jnp.broadcast_arrays(x, y)
    # PyTorch: at 0⁰ both derivatives are 0.
    return lax.pow(jnp.where((x == 0) & (y == 0), 1, x), y)


@overloaded(inplace=True, out=True)
def pow(input, exponent):
    """input^exponent, of tensors and numbers.

    **Source** https://pytorch.org/docs/stable/generated/torch.pow.html
    """
    if isinstance(exponent, TensorBase):
        return power(input, exponent)
    if not isinstance(input, TensorBase):
        raise TypeError(
            "pow() received an invalid combination of arguments - got "
            f"({type(input).__name__}, {type(exponent).__name__}), but expected one of:"
        )
    dtype = input._value().aval.dtype
    if isinstance(exponent, int) and dtype.category < 2 and exponent < 0:
        raise RuntimeError(_NEGATIVE)
    if not isinstance(exponent, complex) and exponent in _COMMON:
        whole = isinstance(exponent, int)
        return pow_common(input, float(exponent), whole)
    return power(input, exponent)


@pointwise(
    name="float_power",
    scope=None,
    method=False,
    inplace=False,
    check=some_tensor("float_power"),
)
def _float_powers(input: Array, exponent: Array) -> Array:
    wide = jnp.complex128 if is_complex(input) else jnp.float64
    return _float_power(input.astype(wide), exponent.astype(wide))


@overloaded(inplace=True, out=True)
def float_power(input, exponent):
    """input^exponent in double precision."""
    return _float_powers(input, exponent)


@pointwise
def square(input: Array) -> Array:
    """input²."""
    return lax.integer_pow(input.astype(jnp.int64) if is_bool(input) else input, 2)
