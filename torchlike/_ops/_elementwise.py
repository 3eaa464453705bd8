"""Names of the ops that work element by element."""

from __future__ import annotations

UNARY = frozenset(
    (
        "abs acos acosh angle asin asinh atan atanh bitwise_not ceil clamp clone conj "
        "cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 floor frac hardshrink "
        "gelu leaky_relu silu elu lgamma log log10 log1p log2 logit nan_to_num neg "
        "positive pow rad2deg reciprocal round rsqrt sigmoid sign sgn signbit sin sinc "
        "sinh sqrt square tan tanh to trunc alias relu"
    ).split()
)
BINARY = frozenset(
    (
        "add sub mul div floor_divide fmod remainder maximum minimum atan2 pow eq ne "
        "lt le gt ge bitwise_and bitwise_or bitwise_xor logaddexp nextafter fmax fmin"
    ).split()
)
