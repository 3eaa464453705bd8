"""``Tensor``: metadata, conversions, autograd; its other methods come from the ops."""

from __future__ import annotations

import copy
import weakref

import jax
import numpy as np

from . import _dtypes, _ops, _printing
from ._devices import CPU, META
from ._engine import Lifted, Value, from_host, from_jax, realise
from ._native import quick
from ._ops import _intercept, _registry, copies, geometry, index, parts, views
from ._ops._host import read
from ._ops._intercept import disabled
from ._ops._write import overwrite
from ._ops.nested import nested_parts
from ._printing_lifted import lifted_text
from ._size import Size
from .autograd import api, native
from .autograd.grad_mode import mode
from .autograd.graph import RemovableHandle
from .autograd.variable import (
    TensorBase,
    bare,
    bind_tensor_class,
    is_deferred,
    wrap,
)
from .autograd.views import assign, detached, share


class Tensor(TensorBase):
    """An n-dimensional array with PyTorch's interface, computed by XLA when read."""

    __hash__ = object.__hash__
    __array_priority__ = 1000
    is_quantized = False
    is_mkldnn = False
    volatile = False
    name = None
    names = property(lambda self: (None,) * self.ndim)

    def __new__(cls, *args, dtype=None, device=None):
        """``Tensor(2, 3)`` and ``Tensor([1, 2])``: the legacy constructor."""
        made = _legacy_tensor(cls, args, dtype, device)
        return made if cls is Tensor else made.as_subclass(cls)

    # ----- metadata ------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """Sizes of the dimensions."""
        return Size(self._aval().shape)

    def size(self, dim=None):
        """The sizes, or the size of one dimension."""
        shape = self._aval().shape
        if dim is None:
            return Size(shape)
        if not shape:
            raise IndexError(
                f"Dimension specified as {dim} but tensor has no dimensions"
            )
        return shape[_ops.wrap_dim(dim, len(shape))]

    @property
    def dtype(self) -> _dtypes.dtype:
        """The element type."""
        return self._aval().dtype

    @property
    def device(self):
        """Where the elements are."""
        return CPU if is_deferred(self) else self._value().device

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self._aval().shape)

    def dim(self) -> int:
        """The number of dimensions."""
        return len(self._aval().shape)

    ndimension = dim

    def numel(self) -> int:
        """The number of elements."""
        aval = self._aval()
        return aval.nbytes // aval.dtype.itemsize

    nelement = numel

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return self.dtype.itemsize

    def element_size(self) -> int:
        """Bytes of an element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self._value().aval.nbytes

    def stride(self, dim=None):
        """Steps in the storage, in elements."""
        where = geometry.geometry(self)
        strides = where.strides if where else geometry.dense_strides(self.shape)
        return strides if dim is None else strides[_ops.wrap_dim(dim, len(strides))]

    def storage_offset(self) -> int:
        """Where the view begins in its storage, in elements."""
        where = geometry.geometry(self)
        return where.offset if where else 0

    def data_ptr(self) -> int:
        """Where the elements are in memory, for reading, until the next write to them.

        On other devices than the CPU, a number that tells storages and offsets apart.
        """
        offset = self.storage_offset() * self.itemsize
        if self.device is not CPU:
            return id(self._storage) + offset
        array = (self if self._view is None else self._view.base)._array()
        if isinstance(array, jax.core.Tracer):
            return id(self._storage) + offset
        return (array.unsafe_buffer_pointer() if array.size else 0) + offset

    def untyped_storage(self) -> UntypedStorage:
        """The storage, for identity checks."""
        return UntypedStorage(self)

    @property
    def _version(self) -> int:
        return self._storage.version

    @property
    def _base(self):
        return None if self._view is None else self._view.base

    def _is_view(self) -> bool:
        return self._view is not None

    @property
    def is_meta(self) -> bool:
        """Whether the tensor has no contents."""
        return self.device is META

    @property
    def is_cuda(self) -> bool:
        """Whether the tensor is on a GPU."""
        return self.device.type == "cuda"

    @property
    def is_cpu(self) -> bool:
        """Whether the tensor is in main memory."""
        return self.device is CPU

    is_mps = is_mtia = is_xpu = is_xla = is_ipu = is_maia = is_vulkan = False

    def get_device(self) -> int:
        """The index of the GPU; -1 on the CPU."""
        return self.device.index if self.is_cuda else -1

    def is_floating_point(self) -> bool:
        """Whether the elements are real floating-point numbers."""
        return self.dtype.is_floating_point

    def is_complex(self) -> bool:
        """Whether the elements are complex numbers."""
        return self.dtype.is_complex

    def is_signed(self) -> bool:
        """Whether the elements can be negative."""
        return self.dtype.is_signed

    def is_pinned(self, device=None) -> bool:
        """Memory is never pinned here."""
        return False

    def pin_memory(self, device=None) -> Tensor:
        """Accepted for PyTorch's sake; XLA stages transfers itself."""
        return self

    def is_shared(self) -> bool:
        """Whether the memory is shared between processes."""
        return False

    def share_memory_(self) -> Tensor:
        """Accepted; tensors reach other processes by copy."""
        return self

    @property
    def layout(self):
        """How the elements are stored."""
        if is_deferred(self):
            return _dtypes.strided
        value = self._value()
        return _dtypes.strided if value.__class__ is Value else value.layout

    @property
    def is_sparse(self) -> bool:
        """Whether the elements are stored with their indices."""
        return self.layout is _dtypes.sparse_coo

    @property
    def is_nested(self) -> bool:
        """Whether the tensor holds tensors of different sizes."""
        return nested_parts(self) is not None

    @property
    def is_sparse_csr(self) -> bool:
        """Whether the elements are stored by rows."""
        return self.layout is _dtypes.sparse_csr

    def is_set_to(self, tensor) -> bool:
        """Whether both show the same elements of the same storage."""
        same = self._storage is tensor._storage and self.shape == tensor.shape
        return same and geometry.geometry(self) == geometry.geometry(tensor)

    # ----- autograd ------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this tensor are recorded for backward."""
        if not is_deferred(self) or self._view.base._node is not None:
            self._value()
        return self._requires_grad or self._node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if self._node is not None:
            if not value:
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you "
                    "want to use a computed variable in a subgraph that doesn't "
                    "require differentiation use var_no_grad = var.detach()."
                )
            return
        if value and self.dtype.category < 2:
            raise RuntimeError(
                "only Tensors of floating point dtype can require gradients"
            )
        self._requires_grad = bool(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set ``requires_grad`` and return the tensor."""
        if self._node is not None and not requires_grad:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you "
                "want to use a computed variable in a subgraph that doesn't require "
                "differentiation use var_no_grad = var.detach()."
            )
        if requires_grad and self.dtype.category < 2:
            raise RuntimeError(
                "only Tensors of floating point dtype can require gradients"
            )
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this tensor."""
        self._value()
        return self._node is None

    @property
    def grad_fn(self):
        """The node that made this tensor."""
        self._value()
        return self._node

    @property
    def output_nr(self) -> int:
        """Which output of ``grad_fn`` this is."""
        return self._output_nr

    @property
    def grad(self):
        """The gradient accumulated by ``backward``."""
        return self._grad

    @grad.setter
    def grad(self, value) -> None:
        if value is not None:
            _check_grad(self, value)
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    def backward(
        self, gradient=None, retain_graph=None, create_graph=False, inputs=None
    ) -> None:
        """Add the gradients of this tensor to ``.grad`` of the leaves."""
        if gradient is not None and not isinstance(gradient, TensorBase):
            raise TypeError(
                "gradients can be either Tensors or None, but got "
                f"{type(gradient).__name__}"
            )
        grads = None if gradient is None else (gradient,)
        api.backward((self,), grads, retain_graph, create_graph, inputs=inputs)

    def detach(self) -> Tensor:
        """The same storage, off the graph."""
        return detached(self, Tensor)

    def detach_(self) -> Tensor:
        """Leave the graph."""
        self._value()
        if self._view is not None:
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self._node, self._output_nr, self._requires_grad = None, 0, False
        return self

    @property
    def data(self) -> Tensor:
        """The same storage, off the graph."""
        return detached(self, Tensor)

    @data.setter
    def data(self, source: Tensor) -> None:
        pinned = self._storage.value.pinned
        share(self, source)
        self._storage.value.pinned |= pinned

    def retain_grad(self) -> None:
        """Keep the gradient of this non-leaf tensor in ``.grad``."""
        if not self.requires_grad:
            raise RuntimeError(
                "can't retain_grad on Tensor that has requires_grad=False"
            )
        if self._node is not None:
            self._node.extras().retained[self._output_nr] = weakref.ref(self)
            self._retains_grad = True

    @property
    def retains_grad(self) -> bool:
        """Whether ``retain_grad`` was called on this non-leaf tensor."""
        return self._retains_grad

    def register_hook(self, hook) -> RemovableHandle:
        """Call ``hook(grad)`` when the gradient is known; its result replaces it."""
        if not self.requires_grad:
            raise RuntimeError(
                "cannot register a hook on a tensor that doesn't require gradient"
            )
        if self._node is None:
            self._hooks = {} if self._hooks is None else self._hooks
            return RemovableHandle(self._hooks, hook)
        hooks = self._node.extras().tensor_hooks
        return RemovableHandle(hooks.setdefault(self._output_nr, {}), hook)

    def register_post_accumulate_grad_hook(self, hook) -> RemovableHandle:
        """Call ``hook(tensor)`` after a gradient was added to ``.grad``."""
        if not self.requires_grad:
            raise RuntimeError(
                "cannot register a hook on a tensor that doesn't require gradient"
            )
        if self._node is not None:
            raise RuntimeError(
                "post accumulate grad hooks cannot be registered on non-leaf tensors"
            )
        self._after_hooks = {} if self._after_hooks is None else self._after_hooks
        return RemovableHandle(self._after_hooks, hook)

    def is_inference(self) -> bool:
        """Whether the tensor was made in inference mode (not tracked here)."""
        return False

    # ----- reading and writing -------------------------------------------------------

    def _array(self):
        """The elements as a concrete ``jax.Array`` (or tracer)."""
        value = realise(self._value(), "read")
        if isinstance(value.array, np.ndarray):
            value.array = jax.device_put(value.array, _ops.jax_device(value.device))
        value.exposed = True
        return value.array

    def _numpy(self) -> np.ndarray:
        """The elements as a NumPy array that must not be written to."""
        return read(self, "read")

    def _write(self, value: Value) -> None:
        """Replace the contents by a value of the same shape; views see it."""
        if self._view is None:
            self._storage.write(value)
        else:
            saved, mode.enabled = mode.enabled, False
            try:
                assign(self, wrap(value))
            finally:
                mode.enabled = saved

    def _overwrite(self, tensor: TensorBase) -> None:
        """Replace the contents by those of ``tensor``, without autograd."""
        self._write(tensor._value())

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """A NumPy copy of the elements.

        **Differs** from PyTorch, whose array shares the tensor's memory.
        """
        if self.layout is not _dtypes.strided:
            raise TypeError(
                "can't convert Sparse layout tensor to numpy. Use Tensor.to_dense() "
                "first."
            )
        if not force:
            if self.requires_grad:
                raise RuntimeError(
                    "Can't call numpy() on Tensor that requires grad. Use "
                    "tensor.detach().numpy() instead."
                )
            if self.is_cuda:
                raise TypeError(
                    f"can't convert {self.device} device type tensor to numpy. Use "
                    "Tensor.cpu() to copy the tensor to host memory first."
                )
        if self.dtype in (_dtypes.bfloat16,):
            raise TypeError("Got unsupported ScalarType BFloat16")
        return np.array(self._numpy())

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        array = self.numpy()
        return array if dtype is None else array.astype(dtype, copy=False)

    def __array_wrap__(self, array, context=None, return_scalar=False):
        """The result of a NumPy function of this tensor, as a tensor."""
        if array.dtype == bool:
            array = array.astype(np.uint8)
        return from_array(np.asarray(array))

    def __jax_array__(self):
        return self._array()

    def __dlpack__(self, **kwargs):
        return self._array().__dlpack__(**kwargs)

    def __dlpack_device__(self):
        return self._array().__dlpack_device__()

    def item(self):
        """The only element as a Python number."""
        aval = self._aval()
        if aval.nbytes != aval.dtype.itemsize:
            raise RuntimeError(
                f"a Tensor with {self.numel()} elements cannot be converted to Scalar"
            )
        return read(self, "item").item()

    def tolist(self):
        """The elements as nested lists of Python numbers."""
        return self._numpy().tolist()

    def __bool__(self) -> bool:
        n = self.numel()
        if n != 1:
            if n == 0:
                raise RuntimeError(
                    "Boolean value of Tensor with no values is ambiguous"
                )
            raise RuntimeError(
                "Boolean value of Tensor with more than one value is ambiguous"
            )
        return bool(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.dtype.category > 1 or self.numel() != 1:
            raise TypeError(
                "only integer tensors of a single element can be converted to an index"
            )
        return int(self.item())

    def __len__(self) -> int:
        shape = self._aval().shape
        if not shape:
            raise TypeError("len() of a 0-d tensor")
        return shape[0]

    def __iter__(self):
        if not self._aval().shape:
            raise TypeError("iteration over a 0-d tensor")
        return iter(_registry.methods["unbind"](self, 0))

    def __contains__(self, element) -> bool:
        return bool((self == element).any())

    def __reversed__(self):
        return self.flip(0) if self.ndim else self

    def __getitem__(self, where):
        return index.getitem(self, where)

    def __setitem__(self, where, value) -> None:
        index.setitem(self, where, value)

    def cpu(self, memory_format=None) -> Tensor:
        """This tensor in main memory."""
        return self.to("cpu")

    def cuda(self, device=None, non_blocking=False, memory_format=None) -> Tensor:
        """This tensor on a GPU."""
        return self.to("cuda" if device is None else device)

    def type(self, dtype=None, non_blocking=False):
        """The name of the tensor's type, or a cast."""
        if dtype is None:
            return _TYPE_NAMES[self.dtype]
        if isinstance(dtype, str):
            dtype = _TYPES_BY_NAME[dtype.replace("torch.cuda.", "torch.")]
        return copies.cast(self, _dtypes.as_dtype(dtype))

    def as_subclass(self, cls):
        """The same contents as an instance of ``cls``."""
        _intercept.met(cls)
        if self._requires_grad and self._node is None and mode.enabled:
            self = _registry.methods["view_as"](self, self)
        result = detached(self, cls)
        result._node, result._output_nr = self._node, self._output_nr
        result._requires_grad = self._requires_grad
        return result

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        """How subclasses take calls: plainly; tensor results become instances."""
        if not all(issubclass(cls, t) for t in types):
            return NotImplemented
        result = _intercept.disabled(func, types, args, kwargs)
        return result if cls is Tensor else _as_instances(result, cls)

    @staticmethod
    def _make_subclass(cls, data, require_grad=False):
        _intercept.met(cls)
        result = bare(cls)
        share(result, data)
        result._requires_grad = bool(require_grad)
        return result

    # ----- text, copies, pickles -----------------------------------------------------

    def __repr__(self, *, tensor_contents=None) -> str:
        return _text(self)

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        if not self._value().aval.shape and not self.is_meta:
            return self.item().__format__(spec)
        return object.__format__(self, spec)

    def __deepcopy__(self, memo):
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support "
                "the deepcopy protocol at the moment.  If you were attempting to "
                "deepcopy a module, this may be because of a torch.nn.utils."
                "weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001"
            )
        if id(self) in memo:
            return memo[id(self)]
        result = bare(type(self))
        memo[id(self)] = result
        result._storage = wrap(self._value())._storage
        result._requires_grad = self._requires_grad
        if self._grad is not None:
            result._grad = copy.deepcopy(self._grad, memo)
        result.__dict__.update(copy.deepcopy(user_attributes(self), memo))
        return result

    def __copy__(self):
        result = detached(self, type(self))
        result._requires_grad = self._requires_grad
        vars(result).update(user_attributes(self))
        return result

    def __reduce_ex__(self, protocol):
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) can be "
                "pickled; use detach() first"
            )
        parts = (type(self), self._numpy(), str(self.device), self._requires_grad)
        return rebuild, parts, user_attributes(self) or None


