"""Box-Muller by XLA: the bits of ``single``, at the speed of vector instructions.

XLA's CPU compiler turns a product and a sum into one fused operation, as PyTorch's
kernel does; ``_apart`` keeps those apart that PyTorch rounds twice. Whether the bits
are right on this machine is tried once, beside NumPy, before the program is used.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
from jax import lax

from torchlike._streams import single
from torchlike._streams.compiled import Compiled
from torchlike._streams.twister import PART

CHUNK = PART  # words a call; one shape, so one program
WORTH = 1 << 14  # from here on a call is quicker than NumPy
_COMPILE_AFTER = 1 << 21  # numbers drawn before compiling (some 0.2 s) can pay


def ready(count: int) -> bool:
    """Whether ``count`` numbers should be made here; compiles when that pays."""
    return count >= WORTH and program.ready(count)


def transform(words: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Normals of at most ``CHUNK`` words in whole blocks of 16."""
    count = len(words)
    if count < CHUNK:
        words = np.concatenate([words, np.zeros(CHUNK - count, np.uint32)])
    return _call(program, words, mean, std)[:count]


def _call(program, words, mean: float, std: float) -> np.ndarray:
    return np.asarray(program(words, np.float32(mean), np.float32(std), np.int32(0)))


def _agrees_with_numpy(program) -> bool:
    words = np.random.RandomState(7).randint(0, 1 << 32, CHUNK, np.uint32)
    words[:64] = np.repeat(np.array([0, 1, 2**24 - 1, 2**23], np.uint32), 16)
    got = _call(program, words, 0.0, 1.0).reshape(-1, 2, 8)
    unit = (words & np.uint32(2**24 - 1)).astype(np.float32) * np.float32(2.0**-24)
    first, second = np.moveaxis(unit.reshape(-1, 2, 8), 1, 0)
    radius = np.sqrt(-2 * single.log(1 - first))
    sine, cosine = single.sine_and_cosine(np.float32(2 * math.pi) * second)
    wanted = np.stack([radius * cosine, radius * sine], 1)
    return np.array_equal(got, wanted)


# ----- the program -------------------------------------------------------------------


def _kernel(words, mean, std, zero):
    """``zero`` is 0, but the compiler does not know."""
    blocks = words.reshape(-1, 2, 8)
    first, second = _unit(blocks[:, 0]), _unit(blocks[:, 1])
    radius = lax.sqrt(np.float32(-2) * _log(1 - first, zero))
    angle = _apart(second * np.float32(2 * math.pi), zero)
    sine, cosine = _sine_and_cosine(angle, zero)
    result = jnp.zeros(blocks.shape, np.float32)
    for row, part in enumerate((cosine, sine)):
        numbers = _apart(radius * part, zero) * std + mean
        result = lax.dynamic_update_slice(result, numbers[:, None], (0, row, 0))
    return result.reshape(-1)


def _unit(words):
    kept = (words & np.uint32(2**24 - 1)).astype(np.int32)
    return kept.astype(np.float32) * np.float32(2.0**-24)


def _bits(x):
    return lax.bitcast_convert_type(x, np.int32)


def _floats(x):
    return lax.bitcast_convert_type(x, np.float32)


def _apart(product, zero):
    """The product as it is, not to be fused with a sum."""
    return _floats(_bits(product) ^ zero)


def _polynomial(x, coefficients):
    first, *others = (np.float32(c) for c in coefficients)
    result = first
    for c in others:
        result = result * x + c
    return result


def _log(x, zero):
    bits = _bits(x)
    exponent = ((bits >> 23) - 126).astype(np.float32)
    part = _floats((bits & 0x007FFFFF) | 0x3F000000)
    small = part < single._SQRT_HALF
    exponent = exponent - small.astype(np.float32)
    part = jnp.where(small, part, np.float32(0)) + (part - np.float32(1))
    square = part * part
    y = _polynomial(part, single._LOG) * part
    y = y * square + _apart(exponent * np.float32(single._LN2_LOW), zero)
    y = part + (y - _apart(square * np.float32(0.5), zero))
    return y + exponent * np.float32(single._LN2_HIGH)  # that product is exact


def _sine_and_cosine(x, zero):
    octant = ((x * single._FOUR_OVER_PI).astype(np.int32) + 1) & ~1
    turns = octant.astype(np.float32)
    for part in single._PI_QUARTERS:
        x = x - turns * np.float32(part)
    square = x * x
    cosine = _polynomial(square, single._COS) * square
    cosine = cosine * square - _apart(square * np.float32(0.5), zero) + np.float32(1)
    sine = _polynomial(square, single._SIN) * square
    sine = sine * x + x
    straight = (octant & 2) == 0
    return (
        _signed(jnp.where(straight, sine, cosine), octant & 4),
        _signed(jnp.where(straight, cosine, sine), ~(octant - 2) & 4),
    )


def _signed(x, flag):
    """Minus x where the flag, 4 or 0, is set."""
    return _floats(_bits(x) ^ (flag << 29))


program = Compiled(
    _kernel,
    (np.zeros(CHUNK, np.uint32), np.float32(0), np.float32(1), np.int32(0)),
    _COMPILE_AFTER,
    _agrees_with_numpy,
)
