"""Parameters and buffers: Tensors to PyTorch code, ``nnx.Variable``s to Flax code."""

from __future__ import annotations

import math
from collections import OrderedDict

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from .._tensor import Tensor, from_array, user_attributes
from ..autograd.variable import leaf_classes
from . import _torch as torch

KEEP = object()  # "leave the contents alone", while nnx initialises its own part


def is_contents(value) -> bool:
    """Whether ``value`` is an array or tracer a Tensor can hold."""
    if not isinstance(value, (jax.Array, np.ndarray)):
        return False
    kind = value.dtype
    return jnp.issubdtype(kind, np.number) or jnp.issubdtype(kind, np.bool_)


# ---- Parameter -----------------------------------------------------------------------
class _ParameterMeta(type(nnx.Param)):
    """A Tensor subclass made a parameter by ``Parameter(t)`` counts as an instance."""

    def __call__(cls, *args, **kwargs):
        return type.__call__(cls, *args, **kwargs)

    def __instancecheck__(cls, instance) -> bool:
        if type.__instancecheck__(cls, instance):
            return True
        return (
            cls is Parameter
            and isinstance(instance, Tensor)
            and getattr(instance, "_is_param", False)
        )


class Parameter(Tensor, nnx.Param, metaclass=_ParameterMeta):
    """A tensor that a Module lists among its parameters when assigned to it.

    To Flax it is an ``nnx.Param``: ``value`` reads and writes a ``jax.Array`` or
    tracer. nnx also puts other things in Variables (shapes, specs, gradients), which
    are kept beside the tensor's contents.
    """

    def __new__(cls, data=None, requires_grad: bool = True):
        if data is None:
            data = _empty()
        if type(data) is Tensor or type(data) is cls or type(data) is Parameter:
            if requires_grad and data.dtype.category < 2:
                raise RuntimeError(
                    "Only Tensors of floating point and complex dtype can require "
                    "gradients"
                )
            return _become_variable(Tensor._make_subclass(cls, data, requires_grad))
        made = data.detach().requires_grad_(requires_grad)
        if type(made) is not type(data):
            raise RuntimeError(
                f"Creating a Parameter from an instance of type {type(data).__name__} "
                "requires that detach() returns an instance of the same type, but "
                f"return type {type(made).__name__} was found instead. To use the type "
                "as a Parameter, please correct the detach() semantics defined by "
                "its __torch_dispatch__() implementation."
            )
        made._is_param = True
        return made

    def __init__(self, data=None, requires_grad: bool = True):
        """Everything is done by ``__new__``; nnx must not initialise once more."""

    # ---- what nnx sees: contents and metadata
    @classmethod
    def _new(cls, value, metadata):
        """nnx builds a Variable around any ``value``; its ``copy`` ends here."""
        grad = metadata.get("requires_grad", True)
        if is_contents(value):
            tensor = from_array(value)
            grad = grad and (tensor.is_floating_point() or tensor.is_complex())
        else:
            tensor, grad = _empty(), False
        made = _become_variable(Tensor._make_subclass(cls, tensor, grad), metadata)
        made._raw_value = value if not is_contents(value) else KEEP
        return made

    @property
    def _raw_value(self):
        held = self.__dict__
        if "_nnx_other" in held:
            return held["_nnx_other"]
        return self.__jax_array__()

    @_raw_value.setter
    def _raw_value(self, value):
        if value is KEEP:
            return
        if is_contents(value):
            self.__dict__.pop("_nnx_other", None)
            self.data = from_array(value)
        else:
            self.__dict__["_nnx_other"] = value

    @property
    def _var_metadata(self):
        metadata = self.__dict__["_nnx_metadata"]
        if "_nnx_other" not in self.__dict__:
            metadata["requires_grad"] = self.requires_grad
        return metadata

    @_var_metadata.setter
    def _var_metadata(self, metadata):
        self.__dict__["_nnx_metadata"] = metadata
        wanted = metadata.get("requires_grad", self.requires_grad)
        if "_nnx_other" not in self.__dict__ and wanted != self.requires_grad:
            self.requires_grad = wanted

    @property
    def value(self):
        """The contents as a ``jax.Array`` (or tracer), for Flax code."""
        return self.get_value()

    @value.setter
    def value(self, array):
        self._check_can_update()
        self.set_raw_value(array)

    # ---- what must not leak from nnx.Variable into PyTorch code
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__
    __hash__ = Tensor.__hash__

    def __getattr__(self, name: str):
        metadata = self.__dict__.get("_nnx_metadata")
        if metadata is not None and name in metadata:
            return metadata[name]
        raise AttributeError(
            f"'{type(self).__name__}' object has no attribute '{name}'"
        )

    # ---- copies and text
    def __deepcopy__(self, memo):
        if id(self) not in memo:
            made = type(self)(self.data.clone(), self.requires_grad)
            memo[id(self)] = made
        return memo[id(self)]

    __getstate__ = object.__getstate__

    def __setstate__(self, state) -> None:
        self.__dict__.update(state)

    def __reduce_ex__(self, protocol):
        parts = (self.data, self.requires_grad, OrderedDict())
        return _rebuild_parameter, parts, user_attributes(self) or None

    def __repr__(self, **options):
        if "_nnx_other" in self.__dict__:
            return f"{type(self).__name__}(value={self._raw_value!r})"
        return "Parameter containing:\n" + Tensor.__repr__(self, **options)

    def __str__(self):
        return self.__repr__()

    def __call__(self, *args, **kwargs):
        raise TypeError(f"'{type(self).__name__}' object is not callable")

    def __delitem__(self, index):
        raise TypeError("Tensor does not support deleting items")

    def __round__(self, ndigits=None):
        raise TypeError(f"type {type(self).__name__} doesn't define __round__ method")

    def __trunc__(self):
        return math.trunc(float(self))

    def __floor__(self):
        return math.floor(float(self))

    def __ceil__(self):
        return math.ceil(float(self))

    def __imatmul__(self, other):
        return self @ other


