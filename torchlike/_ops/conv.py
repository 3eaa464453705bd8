"""Convolutions in one, two and three dimensions, from one op."""

from __future__ import annotations

import operator

import jax.numpy as jnp

from .. import _dtypes
from ._compute import dtype_name
from ._convolve import convolve, convolve_transposed
from ._op import Array, Ints, composite, op

_C_NAMES = {
    "float64": "double",
    "float32": "float",
    "float16": "c10::Half",
    "bfloat16": "c10::BFloat16",
    "int64": "long int",
    "int32": "int",
}


def _c_name(x) -> str:
    name = _dtypes.from_numpy(x.dtype).name
    return _C_NAMES.get(name, name)


def _expand(values: tuple[int, ...], n: int, name: str) -> tuple[int, ...]:
    """One value for each of ``n`` dimensions."""
    if len(values) not in (1, n):
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {n} values to "
            f"match the convolution dimensions, but got {name}={list(values)}"
        )
    return values * n if len(values) == 1 else values


def _node_name(static, plan) -> str:
    x = plan.signature[0]
    unbatched = len(x.shape) == static["n"] + 1
    return "SqueezeBackward1" if unbatched else "ConvolutionBackward0"


@op(name="convolution", scope=None, method=False, backward=_node_name)
def _convolution(
    input: Array,
    weight: Array,
    bias: Array | None,
    n: int,
    stride: Ints,
    padding: object,
    dilation: Ints,
    transposed: bool,
    output_padding: Ints,
    groups: int,
) -> Array:
    """``n`` is the number of dimensions; ``padding`` a tuple, "same" or "valid"."""
    _check_rank(input, n, transposed)
    _check_weight_rank(input, weight, n)
    _check_dtypes(input, weight, bias)
    batched = input.ndim == n + 2
    x = input if batched else input[None]
    stride, dilation = _expand(stride, n, "stride"), _expand(dilation, n, "dilation")
    output_padding = _expand(output_padding, n, "output_padding")
    if isinstance(padding, str):
        padding = _named_padding(padding, weight.shape[2:], stride, dilation)
    else:
        padding = [(p, p) for p in _expand(padding, n, "padding")]
    _check_values(stride, padding, dilation)
    _check_channels(x, weight, bias, groups, transposed)
    if transposed:
        lows = [p for p, _ in padding]
        _check_transposed(x, weight, stride, lows, dilation, output_padding)
        out = convolve_transposed(
            x, weight, stride, lows, output_padding, dilation, groups
        )
    else:
        _check_kernel(x, weight, padding, dilation)
        out = convolve(x, weight, stride, tuple(padding), dilation, groups)
    if bias is not None:
        out = out + bias.reshape(-1, *[1] * n)
    return out if batched else out[0]


