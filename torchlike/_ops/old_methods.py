"""Methods of Tensor from PyTorch's early days that scripts still call."""

from __future__ import annotations

import numpy as np

from .. import _dtypes
from ..autograd.variable import TensorBase
from ..autograd.views import check_inplace
from . import _host, from_data, views
from ._forms import overloaded
from ._op import composite
from ._write import overwrite
from .geometry import geometry


def _elementwise(self, function, *others):
    """Write ``function`` of each element, called in Python, into ``self``."""
    check_inplace(self)
    arrays = [_host.read(t, "apply_") for t in (self, *others)]
    arrays = np.broadcast_arrays(*arrays)
    if arrays[0].shape != tuple(self._value().aval.shape):
        raise RuntimeError(
            "output with shape "
            f"{list(self._value().aval.shape)} doesn't match the broadcast shape "
            f"{list(arrays[0].shape)}"
        )
    made = np.empty(arrays[0].shape, arrays[0].dtype)
    for place in np.ndindex(made.shape):
        made[place] = function(*(a[place].item() for a in arrays))
    overwrite(self, from_data.tensor(made).to(self.device))
    return self


def _callable(function) -> None:
    if not callable(function):
        raise TypeError(f"'{type(function).__name__}' object is not callable")


@composite(scope=None, method=True)
def apply_(self, callable):
    """Replace each element by what ``callable`` makes of it; slow, on the host."""
    _callable(callable)
    return _elementwise(self, callable)


@composite(scope=None, method=True)
def map_(self, tensor, callable):
    """``callable`` of the elements of both tensors, into ``self``; slow."""
    _callable(callable)
    return _elementwise(self, callable, tensor)


@composite(scope=None, method=True)
def map2_(self, x, y, callable):
    """``callable`` of the elements of three tensors, into ``self``; slow."""
    _callable(callable)
    return _elementwise(self, callable, x, y)


# ----- making others -----------------------------------------------------------------


@composite(scope=None, method=True)
def new(self, *args, device=None):
    """A tensor of the same dtype and device: of sizes, or of data."""
    place = self.device if device is None else device
    options = {"dtype": self.dtype, "device": place}
    if len(args) == 1 and isinstance(args[0], TensorBase):
        return from_data.tensor(_host.read(args[0], "new"), **options)
    if len(args) == 1 and isinstance(args[0], (tuple, list, np.ndarray)):
        if not isinstance(args[0], type(self.shape)):
            return from_data.tensor(args[0], **options)
        args = args[0]
    elif not args:
        args = (0,)
    return self.new_empty(tuple(args), device=place)


@composite(scope=None, method=True)
def resize(self, *sizes):
    """``reshape`` (deprecated in PyTorch too): sizes with as many elements."""
    sizes = sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    count = int(np.prod(sizes, dtype=np.int64))
    if count != int(np.prod(self.shape, dtype=np.int64)):
        raise RuntimeError(
            f"requested resize to {'x'.join(map(str, sizes))} "
            f"({count} elements in total), but the given tensor has a size of "
            f"{'x'.join(map(str, self.shape))} ({self.numel()} elements). autograd's "
            "resize can only change the shape of a given tensor, while preserving the "
            "number of elements. "
        )
    return views.reshape(self, tuple(sizes))


@composite(scope=None, method=True)
def resize_as(self, tensor):
    """``resize`` to the sizes of another tensor."""
    return resize(self, *tensor.shape)


@composite(scope=None, method=True)
def module_load(self, other, assign=False):
    """What ``load_state_dict`` puts in the place of ``self``."""
    return other.detach() if assign else self.copy_(other).detach()


@composite(scope="torch", method=False)
def from_file(
    filename,
    shared=None,
    size=0,
    *,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
):
    """The first ``size`` numbers of a file; writes do not reach the file."""
    if shared:
        raise NotImplementedError("from_file: shared=True (docs/differences.md)")
    kind = dtype or _dtypes.get_default_dtype()
    try:
        with open(filename, "rb") as file:
            found = file.read(size * kind.itemsize)
    except OSError as error:
        raise RuntimeError(
            f"unable to open file <{filename}> in read-only mode: {error.strerror} "
            f"({error.errno})"
        ) from None
    if len(found) < size * kind.itemsize:
        raise RuntimeError(
            f"file <{filename}> size <{len(found)}> is smaller than the required "
            f"mapping size <{size * kind.itemsize}>"
        )
    return from_data.tensor(np.frombuffer(found, kind.numpy_dtype), device=device)


# ----- devices that are not there ----------------------------------------------------


def _elsewhere(name: str, kind: type, text: str) -> None:
    def move(self, device=None, non_blocking=False, memory_format=None):
        raise kind(text)

    move.__doc__ = f"Raises: there is no {name.upper()} here."
    composite(move, name=name, scope=None, method=True)


_elsewhere("xpu", AssertionError, "Torch not compiled with XPU enabled")
_elsewhere("mtia", AssertionError, "Torch not compiled with MTIA enabled.")
_elsewhere("ipu", RuntimeError, "PyTorch is not linked with support for ipu devices")


# ----- questions ---------------------------------------------------------------------


@composite(scope=None, method=True)
def const_data_ptr(self):
    """``data_ptr``."""
    return self.data_ptr()


@composite(scope="torch", method=True)
def is_distributed(input):
    """Whether the tensor is spread over processes: never."""
    return False


@composite(scope=None, method=True)
def dim_order(self, ambiguity_check=False):
    """The dimensions from the outermost to the innermost in memory."""
    where = geometry(self)
    if where is None:
        return tuple(range(self.ndim))
    steps = list(zip(where.strides, where.shape, strict=True))
    order = sorted(range(len(steps)), key=lambda d: -steps[d][0])
    if ambiguity_check and len({s for s, n in steps if n > 1}) < sum(
        n > 1 for _, n in steps
    ):
        raise RuntimeError("The tensor does not have unique dim order.")
    return tuple(order)


@composite(scope=None, method=True)
def record_stream(self, stream):
    """Accepted: XLA's memory is not handed out by streams."""


@overloaded(scope=None)
def reinforce(self, reward):
    """Removed: ``torch.distributions``."""
    raise RuntimeError("reinforce() was removed.\nUse torch.distributions instead.")
