"""The inverse of the short-time Fourier transform."""

from __future__ import annotations

import math
import warnings

import jax.numpy as jnp
import numpy as np

from ._check import is_complex, scalar_name
from ._forms import overloaded
from ._frames import NO_WINDOW, Shape, added, flag, refuse, shown, window_of
from ._look import look
from ._op import Array, op
from ._transform import c2c, c2r


def _cut(n: int, half: int, center: bool, length: int | None) -> slice:
    """The part of the ``n`` points that the inverse keeps."""
    start = half if center else 0
    if length is not None:
        return slice(start, start + length)
    return slice(start, n - half if center else n)


def _envelope(shape, frames: int, hop: int):
    """The squares of the windows (one padded to a frame) added up."""
    return added(jnp.broadcast_to(shape**2, (1, frames, len(shape))), hop)[0]


@op(scope=None, method=False, name="istft")
def _istft(
    input: Array,
    window: Array | None,
    n_fft: int,
    hop: int,
    win_length: int,
    center: bool,
    normalized: bool,
    onesided: bool,
    length: int | None,
    return_complex: bool,
) -> Array:
    x = jnp.swapaxes(input if input.ndim == 3 else input[None], -1, -2)  # (B, T, N)
    frames, total = x.shape[1], n_fft + hop * (x.shape[1] - 1)
    factor = 1 / math.sqrt(n_fft) if normalized else 1 / n_fft
    if return_complex:
        x = c2c(x, (2,), factor, forward=False)
    else:
        x = c2r(x[..., : n_fft // 2 + 1], (2,), n_fft, factor)
    shape = window_of(window, win_length, n_fft, jnp.finfo(x.dtype).dtype)
    kept = _cut(total, n_fft // 2, center, length)
    x = added(x * shape, hop)[:, kept] / _envelope(shape, frames, hop)[kept]
    if length is not None and x.shape[1] < length:
        x = jnp.pad(x, ((0, 0), (0, length - x.shape[1])))
    return x if input.ndim == 3 else x[0]


def _check_istft(x, n_fft, hop, win_length, window, onesided, call) -> None:
    if 0 in x.shape:
        refuse(call, "input tensor cannot be empty.")
    if x.ndim not in (2, 3):
        refuse(
            call,
            f"expected a tensor with 3 or 4 dimensions, but got {x.ndim + 1}",
        )
    wanted = n_fft // 2 + 1 if onesided else n_fft
    if x.shape[-2] != wanted:
        size = "n_fft / 2 + 1" if onesided else "n_fft"
        refuse(
            call,
            "expected the frequency dimension (3rd to the last) of the input tensor to "
            f"match {size} when onesided={onesided}, but got {x.shape[-2]}",
        )
    if not 0 < hop <= win_length:
        refuse(call, "expected 0 < hop_length <= win_length")
    if not 0 < win_length <= n_fft:
        refuse(call, "expected 0 < win_length <= n_fft")
    if window is not None and window.shape != (win_length,):
        refuse(
            call,
            "Invalid window shape. window has to be 1D and length of `win_length`",
        )


@overloaded
def istft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    normalized=False,
    onesided=None,
    length=None,
    return_complex=False,
):
    """The inverse of ``stft`` by overlapping and adding.

    **Source** D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time
    Fourier transform", IEEE Transactions on ASSP 32 (1984).
    """
    hop = n_fft // 4 if hop_length is None else hop_length
    win = n_fft if win_length is None else win_length
    x, w = Shape.of(input), Shape.of(window)
    call = _istft_call(x, w, n_fft, hop, win, center, normalized, onesided)
    call += f"length={length}, return_complex={flag(return_complex)})"
    if window is None:
        text = NO_WINDOW.format(
            "Please provide the same window used by stft to make the inversion "
            "lossless."
        )
        warnings.warn(text, stacklevel=3)
    if not is_complex(x):
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from "
            "stft with return_complex=True."
        )
    half = x.ndim > 1 and x.shape[-2] != n_fft if onesided is None else bool(onesided)
    _check_istft(x, n_fft, hop, win, w, half, call)
    _check_complex(w, half, return_complex)
    _check_overlap(window, x, n_fft, hop, win, bool(center), length, call)
    return _istft(
        input,
        window,
        n_fft,
        hop,
        win,
        bool(center),
        bool(normalized),
        half,
        length,
        bool(return_complex),
    )


def _istft_call(x, w, n_fft, hop, win, center, normalized, onesided) -> str:
    return (
        f"istft(CPU{scalar_name(x)}Type{list(x.shape)}, n_fft={n_fft}, "
        f"hop_length={hop}, win_length={win}, window={shown(w)}, "
        f"center={flag(center)}, normalized={flag(normalized)}, "
        f"onesided={flag(onesided)}, "
    )


def _check_complex(w, onesided: bool, return_complex: bool) -> None:
    if not return_complex and w is not None and is_complex(w):
        raise RuntimeError("Complex windows are incompatible with return_complex=False")
    if return_complex and onesided:
        raise RuntimeError("Cannot have onesided output if window or input is complex")


def _check_overlap(window, x, n_fft, hop, win, center, length, call) -> None:
    """The windows may not add up to nothing anywhere; reads the window's values."""
    values = np.ones(win) if window is None else look(window, "istft")
    if values is None:
        return
    frames = x.shape[-1]
    total, left = n_fft + hop * (frames - 1), (n_fft - win) // 2
    squares = np.pad(values**2, (left, n_fft - left - win))
    squares = np.pad(squares, (0, -n_fft % hop))
    rows = np.zeros((frames + n_fft // hop + 1, hop), squares.dtype)
    for i, part in enumerate(squares.reshape(-1, hop)):
        rows[i : i + frames] += part
    kept = rows.reshape(-1)[:total][_cut(total, n_fft // 2, center, length)]
    if not kept.size:
        raise RuntimeError(
            "min(): Expected reduction dim to be specified for input.numel() == 0. "
            "Specify the reduction dim with the 'dim' argument."
        )
    if np.abs(kept).min() < 1e-11:
        raise RuntimeError(f"{call} window overlap add min: 1")