_OWN = frozenset(TensorBase.__annotations__) | {"_is_param"}


def of_user(attributes: dict) -> dict:
    """Those of a tensor's attributes that somebody set, not its own and Flax's."""
    return {
        name: value
        for name, value in attributes.items()
        if name not in _OWN and not name.startswith("_nnx_")
    }


def user_attributes(tensor) -> dict:
    """The attributes somebody set on a tensor."""
    return of_user(vars(tensor))


def rebuild(cls, array: np.ndarray, device: str, requires_grad: bool) -> Tensor:
    """Make a tensor from its pickled parts."""
    tensor = from_array(array)
    if device != "cpu":
        tensor = tensor.to(device)
    result = Tensor._make_subclass(cls, tensor)
    result._requires_grad = requires_grad
    return result


def from_array(array, requires_grad: bool = False) -> Tensor:
    """A tensor of a NumPy array (copied) or a ``jax.Array`` or tracer (not copied)."""
    if isinstance(array, jax.Array):
        tensor = wrap(from_jax(array, _ops.device_of(array)))
    else:
        tensor = wrap(from_host(np.array(array)))
    tensor._requires_grad = requires_grad
    return tensor


def _as_instances(result, cls: type):
    """Tensors in a result as instances of ``cls``, in tuples and lists too."""
    if isinstance(result, TensorBase):
        return result if isinstance(result, cls) else result.as_subclass(cls)
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return type(result)(*(_as_instances(x, cls) for x in result))
    if isinstance(result, (tuple, list)) and type(result) is not Size:
        return type(result)(_as_instances(x, cls) for x in result)
    return result


