"""Convolution and its two gradients as JAX primitives, each the others' derivative.

``convolution(x, w)``, ``convolution_input(g, w)`` and ``convolution_weight(x, g)`` are
bilinear, and the transpose of each is one of the others: any order of derivative, in
either mode, is made of the same three. On a CPU they are compiled to our own functions
(``_kernels``), elsewhere to XLA's convolution, which on a GPU is cuDNN's.

Their parameters: ``stride``, ``before`` (the padding in front), ``dilation``,
``groups`` and ``shape``, that of the result, from which the padding behind follows.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from .. import _kernels
from ._primitive import primitive

MAX_TAPS = 1024  # as in kernels.h


def _struct(shape, x):
    return jax.ShapeDtypeStruct(shape, x.dtype)


# As XLA's own convolution


def _plain(x, w, *, stride, before, dilation, groups, shape):
    pads = [
        (low, (size - 1) * s + d * (k - 1) + 1 - low - length)
        for length, k, size, s, low, d in zip(
            x.shape[2:], w.shape[2:], shape[2:], stride, before, dilation, strict=True
        )
    ]
    return lax.conv_general_dilated(
        x, w, stride, pads, rhs_dilation=dilation, feature_group_count=groups
    )


def _plain_input(g, w, *, shape, **geometry):
    def forward(x):
        return _plain(x, w, shape=g.shape, **geometry)

    return jax.linear_transpose(forward, _struct(shape, g))(g)[0]


def _plain_weight(x, g, *, shape, **geometry):
    def forward(w):
        return _plain(x, w, shape=g.shape, **geometry)

    return jax.linear_transpose(forward, _struct(shape, g))(g)[0]


# The primitives


def _primitive(name: str, plain) -> Primitive:
    """A primitive that is ``plain`` but on CPUs."""
    made = primitive(name, plain)
    made.def_abstract_eval(
        lambda x, y, *, shape, **_: jax.core.ShapedArray(shape, x.dtype)
    )
    foreign = jax.ffi.ffi_lowering(_kernels.target(name))

    def on_cpu(ctx, x, y, *, stride, before, dilation, groups, shape):
        numbers = (*stride, *before, *dilation, groups)
        return foreign(ctx, x, y, geometry=np.array(numbers, np.int64))

    mlir.register_lowering(made, on_cpu, platform="cpu")
    return made


_convolution = _primitive("convolution", _plain)
_convolution_input = _primitive("convolution_input", _plain_input)
_convolution_weight = _primitive("convolution_weight", _plain_weight)


def convolution(x, w, **params):
    """Correlate images x (N, C, H, W) with w (O, C / groups, R, S)."""
    return _convolution.bind(x, w, **params)


def convolution_input(g, w, **params):
    """The gradient of the images, from that of the result."""
    return _convolution_input.bind(g, w, **params)


def convolution_weight(x, g, **params):
    """The gradient of the weight, from that of the result."""
    return _convolution_weight.bind(x, g, **params)


# Derivatives


def _bilinear(primitive: Primitive, first, second) -> None:
    """``first(ct, y)`` and ``second(x, ct)`` are the transposes."""

    def to_first(ct, x, y, *, shape, **geometry):
        return first(ct, y, shape=x.aval.shape, **geometry)

    def to_second(ct, x, y, *, shape, **geometry):
        return second(x, ct, shape=y.aval.shape, **geometry)

    ad.defbilinear(primitive, to_first, to_second)


_bilinear(_convolution, convolution_input, convolution_weight)
_bilinear(
    _convolution_input, convolution, lambda g, ct, **p: convolution_weight(ct, g, **p)
)
_bilinear(
    _convolution_weight, lambda ct, g, **p: convolution_input(g, ct, **p), convolution
)


# Maps: many convolutions are one of more images or of more groups


def _fold(x, axis: int):
    """The first dimension joined with that at ``axis`` of the others."""
    x = jnp.moveaxis(x, 0, axis)
    return x.reshape(*x.shape[:axis], -1, *x.shape[axis + 2 :])


def _unfold(x, axis: int, size: int):
    x = x.reshape(*x.shape[:axis], size, -1, *x.shape[axis + 1 :])
    return jnp.moveaxis(x, axis, 0)


def _front(x, dim, size: int):
    if dim is None:
        return jnp.broadcast_to(x, (size, *x.shape))
    return jnp.moveaxis(x, dim, 0)


def _map(primitive: Primitive, axes: tuple[int, int, int]) -> None:
    """``axes``: where groups lie in the operands and the result."""

    def mapped(operands, dims, *, shape, groups, **geometry):
        (size,) = {
            x.shape[d] for x, d in zip(operands, dims, strict=True) if d is not None
        }
        if dims[1] is None and primitive is not _convolution_weight:
            x = _fold(jnp.moveaxis(operands[0], dims[0], 0), 0)
            many = (size * shape[0], *shape[1:])
            out = primitive.bind(x, operands[1], shape=many, groups=groups, **geometry)
            return _unfold(out, 0, size), 0
        x, y = (
            _fold(_front(x, d, size), axis)
            for x, d, axis in zip(operands, dims, axes[:2], strict=True)
        )
        where = axes[2]
        many = (*shape[:where], size * shape[where], *shape[where + 1 :])
        out = primitive.bind(x, y, shape=many, groups=size * groups, **geometry)
        return _unfold(out, where, size), 0

    batching.primitive_batchers[primitive] = mapped


_map(_convolution, (1, 0, 1))
_map(_convolution_input, (1, 0, 1))
_map(_convolution_weight, (1, 1, 0))
