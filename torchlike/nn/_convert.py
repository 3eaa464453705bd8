"""Changing dtype and device of a whole module."""

from __future__ import annotations

import warnings

from .._devices import device as Device
from .._dtypes import dtype as Dtype
from .._tensor import Tensor
from ..autograd.grad_mode import no_grad
from . import _torch as torch
from .parameter import Parameter, is_lazy


class Convert:
    """The conversion methods of ``nn.Module``; all return the module."""

    def _apply(self, fn, recurse=True):
        """Replace the contents of every parameter, gradient and buffer by ``fn``'s."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        for name, param in self._parameters.items():
            if param is not None:
                self._parameters[name] = _convert_parameter(param, fn)
        for name, buffer in self._buffers.items():
            if is_lazy(buffer):
                buffer.data = fn(buffer.data)
            elif buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self, *args, **kwargs):
        """``to(device)``, ``to(dtype)``, ``to(device, dtype)``, ``to(tensor)``.

        A dtype applies to floating point and complex tensors only, and must be one.
        """
        device, dtype, non_blocking, layout = parse_to(*args, **kwargs)
        if dtype is not None:
            _check_dtype(dtype)

        def convert(tensor):
            inexact = tensor.is_floating_point() or tensor.is_complex()
            options = {"non_blocking": non_blocking}
            if layout is not None and tensor.dim() in (4, 5):
                options["memory_format"] = layout
            try:
                return tensor.to(device, dtype if inexact else None, **options)
            except NotImplementedError as error:
                if str(error) != "Cannot copy out of meta tensor; no data!":
                    raise
                raise NotImplementedError(
                    f"{error} Please use torch.nn.Module.to_empty() instead of "
                    "torch.nn.Module.to() when moving module from meta to a different "
                    "device."
                ) from None

        return self._apply(convert)

    def to_empty(self, *, device, recurse: bool = True):
        """Move without copying: the contents are undefined afterwards."""

        return self._apply(
            lambda t: torch.empty_like(t, device=device), recurse=recurse
        )

    def type(self, dst_type):
        """Cast all parameters and buffers."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self):
        """Cast all floating point parameters and buffers to float32."""
        return self._apply(lambda t: t.float() if t.is_floating_point() else t)

    def double(self):
        """Cast all floating point parameters and buffers to float64."""
        return self._apply(lambda t: t.double() if t.is_floating_point() else t)

    def half(self):
        """Cast all floating point parameters and buffers to float16."""
        return self._apply(lambda t: t.half() if t.is_floating_point() else t)

    def bfloat16(self):
        """Cast all floating point parameters and buffers to bfloat16."""
        return self._apply(lambda t: t.bfloat16() if t.is_floating_point() else t)

    def cpu(self):
        """Move all parameters and buffers to the CPU."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device=None):
        """Move all parameters and buffers to a GPU."""
        return self._apply(lambda t: t.cuda(device))

    def share_memory(self):
        """Put all parameters and buffers into shared memory."""
        return self._apply(lambda t: t.share_memory_())


def _convert_parameter(param, fn):
    """The same Parameter with new contents; leaving ``meta`` makes a new one."""
    with no_grad():
        made = fn(param)
    if param.is_meta == made.is_meta:
        kept = param
        kept.data = made
    else:
        kept = Parameter(made, param.requires_grad)
    grad = param.grad
    if grad is not None:
        with no_grad():
            kept.grad = fn(grad).requires_grad_(grad.requires_grad)
    return kept


def _check_dtype(dtype) -> None:
    if not (dtype.is_floating_point or dtype.is_complex):
        raise TypeError(
            "nn.Module.to only accepts floating point or complex dtypes, but got "
            f"desired dtype={dtype}"
        )
    if dtype.is_complex:
        warnings.warn(
            "Complex modules are a new feature under active development whose design "
            "may change, and some modules might not work as expected when using "
            "complex tensors as parameters or buffers. Please file an issue at "
            "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml if "
            "a complex module does not work as expected.",
            stacklevel=3,
        )


def parse_to(*args, **kwargs):
    """Read the arguments of ``to``: (device, dtype, non_blocking, memory_format)."""
    layout = kwargs.pop("memory_format", None)
    device = kwargs.pop("device", None)
    dtype = kwargs.pop("dtype", None)
    other = kwargs.pop("tensor", kwargs.pop("other", None))
    non_blocking = kwargs.pop("non_blocking", False)
    kwargs.pop("copy", None)
    rest = list(args)
    if rest and isinstance(rest[0], Tensor):
        other = rest.pop(0)
    elif rest and isinstance(rest[0], Dtype):
        dtype = rest.pop(0)
    elif rest:
        device = rest.pop(0)
        if rest and (rest[0] is None or isinstance(rest[0], Dtype)):
            dtype = rest.pop(0)
    if rest:
        non_blocking = rest.pop(0)
    if rest or kwargs or not isinstance(non_blocking, bool):
        raise TypeError(
            "to() received an invalid combination of arguments; expected (torch.device "
            "device, torch.dtype dtype, bool non_blocking, *, torch.memory_format "
            "memory_format), (torch.dtype dtype, ...) or (Tensor tensor, ...)"
        )
    if other is not None:
        device, dtype = other.device, other.dtype
    return (None if device is None else Device(device)), dtype, non_blocking, layout
