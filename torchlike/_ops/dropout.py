"""Dropout: masks are drawn on the host (or by key on a device) and enter as inputs.

PyTorch draws the mask in the memory order of the input and multiplies by
mask / (1 - p), rounded to the input's dtype.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from .. import _dtypes
from . import _fills, _write
from ._fill_order import memory_order
from ._fills import Site
from ._op import Array, Scalar, composite, op

_FUNCTIONAL = "nn.functional"
_ALPHA = 1.7580993408473766  # SELU's limit for large negative inputs


@op(name="dropout", scope=None, method=False, backward="MulBackward0")
def _masked(input: Array, mask: Array, scale: Scalar) -> Array:
    """input · mask · scale; a dropped infinity gives nan, as in PyTorch."""
    noise = mask * scale.astype(input.dtype)
    return input * noise


@op(name="alpha_dropout", scope=None, method=False, backward="AddBackward0")
def _masked_affine(
    input: Array, mask: Array, a: Scalar, slope: Scalar, shift: Scalar
) -> Array:
    """a · input where kept, else the value that keeps mean and variance."""
    noise = mask.astype(input.dtype)
    bias = ((noise - 1) * slope + shift).astype(input.dtype)
    return input * (noise * a).astype(input.dtype) + bias


def _mask(input, p: float, feature: bool):
    """Booleans that are true with probability 1 - p."""
    value = input._value()
    shape, order = value.aval.shape, memory_order(input)
    if feature:
        if len(shape) < 2:
            raise RuntimeError(
                "Feature dropout requires at least 2 dimensions in the input"
            )
        shape, order = shape[:2] + (1,) * (len(shape) - 2), None
    site = Site(shape, _dtypes.bool_, value.device, None, order)
    return _fills.bernoulli(site, 1 - p)


def _scale(p: float, dtype: _dtypes.dtype) -> float:
    """1 / (1 - p), rounded as the division of a mask in ``dtype`` rounds."""
    if dtype is _dtypes.float64 or dtype is _dtypes.complex128:
        return 1 / (1 - p)
    return float(np.float32(1) / np.float32(1 - p))


def _drop(input, p: float, train: bool, *, feature: bool = False, alpha: bool = False):
    """One function for the family; the input itself where nothing is dropped."""
    if not 0 <= p <= 1:
        raise RuntimeError(
            f"dropout probability has to be between 0 and 1, but got {p:g}"
        )
    aval = input._value().aval
    if p == 0 or not train or aval.nbytes == 0:
        return input
    if p == 1:
        return _nothing(input)
    _check_dtype(aval.dtype)
    mask = _mask(input, p, feature)
    if not alpha:
        return _masked(input, mask, _scale(p, aval.dtype))
    a = 1 / math.sqrt((_ALPHA * _ALPHA * p + 1) * (1 - p))
    return _masked_affine(input, mask, a, _ALPHA * a, _ALPHA * a * p)


@op(name="drop_all", scope=None, method=False, backward="MulBackward0")
def _nothing(input: Array) -> Array:
    return input * np.zeros((), input.dtype)


def _check_dtype(dtype: _dtypes.dtype) -> None:
    if dtype.category < 2:
        raise RuntimeError(
            "result type Float can't be cast to the desired output type "
            f"{_dtypes.scalar_type_name(dtype)}"
        )


def _put(input, result):
    """The in-place forms."""
    if result is input:
        return input
    _write.check_inplace(input)
    _write.overwrite(input, result)
    return input


# ----- torch.dropout and its kin -----------------------------------------------------


@composite
def dropout(input, p, train):
    """Zero elements with probability ``p`` and scale the others by 1 / (1 - p)."""
    return _drop(input, float(p), train)


@composite
def dropout_(input, p, train):
    """``dropout`` in place."""
    return _put(input, _drop(input, float(p), train))


@composite
def native_dropout(input, p, train):
    """``dropout`` and the mask of what it kept."""
    if not train:
        return input.clone(), _kept(input)
    if not 0 <= p <= 1:
        raise RuntimeError(
            f"dropout probability has to be between 0 and 1, but got {p:g}"
        )
    if p == 1 or input._value().aval.nbytes == 0:
        return _nothing(input), _nothing(_kept(input))
    mask = _mask(input, float(p), False)
    return _masked(input, mask, _scale(float(p), input._value().aval.dtype)), mask


@op(name="all_kept", scope=None, method=False, differentiable=False)
def _kept(input: Array) -> Array:
    return np.ones(input.shape, np.bool_)


@composite
def feature_dropout(input, p, train):
    """Zero whole channels (N, C, …) with probability ``p``."""
    return _drop(input, float(p), train, feature=True)


@composite
def feature_dropout_(input, p, train):
    """``feature_dropout`` in place."""
    return _put(input, _drop(input, float(p), train, feature=True))


@composite
def alpha_dropout(input, p, train):
    """Dropout that keeps mean 0 and variance 1 through SELU."""
    return _drop(input, float(p), train, alpha=True)


@composite
def alpha_dropout_(input, p, train):
    """``alpha_dropout`` in place."""
    return _put(input, _drop(input, float(p), train, alpha=True))


@composite
def feature_alpha_dropout(input, p, train):
    """``alpha_dropout`` of whole channels."""
    return _drop(input, float(p), train, feature=True, alpha=True)


@composite
def feature_alpha_dropout_(input, p, train):
    """``feature_alpha_dropout`` in place."""
    return _put(input, _drop(input, float(p), train, feature=True, alpha=True))


# ----- torch.nn.functional -----------------------------------------------------------


def _functional(input, p, training, inplace, **kind):
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    result = _drop(input, float(p), training, **kind)
    return _put(input, result) if inplace else result


@composite(name="dropout", scope=_FUNCTIONAL)
def functional_dropout(input, p=0.5, training=True, inplace=False):
    """Zero elements with probability ``p`` and scale the others by 1 / (1 - p).

    **Source** https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
    """
    return _functional(input, p, training, inplace)


@composite(name="alpha_dropout", scope=_FUNCTIONAL)
def functional_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout that keeps mean 0 and variance 1 through SELU.

    **Source** G. Klambauer et al., Self-Normalizing Neural Networks, 2017
    """
    return _functional(input, p, training, inplace, alpha=True)


