"""Padding: with a constant, by reflection, by repetition, around."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from ._op import Array, Ints, Scalar, composite, op

_MODES = {
    "reflect": ("reflect", "ReflectionPad{}DBackward0"),
    "replicate": ("edge", "ReplicationPad{}DBackward0"),
    "circular": ("wrap", "torch::autograd::CopySlices"),
}


def _pairs(pad: tuple[int, ...], ndim: int) -> list[tuple[int, int]]:
    """(before, after) for each dimension; ``pad`` begins with the last."""
    if len(pad) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(pad) > 2 * ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input "
            f"dimension but got padding length {len(pad)} and input of dimension {ndim}"
        )
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    return [(0, 0)] * (ndim - len(pairs)) + pairs[::-1]


@op(name="constant_pad_nd", method=False)
def constant_pad_nd(input: Array, pad: Ints, value: Scalar = 0) -> Array:
    """``value`` around the input; a negative size crops."""
    pairs = _pairs(pad, input.ndim)
    for i, (before, after) in enumerate(pairs):
        size = input.shape[i] + before + after
        if size < 0 or input.shape[i] + min(before, 0) + min(after, 0) < 0:
            raise RuntimeError(
                f"The input size {input.shape[i]}, plus negative padding {before} and "
                f"{after} resulted in a negative output size, which is invalid. Check "
                f"dimension {i} of your input."
            )
    value = jnp.asarray(value).astype(input.dtype)
    return lax.pad(input, value, [(*pair, 0) for pair in pairs])


def _name(static, plan) -> str:
    return _MODES[static["mode"]][1].format(len(static["pad"]) // 2)


@op(name="pad", scope=None, method=False, backward=_name)
def _pad_from_input(input: Array, pad: Ints, mode: str) -> Array:
    pairs = _pairs(pad, input.ndim)
    _check_rank(input, len(pad))
    _check_sizes(input, pairs, mode)
    if mode == "replicate" and 0 in [
        size + min(before, 0) + min(after, 0)
        for size, (before, after) in zip(input.shape, pairs, strict=True)
    ]:
        return _clamped(input, pairs)
    x = input[
        tuple(
            slice(max(-before, 0), size - max(-after, 0))
            for size, (before, after) in zip(input.shape, pairs, strict=True)
        )
    ]
    widths = [(max(before, 0), max(after, 0)) for before, after in pairs]
    return jnp.pad(x, widths, mode=_MODES[mode][0])


def _clamped(x, pairs):
    """Every place gets the element nearest to it; also where cropping leaves none."""
    for i, (before, after) in enumerate(pairs):
        size = x.shape[i]
        if size and (before, after) != (0, 0):
            at = jnp.clip(jnp.arange(size + before + after) - before, 0, size - 1)
            x = jnp.take(x, at, i)
    return x


def _check_rank(input, length: int) -> None:
    if length // 2 + 1 <= input.ndim <= length // 2 + 2 and length <= 6:
        return
    raise NotImplementedError(
        f"Padding size {length} is not supported for {input.ndim}D input tensor.\n"
        "Supported combinations for non-constant padding:\n"
        "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
        "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
        "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
    )


def _check_sizes(input, pairs, mode: str) -> None:
    for i, (before, after) in enumerate(pairs):
        size = input.shape[i]
        if size == 0 and i and mode != "circular":
            n = sum(p != (0, 0) for p in pairs) or 1
            raise RuntimeError(
                f"Expected {n + 1}D or {n + 2}D (batch mode) tensor with possibly 0 "
                "batch size and other non-zero dimensions for input, but got: "
                f"{list(input.shape)}"
            )
        if mode == "reflect" and max(before, after) >= max(size, 1):
            raise RuntimeError(
                "Argument #4: Padding size should be less than the corresponding input "
                f"dimension, but got: padding ({before}, {after}) at dimension {i} of "
                f"input {list(input.shape)}"
            )
        if mode == "circular" and max(before, after) > size:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        padded = (before, after) != (0, 0)
        if padded and size + before + after < (mode != "circular"):
            raise RuntimeError(
                f"input (W: {size}) is too small. Calculated output W: "
                f"{size + before + after}"
            )


@composite(scope="nn.functional")
def pad(input, pad, mode="constant", value=None):
    """Pad the last ``len(pad) / 2`` dimensions; ``pad`` begins with the last one.

    **Shape** input (…, L), pad (before, after, …), result (…, before + L + after).
    """
    if mode == "constant":
        return constant_pad_nd(input, pad, 0 if value is None else value)
    ndim = len(input._value().aval.shape)
    pad = tuple(pad)
    _pairs(pad, ndim)
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if mode not in _MODES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    return _pad_from_input(input, pad, mode)
