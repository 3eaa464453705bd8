"""Frames of a signal, their window, and the errors of stft and istft."""

from __future__ import annotations

import jax.numpy as jnp

from ._check import scalar_name

NO_WINDOW = (
    "A window was not provided. A rectangular window will be applied,{}To suppress "
    "this warning and use a rectangular window, explicitly set "
    "`window=torch.ones(n_fft, device=<device>)`."
)
_FEW = 32  # hops to a frame up to which frames are made of slices, not of a gather


class Shape:
    """What the checks ask of a tensor."""

    def __init__(self, aval):
        self.shape, self.dtype = aval.shape, jnp.dtype(aval.dtype.numpy_dtype)
        self.ndim = len(aval.shape)

    @classmethod
    def of(cls, tensor) -> Shape | None:
        """The shape of a tensor; None of None."""
        return None if tensor is None else cls(tensor._value().aval)


def window_of(window, win_length: int, n_fft: int, dtype):
    """The window (of ones where there is none) in the middle of ``n_fft`` points."""
    if window is None:
        window = jnp.ones(win_length, dtype)
    left = (n_fft - win_length) // 2
    return jnp.pad(window, (left, n_fft - win_length - left))


def _places(count: int, hop: int, n: int):
    """Where the points of each frame are: (count, n)."""
    return jnp.arange(count)[:, None] * hop + jnp.arange(n)[None, :]


def frames_of(x, count: int, hop: int, n: int):
    """``count`` frames of ``n`` points, ``hop`` apart: (B, L) to (B, count, n)."""
    pieces = -(-n // hop)
    if pieces > _FEW:
        return x[:, _places(count, hop, n)]
    length = (count + pieces - 1) * hop
    x = jnp.pad(x, ((0, 0), (0, max(length - x.shape[1], 0))))[:, :length]
    rows = x.reshape(x.shape[0], -1, hop)
    parts = [rows[:, i : i + count] for i in range(pieces)]
    return jnp.concatenate(parts, -1)[..., :n]


def added(frames, hop: int):
    """Overlapping frames added up: (B, T, n) to (B, n + hop (T - 1))."""
    batch, count, n = frames.shape
    total, pieces = n + hop * (count - 1), -(-n // hop)
    if pieces > _FEW:
        empty = jnp.zeros((batch, total), frames.dtype)
        places = _places(count, hop, n).reshape(-1)
        return empty.at[:, places].add(frames.reshape(batch, -1))
    frames = jnp.pad(frames, ((0, 0), (0, 0), (0, pieces * hop - n)))
    parts = frames.reshape(batch, count, pieces, hop)
    rows = sum(
        jnp.pad(parts[:, :, i], ((0, 0), (i, pieces - 1 - i), (0, 0)))
        for i in range(pieces)
    )
    return rows.reshape(batch, -1)[:, :total]


def shown(tensor) -> str:
    """A window in the text of an error."""
    if tensor is None:
        return "None"
    return f"torch.{scalar_name(tensor)}Tensor{{{list(tensor.shape)}}}"


def flag(x) -> str:
    """A bool or None in the text of an error."""
    return "None" if x is None else str(int(x))


def refuse(call: str, text: str) -> None:
    """Raise PyTorch's error: the call and what is wrong with it."""
    raise RuntimeError(f"{call} : {text}")