leaf_classes.add(Parameter)


def _become_variable(made: Parameter, metadata=None) -> Parameter:
    """Let nnx set its own slots; the contents stay where they are."""
    nnx.Param.__init__(made, KEEP, **(metadata or {"hijax": False}))
    made._storage.value.pinned = True
    made.__dict__.setdefault("_grad", None)  # nnx makes reading a default slow
    return made


def _empty() -> Tensor:
    return from_array(jnp.zeros((0,), jnp.float32))


def _rebuild_parameter(data, requires_grad, backward_hooks):
    """Unpickle a Parameter; the hooks, which PyTorch stores too, are always empty."""
    made = Parameter(data, requires_grad)
    made._backward_hooks = backward_hooks
    return made


# ---- Buffer --------------------------------------------------------------------------
class _BufferMeta(type):
    def __instancecheck__(cls, instance) -> bool:
        return isinstance(instance, Tensor) and getattr(instance, "_is_buffer", False)


class Buffer(metaclass=_BufferMeta):
    """A tensor that a Module registers as a buffer when assigned to it."""

    def __new__(cls, data=None, *, persistent: bool = True):
        made = (_empty() if data is None else data).detach()
        made.requires_grad_(data is not None and data.requires_grad)
        made.persistent = persistent
        made._is_buffer = True
        return made


# ---- Parameters and buffers whose shape is not known yet -----------------------------
class UninitializedTensorMixin:
    """What lazy modules hold until their first input tells the shape."""

    def materialize(self, shape, device=None, dtype=None) -> None:
        """Become an ordinary parameter or buffer of ``shape``, with no set contents."""
        held = self.data
        device = held.device if device is None else device
        dtype = held.dtype if dtype is None else dtype
        self.__class__ = self.cls_to_become
        self.data = torch.empty(shape, device=device, dtype=dtype)

    @property
    def shape(self):
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This "
            "error usually happens in `load_state_dict` when trying to load an "
            "uninitialized parameter into an initialized one. Call `forward` to "
            "initialize the parameters before accessing their attributes."
        )

    def share_memory_(self):
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call "
            "`forward` to initialize the parameters before calling "
            "`module.share_memory()`."
        )

    def __reduce_ex__(self, protocol):
        return type(self), (self.requires_grad,)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A Parameter without a shape; ``materialize`` gives it one."""

    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device=None, dtype=None):
        data = torch.empty(0, device=device, dtype=dtype)
        return Parameter.__new__(cls, data, requires_grad)

    def __init__(self, requires_grad: bool = True, device=None, dtype=None):
        """Everything is done by ``__new__``."""

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            held = self.data
            made = type(self)(self.requires_grad, held.device, held.dtype)
            memo[id(self)] = made
        return memo[id(self)]


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer without a shape; ``materialize`` gives it one."""

    cls_to_become = Tensor

    def __new__(
        cls,
        requires_grad: bool = False,
        device=None,
        dtype=None,
        persistent: bool = True,
        **kwargs,
    ):
        data = torch.empty(0, device=device, dtype=dtype)
        made = Tensor._make_subclass(cls, data, requires_grad)
        made.persistent = persistent
        made._is_buffer = True
        return made

    def __init__(self, *args, **kwargs):
        """Everything is done by ``__new__``."""


def is_lazy(tensor) -> bool:
    """Whether ``tensor`` still waits for its shape."""
    return isinstance(tensor, UninitializedTensorMixin)