def _legacy_tensor(cls, args, dtype, device) -> Tensor:
    from_data = _registry.functions["torch"]
    dtype = dtype or _dtypes.get_default_dtype()
    if len(args) == 1 and isinstance(args[0], TensorBase):
        return args[0].detach()
    if len(args) == 1 and not isinstance(args[0], int):
        return from_data["tensor"](args[0], dtype=dtype, device=device)
    return from_data["empty"](*(args or (0,)), dtype=dtype, device=device)


def _check_grad(tensor: Tensor, grad) -> None:
    if not isinstance(grad, TensorBase):
        raise TypeError(
            "assigned grad expected to be a Tensor or None but got grad of type "
            f"{type(grad).__name__}"
        )
    want, got = tensor._value(), grad._value()
    if want.aval.shape != got.aval.shape:
        raise RuntimeError("assigned grad has data of a different size")
    if want.aval.dtype is not got.aval.dtype:
        raise RuntimeError("assigned grad has data of a different type")
    if want.device is not got.device:
        raise RuntimeError("assigned grad has data located on a different device")


def _type_name(cls: type) -> str:
    plain = cls is Tensor or getattr(cls, "__torch_function__", None) is disabled
    return "tensor" if plain else cls.__name__


def _text(tensor: Tensor) -> str:
    value = tensor._value()
    node = tensor._node
    notes = {
        "dtype": value.aval.dtype,
        "device": str(value.device),
        "requires_grad": tensor._requires_grad,
        "grad_fn_name": node.name() if node is not None else None,
        "type_name": _type_name(type(tensor)),
    }
    if isinstance(value, Lifted):
        return lifted_text(tensor, value, notes)
    if value.device is META:
        return _printing.tensor_text(None, shape=value.aval.shape, **notes)
    array = realise(value, "print").array
    if isinstance(array, jax.core.Tracer):
        return f"tensor({array})"
    return _printing.tensor_text(np.asarray(array), **notes)