@composite(name="feature_alpha_dropout", scope=_FUNCTIONAL)
def functional_feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """``alpha_dropout`` of whole channels."""
    return _functional(input, p, training, inplace, alpha=True, feature=True)


@composite(scope=_FUNCTIONAL)
def dropout1d(input, p=0.5, training=True, inplace=False):
    """Zero whole channels of (N, C, L) or (C, L)."""
    _check_probability(p)
    n = input._value().aval
    if len(n.shape) not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {len(n.shape)}D "
            "input. Note that dropout1d exists to provide channel-wise dropout on "
            "inputs with 1 spatial dimension, a channel dimension, and an optional "
            "batch dimension (i.e. 2D or 3D inputs)."
        )
    return _by_channel(input, p, training, inplace, batched=len(n.shape) == 3)


@composite(scope=_FUNCTIONAL)
def dropout2d(input, p=0.5, training=True, inplace=False):
    """Zero whole channels of (N, C, H, W); a 3-d input counts as (N, C, L)."""
    _check_probability(p)
    rank = len(input._value().aval.shape)
    if rank not in (3, 4):
        _warn_rank("dropout2d", rank, 2, "3D or 4D")
    if rank == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that "
            "channel-wise 1D dropout behavior is desired - input is interpreted as "
            "shape (N, C, L), where C is the channel dim. This behavior will change "
            "in a future release to interpret the input as one without a batch "
            "dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout "
            "behavior, please switch to using dropout1d instead.",
            stacklevel=3,
        )
    return _by_channel(input, p, training, inplace, batched=True)


@composite(scope=_FUNCTIONAL)
def dropout3d(input, p=0.5, training=True, inplace=False):
    """Zero whole channels of (N, C, D, H, W) or (C, D, H, W)."""
    _check_probability(p)
    rank = len(input._value().aval.shape)
    if rank not in (4, 5):
        _warn_rank("dropout3d", rank, 3, "4D or 5D")
    return _by_channel(input, p, training, inplace, batched=rank != 4)


def _check_probability(p):
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _warn_rank(name, rank, spatial, ranks):
    warnings.warn(
        f"{name}: Received a {rank}-D input to {name}, which is deprecated and will "
        "result in an error in a future release. To retain the behavior and silence "
        f"this warning, please use dropout instead. Note that {name} exists to provide "
        f"channel-wise dropout on inputs with {spatial} spatial dimensions, a channel "
        f"dimension, and an optional batch dimension (i.e. {ranks} inputs).",
        stacklevel=3,
    )


def _by_channel(input, p, training, inplace, *, batched: bool):
    given = input if batched else input.unsqueeze(0)
    result = _drop(given, float(p), training, feature=True)
    if result is given:
        return input
    result = result if batched else result.squeeze(0)
    return _put(input, result) if inplace else result
