"""Elementwise primitives in NumPy."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from .rules import rule, rules


def _ignoring_params(function):
    def call(*arrays, **_):
        return function(*arrays)

    call.direct = function
    return call


def _special(name: str):
    """SciPy's functions know no half precisions."""

    def call(*arrays):
        from scipy import special  # slow to import

        return getattr(special, name)(*(_at_least_single(a) for a in arrays))

    return call


def _at_least_single(x):
    return x.astype(np.float32) if x.dtype.itemsize < 4 else x


# ----- functions NumPy or SciPy has -----
_DIRECT = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "add": np.add,
    "add_any": np.add,
    "and": np.bitwise_and,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "atanh": np.arctanh,
    "bessel_i0e": _special("i0e"),
    "bessel_i1e": _special("i1e"),
    "cbrt": np.cbrt,
    "ceil": np.ceil,
    "complex": lambda re, im: re + 1j * im,
    "conj": np.conj,
    "cos": np.cos,
    "cosh": np.cosh,
    "digamma": _special("digamma"),
    "eq": np.equal,
    "erf": _special("erf"),
    "erf_inv": _special("erfinv"),
    "erfc": _special("erfc"),
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "floor": np.floor,
    "ge": np.greater_equal,
    "gt": np.greater,
    "igamma": _special("gammainc"),
    "igammac": _special("gammaincc"),
    "imag": np.imag,
    "is_finite": np.isfinite,
    "le": np.less_equal,
    "lgamma": _special("gammaln"),
    "log": np.log,
    "log1p": np.log1p,
    "lt": np.less,
    "max": np.maximum,
    "min": np.minimum,
    "mul": np.multiply,
    "ne": np.not_equal,
    "neg": np.negative,
    "nextafter": np.nextafter,
    "not": np.invert,
    "or": np.bitwise_or,
    "polygamma": _special("polygamma"),
    "real": np.real,
    "regularized_incomplete_beta": _special("betainc"),
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "sign": np.sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "square": np.square,
    "one_minus_square": lambda x: 1 - x * x,  # from JAX 0.12 on
    "sub": np.subtract,
    "tan": np.tan,
    "tanh": np.tanh,
    "xor": np.bitwise_xor,
    "zeta": _special("zeta"),
}
for _name, _function in _DIRECT.items():
    rule(_name)(_ignoring_params(_function))


# ----- functions with a meaning of their own -----
_expit = _special("expit")


@rule("logistic")
def _logistic(x, **_):
    if x.dtype.kind == "c":
        return 1 / (1 + np.exp(-x))
    return _expit(x)


@rule("div")
def _div(x, y, **_):
    if x.dtype.kind in "iu":
        # Towards zero, as the hardware does.
        safe = np.where(y == 0, np.ones_like(y), y)
        whole = np.abs(x) // np.abs(safe)
        return np.where((x < 0) != (safe < 0), -whole, whole)
    return x / y


@rule("rem")
def _rem(x, y, **_):
    return np.fmod(x, y)


@rule("pow")
def _pow(x, y, **_):
    if x.dtype.kind == "f" and y.dtype.kind == "i":
        y = y.astype(x.dtype)
    return np.power(x, y)


@rule("integer_pow")
def _integer_pow(x, *, y, **_):
    if y < 0:
        return 1 / np.power(x, -y)
    return np.power(x, np.asarray(y, x.dtype) if x.dtype.kind in "iu" else y)


@rule("round")
def _round(x, *, rounding_method, **_):
    if int(rounding_method) == 0:  # away from zero
        return np.trunc(x + np.copysign(0.5, x))
    return np.rint(x)


@rule("clamp")
def _clamp(low, x, high, **_):
    return np.minimum(np.maximum(x, low), high)


@rule("select_n")
def _select_n(which, *cases, **_):
    if which.dtype == np.bool_:
        return np.where(which, cases[1], cases[0])
    result = cases[0]
    for i, case in enumerate(cases[1:], 1):
        result = np.where(which == i, case, result)
    return result


@rule("convert_element_type")
def _convert(x, *, new_dtype, **_):
    kind = np.dtype(new_dtype)
    if kind.kind != "c" and x.dtype.kind == "c":
        x = x.real
    return x != 0 if kind == np.bool_ else x.astype(kind)


@rule("reduce_precision")
def _reduce_precision(x, *, exponent_bits, mantissa_bits, **_):
    for kind in (jnp.float16, jnp.bfloat16, np.float32):
        limits = jnp.finfo(kind)
        if (limits.nexp, limits.nmant) == (exponent_bits, mantissa_bits):
            return x.astype(kind).astype(x.dtype)
    limits = jnp.finfo(x.dtype)
    if exponent_bits < limits.nexp:
        raise NotImplementedError(f"an exponent of {exponent_bits} bits on the host")
    return _rounded(x, max(0, limits.nmant - mantissa_bits))


def _rounded(x, n: int):
    """Without the last ``n`` bits of the mantissa; halfway to even, as XLA does."""
    if n == 0:
        return x
    bits = x.view(np.dtype(f"u{x.dtype.itemsize}"))
    one = bits.dtype.type(1)
    half = (one << (n - 1)) - one + ((bits >> n) & one)
    rounded = (bits + half) & ~((one << n) - one)
    return np.where(np.isfinite(x), rounded.view(x.dtype), x)


@rule("bitcast_convert_type")
def _bitcast(x, *, new_dtype, **_):
    kind = np.dtype(new_dtype)
    x = np.ascontiguousarray(x).reshape(x.shape)  # it has a dimension at least
    if kind.itemsize == x.dtype.itemsize:
        return x.view(kind)
    if kind.itemsize < x.dtype.itemsize:
        return x[..., None].view(kind)
    return x.view(kind)[..., 0]


@rule("copy", "copy_p")
def _copy(x, **_):
    return x.copy()


@rule("optimization_barrier", "name", "device_put", "sharding_constraint")
@rule("stop_gradient")
def _same(*arrays, **_):
    return arrays


def _bits(x) -> int:
    return x.dtype.itemsize * 8


@rule("shift_left")
def _shift_left(x, n, **_):
    return np.where(n < _bits(x), np.left_shift(x, n), np.zeros_like(x))


@rule("shift_right_logical")
def _shift_right_logical(x, n, **_):
    unsigned = np.dtype(f"u{x.dtype.itemsize}")
    shifted = np.right_shift(x.view(unsigned), n.astype(unsigned)).view(x.dtype)
    return np.where(n < _bits(x), shifted, np.zeros_like(x))


@rule("shift_right_arithmetic")
def _shift_right_arithmetic(x, n, **_):
    return np.right_shift(x, np.minimum(n, np.asarray(_bits(x) - 1, n.dtype)))


@rule("population_count")
def _population_count(x, **_):
    return np.bitwise_count(x.view(np.dtype(f"u{x.dtype.itemsize}")))


@rule("clz")
def _count_leading_zeros(x, **_):
    unsigned = x.view(np.dtype(f"u{x.dtype.itemsize}"))
    count = np.full(x.shape, _bits(x), x.dtype)
    for i in range(_bits(x)):
        count[(unsigned >> np.asarray(i, unsigned.dtype)) != 0] -= 1
    return count


# Comparisons in a total order differ in signed zeros and NaN only.
rules["eq_to"], rules["le_to"], rules["lt_to"] = rules["eq"], rules["le"], rules["lt"]