class UntypedStorage:
    """What ``untyped_storage()`` returns: enough to compare storages."""

    def __init__(self, tensor: Tensor):
        self._storage = tensor._storage

    def data_ptr(self) -> int:
        """A number that tells storages apart."""
        return id(self._storage)

    def nbytes(self) -> int:
        """Bytes of the storage."""
        return self._storage.value.aval.nbytes

    size = __len__ = nbytes

    def __eq__(self, other):
        return isinstance(other, UntypedStorage) and self._storage is other._storage

    def __hash__(self):
        return id(self._storage)


_TYPE_NAMES = {d: f"torch.{_dtypes.scalar_type_name(d)}Tensor" for d in _dtypes.ALL}
_TYPES_BY_NAME = {name: d for d, name in _TYPE_NAMES.items()}


def _operator(function, name: str):
    """A binary operator: ``NotImplemented`` for operands that are no tensors."""

    def method(self, other):
        if other is None:
            return NotImplemented
        try:
            return function(self, other)
        except TypeError:
            if isinstance(other, (TensorBase, bool, int, float, complex)):
                raise
            if isinstance(other, np.ndarray) and function.__name__ in ("eq", "ne"):
                return function(self, from_array(other))
            return NotImplemented

    method.__name__ = name
    return _direct(method, function)


