"""The short-time Fourier transform."""

from __future__ import annotations

import math
import warnings

import jax.numpy as jnp

from ._check import is_complex, is_inexact, scalar_name
from ._forms import overloaded
from ._frames import NO_WINDOW, Shape, flag, frames_of, refuse, shown, window_of
from ._op import Array, op
from ._transform import c2c, complexed, inexact, r2c
from .pad import pad
from .views import view, view_as_real


@op(scope=None, method=False, name="stft")
def _stft(
    input: Array,
    window: Array | None,
    n_fft: int,
    hop: int,
    win_length: int,
    normalized: bool,
    onesided: bool,
    centered: bool,
) -> Array:
    x = input if input.ndim == 2 else input[None]
    length = x.shape[-1]
    if centered:  # the frames reach to the end of the window, not of n_fft
        left = (n_fft - win_length) // 2
        x = jnp.pad(x, ((0, 0), (left, left)))
        length += 2 * left
    x = frames_of(x, 1 + (length - n_fft) // hop, hop, n_fft)
    if window is not None or win_length < n_fft:
        x = x * window_of(window, win_length, n_fft, x.dtype)
    factor = 1 / math.sqrt(n_fft) if normalized else 1.0
    transform = r2c if onesided else c2c
    x = inexact(x) if onesided else complexed(x)
    made = jnp.swapaxes(transform(x, (2,), factor, forward=True), -1, -2)
    return made if input.ndim == 2 else made[0]


def _check_stft(x, n_fft, hop, win_length, window, call: str) -> None:
    if not is_inexact(x):
        refuse(call, "expected a tensor of floating point or complex values")
    if x.ndim not in (1, 2):
        refuse(call, "expected a 1D or 2D tensor")
    length = x.shape[-1]
    if not 0 < n_fft <= length:
        refuse(call, f"expected 0 < n_fft < {length}, but got n_fft={n_fft}")
    if hop <= 0:
        refuse(call, f"expected hop_length > 0, but got hop_length={hop}")
    if not 0 < win_length <= n_fft:
        refuse(
            call, f"expected 0 < win_length <= n_fft, but got win_length={win_length}"
        )
    if window is not None and window.shape != (win_length,):
        refuse(
            call,
            f"expected a 1D window tensor of size equal to win_length={win_length}, "
            f"but got window with size {list(window.shape)}",
        )


def _centred(input, n_fft: int, pad_mode: str):
    shape = input._value().aval.shape
    side = n_fft // 2
    extended = view(input, [1] * (3 - len(shape)) + list(shape))
    padded = pad(extended, [side, side], pad_mode)
    return view(padded, padded._value().aval.shape[3 - len(shape) :])


@overloaded
def stft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    pad_mode="reflect",
    normalized=False,
    onesided=None,
    return_complex=None,
    align_to_window=None,
):
    """The transforms of overlapping, windowed frames.

    **Shape** input (B?, L); result (B?, N, T): N frequencies of T frames.
    """
    if center and align_to_window is not None:
        raise RuntimeError(
            "stft align_to_window should only be set when center = false"
        )
    if center:
        input = _centred(input, n_fft, pad_mode)
    hop = n_fft // 4 if hop_length is None else hop_length
    win = n_fft if win_length is None else win_length
    x, w = Shape.of(input), Shape.of(window)
    call = (
        f"stft(torch.{scalar_name(x)}Tensor{list(x.shape)}, n_fft={n_fft}, "
        f"hop_length={hop}, win_length={win}, window={shown(w)}, "
        f"normalized={flag(normalized)}, onesided={flag(onesided)}, "
        f"return_complex={flag(return_complex)}, "
        f"align_to_window={flag(align_to_window)})"
    )
    _check_stft(x, n_fft, hop, win, w, call)
    complex_in = is_complex(x) or (w is not None and is_complex(w))
    if onesided and complex_in:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    if window is None:
        cause = "which is known to cause spectral leakage. Other windows such as "
        cause += "torch.hann_window or torch.hamming_window are recommended to reduce "
        warnings.warn(NO_WINDOW.format(cause + "spectral leakage."), stacklevel=3)
    as_complex = _return_complex(return_complex, complex_in)
    half = not complex_in if onesided is None else bool(onesided)
    made = _stft(
        input, window, n_fft, hop, win, bool(normalized), half, bool(align_to_window)
    )
    return made if as_complex else view_as_real(made)


def _return_complex(asked, complex_in: bool) -> bool:
    if asked is None and not complex_in:
        raise RuntimeError(
            "stft requires the return_complex parameter be given for real inputs, and "
            "will further require that return_complex=True in a future PyTorch release."
        )
    if asked is not None and not asked:
        warnings.warn(
            "stft with return_complex=False is deprecated. In a future pytorch release,"
            " stft will return complex tensors for all inputs, and return_complex=False"
            " will raise an error.\nNote: you can still call torch.view_as_real on the "
            "complex output to recover the old return format.",
            stacklevel=4,
        )
    return True if asked is None else bool(asked)
