"""``MaskedTensor``: data with a mask that says which elements count."""

from __future__ import annotations

import numpy as np

from .. import _dtypes
from .._engine import Lifted, realise, record
from .._ops import _registry
from .._ops._elementwise import BINARY, UNARY
from .._tensor import Tensor
from ..autograd.function import Function
from ..autograd.variable import wrap
from . import _functions

_torch = _registry.functions["torch"]


class _MaskedLevel:
    """The level of masked values; the tag is the mask."""

    depth = -2
    tensor_class = None
    layout = None

    def hold(self, data, mask) -> Lifted:
        return Lifted(data.aval, data.device, self, wrap(data), mask)

    def peek(self, value):
        return value.content._value().array

    def realise(self, value, trigger):
        return realise(value.content._value(), trigger)

    def refuse_write(self, tensor) -> None:
        """Any tensor may become masked."""

    def process(self, op, static, operands, place) -> list:
        """Elementwise ops keep the mask, which both operands must share."""
        base = getattr(op, "base", op)
        while hasattr(base, "base"):
            base = base.base
        data = [x.content._value() if _is_masked(x) else x for x in operands]
        results = record(op, static, data, place)[1]
        if base.name not in UNARY and base.name not in BINARY:
            if op is base:
                raise TypeError(
                    f"no implementation found for 'torch.ops.aten.{op.name}' on types "
                    "that implement __torch_dispatch__: [MaskedTensor]"
                )
        mask = self._mask(op, operands)
        return [self.hold(r, mask) for r in results]

    def _mask(self, op, operands):
        masks = [x.tag for x in operands if _is_masked(x)]
        first = masks[0]
        for other in masks[1:]:
            if other is not first and not _same(first, other):
                raise ValueError(
                    "Input masks must match. If you need support for this, please open "
                    "an issue on Github."
                )
        return first


def _same(a, b) -> bool:
    if a._value().aval.shape != b._value().aval.shape:
        return False
    return bool((a == b).all())


def _is_masked(x) -> bool:
    return isinstance(x, Lifted) and isinstance(x.level, _MaskedLevel)


_LEVEL = _MaskedLevel()


class _Wrap(Function):
    """Data becomes a masked tensor; gradients come back where the mask is True."""

    @staticmethod
    def forward(ctx, data, mask):
        ctx.mask = mask
        return _bare(data, mask)

    @staticmethod
    def backward(ctx, grad):
        value = grad._value()
        data = value.content if _is_masked(value) else grad
        return _bare(data, ctx.mask), None


class _Data(Function):
    """The data of a masked tensor."""

    @staticmethod
    def forward(ctx, tensor):
        ctx.mask = tensor._value().tag
        return wrap(tensor._value().content._value())

    @staticmethod
    def backward(ctx, grad):
        return _bare(grad, ctx.mask)


def _bare(data, mask):
    return wrap(_LEVEL.hold(data._value(), mask), MaskedTensor)


class MaskedTensor(Tensor):
    """A tensor with a mask; reductions leave out what is masked out (False).

    **Source** https://pytorch.org/docs/stable/masked.html
    """

    def __new__(cls, data, mask, requires_grad=False):
        """Check and wrap; the result does not share the graph of ``data``."""
        return masked_tensor(data, mask, requires_grad)

    def __init__(self, data, mask, requires_grad=False):
        pass

    def get_data(self):
        """The data, masked out elements too."""
        return _Data.apply(self)

    def get_mask(self):
        """The mask."""
        return self._value().tag

    def to_tensor(self, value):
        """The data with ``value`` where it is masked out."""
        return self.get_data().masked_fill(~self.get_mask(), value)

    def __repr__(self) -> str:
        value = self._value()
        data = np.asarray(realise(value.content._value(), "print").array)
        mask = np.asarray(realise(value.tag._value(), "print").array)
        if not data.shape:
            shown = _number(data.item(), value.aval.dtype) if mask else "--"
            return f"MaskedTensor({shown}, {bool(mask)})"
        return f"MaskedTensor(\n{_block(data, mask, value.aval.dtype, 2)}\n)"

    __str__ = __repr__


def _number(x, dtype) -> str:
    return f"{x:8.4f}" if dtype.is_floating_point else str(x)


def _block(data, mask, dtype, indent: int) -> str:
    space = " " * indent
    if data.ndim > 1:
        parts = [
            _block(d, m, dtype, indent + 2) for d, m in zip(data, mask, strict=True)
        ]
        return f"{space}[\n" + ",\n".join(parts) + f"\n{space}]"
    texts = [_number(x, dtype) for x in data.tolist()]
    width = max(map(len, texts), default=0)
    shown = [t if m else "--".rjust(width) for t, m in zip(texts, mask, strict=True)]
    return f"{space}[" + ", ".join(shown) + "]"


def masked_tensor(data, mask, requires_grad=False):
    """A masked tensor of a copy of ``data``; ``mask`` is bool and of the same shape."""
    _check(data, mask)
    made = _bare(data.detach().clone(), mask.detach().clone())
    return made.requires_grad_() if requires_grad else made


def as_masked_tensor(data, mask):
    """A masked tensor on the graph of ``data``."""
    _check(data, mask)
    made = _Wrap.apply(data, mask)
    made.__class__ = MaskedTensor
    return made


def is_masked_tensor(obj, /) -> bool:
    """Whether ``obj`` is a masked tensor."""
    return isinstance(obj, Tensor) and _is_masked(obj._value())


def _check(data, mask) -> None:
    if mask.dtype is not _dtypes.bool_:
        raise TypeError(f"{mask.dtype} mask is not supported. Masks must be bool.")
    if data.shape != mask.shape:
        raise ValueError("data.size() must equal mask.size()")


def _method(name: str, reduces: bool):
    function = getattr(_functions, name)

    def method(self, *args, **kwargs):
        mask = self.get_mask()
        made = function(self.get_data(), *args, mask=mask, **kwargs)
        if not reduces:
            return as_masked_tensor(made, mask)
        dim = args[0] if args else kwargs.get("dim")
        keep = kwargs.get("keepdim", False)
        kept = mask.any() if dim is None else _torch["any"](mask, dim, keep)
        return as_masked_tensor(made, kept)

    method.__name__ = name
    method.__doc__ = function.__doc__
    setattr(MaskedTensor, name, method)


for _name in ("sum", "mean", "prod", "amax", "amin", "argmax", "argmin", "std", "var"):
    _method(_name, True)
for _name in ("softmax", "log_softmax", "softmin", "cumsum", "cumprod"):
    _method(_name, False)

_MaskedLevel.tensor_class = MaskedTensor