def _reflected(function, name: str):
    def method(self, other):
        if not isinstance(self, TensorBase):
            raise TypeError(
                f"descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply "
                f"to a '{type(self).__name__}' object"
            )
        if other is None:
            return NotImplemented
        try:
            return function(other, self)
        except TypeError:
            if isinstance(other, (TensorBase, bool, int, float, complex)):
                raise
            return NotImplemented

    method.__name__ = name
    return _direct(method, function, reflected=True)


def _direct(method, function, reflected: bool = False):
    """The operator's op without its function and without Python, where that may be."""
    op = getattr(function, "op", None)
    if quick is None or op is None or op.static or op.guard or len(op.dynamic) > 3:
        return method
    further = (...,) * (len(op.dynamic) - 2)
    return quick.operator(method, function, op, further, reflected)


_BINARY = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "pow",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}
_COMPARE = ("eq", "ne", "lt", "le", "gt", "ge")
_UNARY = {"neg": "neg", "pos": "positive", "abs": "abs", "invert": "bitwise_not"}


def _install_methods() -> None:
    """Give Tensor the methods and operators of the registered ops."""
    for name, function in _registry.methods.items():
        if name not in Tensor.__dict__:
            setattr(Tensor, name, function)
    functions = _registry.functions["torch"]
    for operator, name in _BINARY.items():
        if name in functions:
            method = f"__{operator}__"
            setattr(Tensor, method, _operator(functions[name], method))
            reflected = f"__r{operator}__"
            setattr(Tensor, reflected, _reflected(functions[name], reflected))
        if f"{name}_" in _registry.methods:
            setattr(Tensor, f"__i{operator}__", _registry.methods[f"{name}_"])
    for name in _COMPARE:
        if name in functions:
            method = f"__{name}__"
            setattr(Tensor, method, _operator(functions[name], method))
    for operator, name in _UNARY.items():
        if name in functions:
            setattr(Tensor, f"__{operator}__", functions[name])
    Tensor.__rdiv__ = Tensor.__rtruediv__
    # Defining __eq__ would drop the hash, which PyTorch keeps: identity.
    Tensor.__hash__ = object.__hash__
    if quick is not None:
        get, put = Tensor.__getitem__, Tensor.__setitem__
        Tensor.__getitem__ = quick.getitem(get, parts.PARTS)
        Tensor.__setitem__ = quick.setitem(put, parts.PARTS.write)


bind_tensor_class(Tensor)
native.bind(
    Tensor,
    overwrite=overwrite,
    select=views.select_index.op,
    unsqueeze=views.unsqueeze.op,
)
_install_methods()


def _flatten(tensor: Tensor):
    return (tensor._array(),), tensor._requires_grad


def _unflatten(requires_grad: bool, children):
    (array,) = children
    if not isinstance(array, jax.Array):
        return array
    tensor = from_array(array)
    tensor._requires_grad = requires_grad
    return tensor


jax.tree_util.register_pytree_node(Tensor, _flatten, _unflatten)
