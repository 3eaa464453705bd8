"""Convolutions and their two gradients: PyTorch, ours, XLA's; best of many, in ms."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import torch

from torchlike._ops import _conv_primitives as ours
from torchlike._ops._convolve import _xla

from .turns import begin, best

# images, channels, size, outputs, kernel, stride, padding
CASES = [
    (32, 3, 32, 64, 3, 1, 1),
    (32, 64, 32, 64, 3, 1, 1),
    (32, 64, 32, 128, 3, 2, 1),
    (32, 256, 8, 256, 3, 1, 1),
    (64, 1, 28, 32, 3, 1, 0),
    (64, 32, 26, 64, 3, 1, 0),
    (4, 3, 224, 64, 7, 2, 3),
    (64, 32, 8, 64, 3, 1, 1),
    (16, 512, 4, 512, 3, 1, 1),
    (16, 256, 2, 256, 3, 1, 1),
    (16, 512, 1, 512, 3, 1, 1),
]


def _torch(x, w, g, stride, padding):
    def backward(*wanted):
        return torch.ops.aten.convolution_backward(
            g, x, w, None, *[[n] * 2 for n in (stride, padding, 1)], False, [0, 0], 1,
            [*wanted, False],
        )  # fmt: skip

    return (
        lambda: torch.nn.functional.conv2d(x, w, None, stride, padding),
        lambda: backward(True, False),
        lambda: backward(False, True),
    )


def _wait(function, *operands):
    compiled = jax.jit(function)
    return lambda: compiled(*operands).block_until_ready()


def _ours(x, w, g, stride, padding):
    geometry = {
        "stride": (stride,) * 2,
        "before": (padding,) * 2,
        "dilation": (1, 1),
        "groups": 1,
    }
    trio = (ours.convolution, ours.convolution_input, ours.convolution_weight)
    sizes = (g.shape, x.shape, w.shape)
    for function, operands, shape in zip(
        trio, ((x, w), (g, w), (x, g)), sizes, strict=True
    ):
        yield _wait(functools.partial(function, shape=shape, **geometry), *operands)


def _theirs(x, w, g, stride, padding):
    def forward(x, w):
        pads = ((padding, padding),) * 2
        return _xla(x, w, (stride,) * 2, pads, (1, 1), 1)

    yield _wait(forward, x, w)
    yield _wait(
        lambda g, w: jax.linear_transpose(lambda x: forward(x, w), x)(g)[0], g, w
    )
    yield _wait(
        lambda x, g: jax.linear_transpose(lambda w: forward(x, w), w)(g)[0], x, g
    )


def main(rounds: int, processor: bool) -> None:
    clock = begin(processor)
    print("| case | forward | gradient of the images | gradient of the weight |")
    print("| --- | --- | --- | --- |")
    for n, c, size, k, kernel, stride, padding in CASES:
        x, w = torch.randn(n, c, size, size), torch.randn(k, c, kernel, kernel)
        g = torch.randn_like(torch.conv2d(x, w, None, stride, padding))
        arrays = [jnp.asarray(t.numpy()) for t in (x, w, g)]
        functions = [
            *_torch(x, w, g, stride, padding),
            *_ours(*arrays, stride, padding),
            *_theirs(*arrays, stride, padding),
        ]
        times = best(functions, rounds, clock)
        cells = [" / ".join(f"{t:.1f}" for t in times[i::3]) for i in range(3)]
        name = f"N{n} C{c} {size}² K{k} {kernel}×{kernel}"
        name += f" stride {stride}" if stride > 1 else ""
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
