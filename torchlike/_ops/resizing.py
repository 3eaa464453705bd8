"""Tensors that change their size or storage: ``resize_``, ``set_`` and their kin."""

from __future__ import annotations

import jax.numpy as jnp

from ..autograd.variable import Storage, TensorBase, wrap
from ..autograd.views import share
from . import creation, views
from . import geometry as geo
from ._check import short
from ._op import Array, Ints, composite, op


@op(name="resize", scope=None, method=False, differentiable=False)
def _grown(input: Array, size: Ints) -> Array:
    """The elements in order, zeros behind them."""
    flat, n = input.reshape(-1), views._numel(size)
    return jnp.zeros(n, input.dtype).at[: flat.size].set(flat[:n]).reshape(size)


def _whole(tensor) -> TensorBase:
    """The storage of ``tensor`` as a tensor."""
    if tensor._view is not None:
        return tensor._view.base
    base = wrap(tensor._value())
    base._storage = tensor._storage
    return base


def _restride(tensor, size, stride, offset: int):
    """Make ``tensor`` show another part of its own storage; False if that is small."""
    base = _whole(tensor)
    last = offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    if 0 not in size and last >= views._numel(base._value().aval.shape):
        return False
    shown = views.as_strided_base(base, size, stride, offset)
    tensor._view = shown._view
    return True


@composite(scope=None, method=True)
def resize_(self, *sizes, memory_format=None):
    """Change the size in place; elements stay in order, new ones are zero."""
    size = views._size(sizes)
    if self.requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    if any(n < 0 for n in size):
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(size)}: {list(size)}"
        )
    if size == tuple(self._value().aval.shape):
        return self
    offset = self.storage_offset()
    if not _restride(self, size, geo.dense_strides(size), offset):
        whole = views.reshape(_whole(self).detach(), (-1,))
        rest = whole.shape[0] - offset
        new = _grown(views.slice_fixed(whole, 0, rest, 1, offset), size)
        self._storage, self._view = Storage(new._value()), None
    return self


@composite(scope="torch", method=False, name="resize_as_")
def resize_as(input, the_template, *, memory_format=None):
    """``resize_`` to the size of another tensor."""
    return resize_(input, tuple(the_template._value().aval.shape))


composite(resize_as, name="resize_as_", scope=None, method=True)


@composite(scope=None, method=True)
def set_(self, source=None, storage_offset=0, size=None, stride=None):
    """Show the storage of ``source`` (a tensor or a storage), or nothing."""
    if source is None:
        self._storage = creation.empty(0, dtype=self.dtype)._storage
        self._view = None
        return self
    if isinstance(source, TensorBase):
        if source.dtype is not self.dtype:
            raise RuntimeError(
                f"Could not set tensor of type {short(source.dtype)} to a tensor of "
                f"type {short(self.dtype)}"
            )
        share(self, source)
        if size is None:
            return self
    else:
        self._storage, self._view = source._storage, None
        if size is None:
            size = (views._numel(self._storage.value.aval.shape),)
    size = tuple(size)
    stride = geo.dense_strides(size) if stride is None else tuple(stride)
    if not _restride(self, size, stride, storage_offset):
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset "
            f"{storage_offset} are out of bounds for the storage"
        )
    return self


@composite(scope="torch", method=False)
def empty_permuted(
    size,
    physical_layout,
    *,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """An empty tensor whose dimensions lie in memory in the order given."""
    size, order = tuple(size), tuple(physical_layout)
    if len(order) != len(size):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the "
            f"physical_layout; i.e. len(size) = {len(size)} is not equal to "
            f"len(physical_layout) = {len(order)}"
        )
    for i, d in enumerate(order):
        if not 0 <= d < len(size):
            raise RuntimeError(
                "Dimension out of range (expected to be between 0 and "
                f"{len(size) - 1}, but got {d} at index {i}).  NB: negative dims not "
                "currently supported; file an issue if you want it."
            )
        if d in order[:i]:
            raise RuntimeError("Duplicate dim not allowed")
    base = creation.empty(tuple(size[d] for d in order), dtype=dtype, device=device)
    made = views.permute(base, tuple(order.index(i) for i in range(len(size))))
    return made.requires_grad_() if requires_grad else made


@composite(scope=None, method=True)
def new_empty_strided(
    self,
    size,
    stride,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """An empty tensor with this tensor's dtype and device; strides are not kept."""
    return creation.empty_strided(
        size,
        stride,
        dtype=self.dtype if dtype is None else dtype,
        device=self.device if device is None else device,
        requires_grad=requires_grad,
    )
