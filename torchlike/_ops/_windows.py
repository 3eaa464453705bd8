"""Sliding windows: sizes, PyTorch's checks, and the shifted slices they are made of.

Pooling over a few elements is written as elementwise work on strided slices, one for
each place in the window. XLA fuses these, forward and backward; its own window
reductions are slower on a CPU, and have no derivative for dilated windows.
"""

from __future__ import annotations

import itertools
import math

from jax import lax


def expand(values: tuple[int, ...], n: int, text: str) -> tuple[int, ...]:
    """One value for each of ``n`` dimensions; ``text`` is PyTorch's error."""
    if len(values) not in (1, n):
        raise RuntimeError(text)
    return values * n if len(values) == 1 else values


def output_size(length, kernel, stride, padding, dilation, ceil_mode: bool) -> int:
    """How many windows fit."""
    span = length + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return span // stride + 1
    size = -(-span // stride) + 1
    # The last window must begin inside of the input or of the padding before it.
    return size - ((size - 1) * stride >= length + padding)


class Windows:
    """Windows over the last ``n`` dimensions of an array of ``shape``."""

    def __init__(self, shape, kernel, stride, padding, dilation, ceil_mode: bool):
        self.n = len(kernel)
        self.kernel, self.stride = kernel, stride
        self.padding, self.dilation = padding, dilation
        self.lengths = shape[len(shape) - self.n :]
        self.sizes = tuple(
            output_size(*each, ceil_mode)
            for each in zip(
                self.lengths, kernel, stride, padding, dilation, strict=True
            )
        )

    def sides(self):
        """These windows as windows over single dimensions, the last dimension first."""
        for i in reversed(range(self.n)):
            side = object.__new__(Windows)
            side.n = self.n - i
            ones = (1,) * (side.n - 1)
            side.kernel = (self.kernel[i], *ones)
            side.stride = (self.stride[i], *ones)
            side.dilation = (self.dilation[i], *ones)
            side.padding = (self.padding[i], *(0 for _ in ones))
            # The dimensions behind have their final sizes already.
            side.lengths = (self.lengths[i], *self.sizes[i + 1 :])
            side.sizes = self.sizes[i:]
            yield side

    @property
    def count(self) -> int:
        """Elements in a window."""
        return math.prod(self.kernel)

    def reach(self, i: int) -> int:
        """How far the windows of dimension ``i`` reach from the padded start."""
        last = (self.sizes[i] - 1) * self.stride[i]
        return last + self.dilation[i] * (self.kernel[i] - 1) + 1

    def pad(self, x, value):
        """x with the padding, and what the last windows reach beyond it."""
        config = [(0, 0, 0)] * (x.ndim - self.n)
        for i, (length, before) in enumerate(
            zip(self.lengths, self.padding, strict=True)
        ):
            config.append((before, self.reach(i) - length - before, 0))
        if all(c == (0, 0, 0) for c in config):
            return x
        return lax.pad(x, value, config)

    def places(self):
        """The offsets of the elements of a window, in order."""
        return itertools.product(*(range(k) for k in self.kernel))

    def slice(self, padded, place):
        """The element at ``place`` of every window."""
        outer = padded.ndim - self.n
        starts = [p * d for p, d in zip(place, self.dilation, strict=True)]
        ends = [
            start + (size - 1) * s + 1
            for start, size, s in zip(starts, self.sizes, self.stride, strict=True)
        ]
        return lax.slice(
            padded,
            [0] * outer + starts,
            [*padded.shape[:outer], *ends],
            [1] * outer + list(self.stride),
        )


_AXES = {1: "W", 2: "HW", 3: "DHW"}


def check_pads(kernel, padding, dilation) -> None:
    """PyTorch's errors for padding that is wider than half a window."""
    for k, p, d in zip(kernel, padding, dilation, strict=True):
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > ((k - 1) * d + 1) // 2:
            raise RuntimeError(
                "pad should be at most half of effective kernel size, but got "
                f"pad={p}, kernel_size={k} and dilation={d}"
            )


def check_sizes(shape, windows: Windows) -> None:
    """PyTorch's errors for windows that do not fit."""
    check_pads(windows.kernel, windows.padding, windows.dilation)
    if min(windows.sizes) < 1:
        ones = (1,) if windows.n == 1 else ()
        channels = shape[len(shape) - windows.n - 1]
        before = "x".join(map(str, (channels, *ones, *windows.lengths)))
        after = "x".join(map(str, (channels, *ones, *windows.sizes)))
        raise RuntimeError(
            f"Given input size: ({before}). Calculated output size: ({after}). Output "
            "size is too small"
        )


def check_steps(stride, dilation) -> None:
    """PyTorch's errors for steps of 0."""
    if min(stride) == 0:
        raise RuntimeError("stride should not be zero")
    if min(dilation) <= 0:
        text = " ".join(
            f"dilation{axis}: {d}"
            for axis, d in zip(_AXES[len(dilation)], dilation, strict=True)
        )
        raise RuntimeError(f"dilation should be greater than zero, but got {text}")