def _named_padding(name: str, kernel, stride, dilation) -> list[tuple[int, int]]:
    if name not in ("same", "valid"):
        raise RuntimeError(f"Invalid padding string: '{name}'")
    if name == "valid":
        return [(0, 0)] * len(kernel)
    if any(s != 1 for s in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


# PyTorch's errors


def _check_rank(input, n: int, transposed: bool) -> None:
    if input.ndim not in (n + 1, n + 2):
        kind = "conv_transpose" if transposed else "conv"
        raise RuntimeError(
            f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {kind}{n}d, "
            f"but got input of size: {list(input.shape)}"
        )


def _check_weight_rank(input, weight, n: int) -> None:
    rank = weight.ndim
    if rank < 3:
        raise RuntimeError("weight should have at least three dimensions")
    if rank != n + 2:
        raise RuntimeError(
            f"Expected {rank}-dimensional input for {rank}-dimensional weight"
            f"{list(weight.shape)}, but got {input.ndim}-dimensional input of size "
            f"{list(input.shape)} instead"
        )


def _check_dtypes(input, weight, bias) -> None:
    if bias is not None and bias.dtype != input.dtype:
        raise RuntimeError(
            f"Input type ({_c_name(input)}) and bias type ({_c_name(bias)}) should be "
            "the same"
        )
    if weight.dtype != input.dtype:
        raise RuntimeError(
            f"expected scalar type {dtype_name(input)} but found {dtype_name(weight)}"
        )


def _check_values(stride, padding, dilation) -> None:
    if min(stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(p for pair in padding for p in pair) < 0:
        raise RuntimeError("negative padding is not supported")
    if min(dilation) <= 0:
        raise RuntimeError(
            f"dilation should be greater than zero, but got {list(dilation)}"
        )


def _check_channels(x, weight, bias, groups: int, transposed: bool) -> None:
    size, shape = list(weight.shape), list(x.shape)
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if not transposed and size[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at "
            f"dimension 0, but got weight of size [{size}] instead"
        )
    wanted = size[0] if transposed else size[1] * groups
    if shape[1] != wanted:
        which = "transposed=1" if transposed else f"groups={groups}"
        raise RuntimeError(
            f"Given {which}, weight of size {size}, expected input{shape} to have "
            f"{wanted} channels, but got {shape[1]} channels instead"
        )
    outputs = size[1] * groups if transposed else size[0]
    if bias is not None and bias.shape != (outputs,):
        which = "transposed=1, " if transposed else ""
        raise RuntimeError(
            f"Given {which}weight of size {size}, expected bias to be 1-dimensional "
            f"with {outputs} elements, but got bias of size {list(bias.shape)} instead"
        )


def _times(sizes) -> str:
    return "(" + " x ".join(map(str, sizes)) + ")"


def _check_kernel(x, weight, padding, dilation) -> None:
    sizes = [s + sum(p) for s, p in zip(x.shape[2:], padding, strict=True)]
    kernel = [d * (k - 1) + 1 for k, d in zip(weight.shape[2:], dilation, strict=True)]
    if any(k > s for k, s in zip(kernel, sizes, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: {_times(sizes)}. Kernel size: "
            f"{_times(kernel)}. Kernel size can't be greater than actual input size"
        )


_AXES = {1: ("width",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def _check_transposed(x, weight, stride, padding, dilation, output_padding) -> None:
    for extra, s, d in zip(output_padding, stride, dilation, strict=True):
        if extra >= s and extra >= d:
            groups = {
                "output_padding": output_padding,
                "stride": stride,
                "dilation": dilation,
            }
            text = " ".join(
                f"{name}_{axis}: {value}"
                for name, values in groups.items()
                for axis, value in zip(_AXES[len(stride)], values, strict=True)
            )
            raise RuntimeError(
                "output padding must be smaller than either stride or dilation, but "
                f"got {text}"
            )
    sizes = [
        (length - 1) * s - 2 * p + d * (k - 1) + extra + 1
        for length, k, s, p, d, extra in zip(
            x.shape[2:],
            weight.shape[2:],
            stride,
            padding,
            dilation,
            output_padding,
            strict=True,
        )
    ]
    if min(sizes) < 1:
        raise RuntimeError(
            f"Given input size per channel: {_times(x.shape[2:])}. Calculated output "
            f"size per channel: {_times(sizes)}. Output size is too small"
        )


# The public functions


def _padding(padding):
    if isinstance(padding, str):
        return padding
    if isinstance(padding, (tuple, list)):
        return tuple([operator.index(p) for p in padding])
    return (operator.index(padding),)


def _forward(n: int):
    def conv(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
        return _convolution(
            input,
            weight,
            bias,
            n,
            stride,
            _padding(padding),
            dilation,
            False,
            0,
            groups,
        )

    conv.__name__ = conv.__qualname__ = f"conv{n}d"
    conv.__doc__ = f"""Convolution over {n} dimensions.

    ``padding`` is a number, one for each dimension, "same" or "valid".

    **Shape** input (N, C, L…) or (C, L…); weight (O, C / groups, K…); bias (O).
    """
    return composite(conv, scope="torch nn.functional")


def _transposed(n: int):
    def conv_transpose(
        input,
        weight,
        bias=None,
        stride=1,
        padding=0,
        output_padding=0,
        groups=1,
        dilation=1,
    ):
        return _convolution(
            input,
            weight,
            bias,
            n,
            stride,
            _padding(padding),
            dilation,
            True,
            output_padding,
            groups,
        )

    conv_transpose.__name__ = conv_transpose.__qualname__ = f"conv_transpose{n}d"
    conv_transpose.__doc__ = f"""Transposed convolution over {n} dimensions.

    **Shape** input (N, C, L…) or (C, L…); weight (C, O / groups, K…); bias (O).
    """
    return composite(conv_transpose, scope="torch nn.functional")


conv1d, conv2d, conv3d = (_forward(n) for n in (1, 2, 3))
conv_transpose1d, conv_transpose2d, conv_transpose3d = (
    _transposed(n) for n in (1, 2, 3)
)


@composite
def convolution(
    input,
    weight,
    bias,
    stride,
    padding,
    dilation,
    transposed,
    output_padding,
    groups,
):
    """The general form: the number of dimensions is that of ``weight``, less two."""
    n = len(weight._value().aval.shape) - 2
    return _convolution(
        input,
        weight,
        bias,
        n,
        stride,
        _padding(padding),
        dilation,
        transposed,
        output_padding,
        groups,
    )


@op(scope="torch nn.functional", method=False)
def conv_tbc(input: Array, weight: Array, bias: Array, pad: int = 0) -> Array:
    """Convolution over time, the first dimension.

    **Shape** input (T, N, C), weight (K, C, O), bias (O).
    """
    x, kernel = jnp.transpose(input, (1, 2, 0)), jnp.transpose(weight, (2, 1, 0))
    out = convolve(x, kernel, (1,), ((pad, pad),), (1,), 1)
    return jnp.transpose(out, (2, 0, 1)) + bias


_convolution.op.slow_by_numpy = conv_tbc.op.slow_by_numpy = True
