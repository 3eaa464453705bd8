"""From PyTorch to torchlike: tensors, dtypes, and the functions OpInfo calls.

OpInfo's functions are PyTorch's own, or Python around them (``lambda x: torch.f(x)``).
The first are found by their public path; the second are made anew with torchlike in the
place of ``torch``, together with the helpers they call.
"""

from __future__ import annotations

import functools
import types

import ml_dtypes
import numpy as np
import torch as theirs
from torch.testing._utils import wrapper_set_seed

import torchlike as ours

_NAMESPACES = (
    "nn.functional linalg special fft signal.windows masked sparse nested Tensor "
    "_C._nn _C._linalg _C._fft _C._special _C._sparse _VF"
).split()
_TESTING = "torch.testing._internal"


class Missing(Exception):
    """A public name of PyTorch's that torchlike lacks."""


@functools.cache
def _paths() -> dict[int, str]:
    """The public path of each of PyTorch's functions, by identity."""
    public, private = {}, {}
    for space in ["", *_NAMESPACES]:
        owner = find(theirs, space)
        shown = space.replace("_C._nn", "nn.functional").replace("_C._", "")
        for name in dir(owner):
            thing = getattr(owner, name, None)
            if callable(thing) and not isinstance(thing, type):
                hidden = name.startswith("_") or space.startswith("_")
                names = private if hidden and space != "Tensor" else public
                names.setdefault(id(thing), f"{shown}.{name}".lstrip("."))
    return private | public


def find(library, name: str):
    """``add``, ``linalg.svd`` or ``Tensor.add_`` in PyTorch or torchlike."""
    found = library
    for part in filter(None, name.split(".")):
        try:
            found = getattr(found, part)
        except (AttributeError, ImportError):
            raise Missing(f"no {name}") from None
    return found


def tensor(x: theirs.Tensor, strides: bool = False):
    """Our tensor of the same values (and strides)."""
    if x.layout is not theirs.strided:
        return _sparse(x)
    if x.is_meta:
        return ours.empty(tuple(x.shape), dtype=dtype(x.dtype), device="meta")
    detached = x.detach().resolve_conj().resolve_neg()
    size = detached.untyped_storage().nbytes() // detached.itemsize
    if strides and (size > x.numel() or not detached.is_contiguous()):
        flat = array(detached.as_strided((size,), (1,), 0))
        made = ours.as_strided(
            ours.from_numpy(flat), tuple(x.shape), x.stride(), x.storage_offset()
        )
    else:
        made = ours.from_numpy(array(detached))
    return made.requires_grad_() if x.requires_grad else made


def _sparse(x):
    values = {"dtype": dtype(x.dtype), "requires_grad": x.requires_grad}
    x = x.detach()
    if x.layout is theirs.sparse_coo:
        parts = x._indices(), x._values()
        make = find(ours, "sparse_coo_tensor")
    else:
        parts = x.crow_indices(), x.col_indices(), x.values()
        make = find(ours, "sparse_csr_tensor")
    return make(*map(tensor, parts), tuple(x.shape), **values)


def array(x: theirs.Tensor) -> np.ndarray:
    """The values of a PyTorch tensor as a NumPy array of its own."""
    x = x.detach().resolve_conj().resolve_neg()
    if x.dtype is theirs.bfloat16:
        bits = x.contiguous().view(theirs.int16).numpy()
        return bits.view(ml_dtypes.bfloat16).copy()
    return np.ascontiguousarray(x.numpy(force=True)).reshape(tuple(x.shape)).copy()


def dtype(x: theirs.dtype):
    """Our dtype of the same name."""
    return find(ours, str(x).removeprefix("torch."))


class Translator:
    """Translates the arguments of one call: a tensor met twice is one tensor."""

    def __init__(self, strides: bool = False):
        self.strides = strides
        self.made: dict[int, tuple] = {}
        self.storages: dict[tuple, object] = {}

    def _tensor(self, x):
        """With strides, tensors that share a storage share one here too."""
        if not self.strides or x.layout is not theirs.strided or x.is_meta:
            return tensor(x)
        place = x.untyped_storage().data_ptr(), x.dtype
        base = self.storages.get(place) if x.numel() and not x.requires_grad else None
        if base is not None:
            return base.as_strided(tuple(x.shape), x.stride(), x.storage_offset())
        made = self.storages[place] = tensor(x, True)
        return made

    def __call__(self, x):
        if isinstance(x, theirs.Tensor):
            if id(x) not in self.made:
                self.made[id(x)] = x, self._tensor(x)
            return self.made[id(x)][1]
        if isinstance(x, theirs.Size):
            return ours.Size(x)
        if isinstance(x, tuple) and hasattr(x, "_fields"):
            return type(x)(*(self(i) for i in x))
        if isinstance(x, (tuple, list)):
            return type(x)(self(i) for i in x)
        if isinstance(x, dict):
            return {k: self(v) for k, v in x.items()}
        if isinstance(x, slice):
            return slice(self(x.start), self(x.stop), self(x.step))
        return _thing(x)


def _thing(x):
    """Dtypes, devices, layouts, functions; anything else is what it is."""
    if isinstance(x, theirs.dtype):
        return dtype(x)
    if isinstance(x, theirs.device):
        return ours.device(str(x))
    if isinstance(x, (theirs.layout, theirs.memory_format)):
        return find(ours, str(x).removeprefix("torch."))
    if isinstance(x, theirs.Generator):
        return ours.Generator().manual_seed(x.initial_seed())
    if isinstance(x, types.ModuleType) and x.__name__.split(".")[0] == "torch":
        return x if _TESTING in x.__name__ else find(ours, x.__name__[6:])
    if isinstance(x, theirs.nn.Module):
        made = find(ours.nn, type(x).__name__)()
        for name in getattr(x, "__constants__", ()):
            setattr(made, name, getattr(x, name))
        return made
    return function(x) if callable(x) else x


def _set_seed(op, *args, **kwargs):
    """In the place of OpInfo's ``wrapper_set_seed``."""
    ours.manual_seed(42)
    return op(*args, **kwargs)


_INSTEAD = {id(wrapper_set_seed): _set_seed}


def function(f):
    """What torchlike has for a function of OpInfo's."""
    if id(f) in _INSTEAD:
        return _INSTEAD[id(f)]
    if isinstance(f, theirs.nn.Module):  # without parameters: a distance
        made = object.__new__(find(ours.nn, type(f).__name__))
        made.__setstate__(dict(vars(f)))
        return made
    path = _paths().get(id(f))
    if path is not None:
        return find(ours, path)
    if isinstance(f, functools.partial):
        args, kwargs = Translator()(f.args), Translator()(f.keywords)
        return functools.partial(function(f.func), *args, **kwargs)
    if isinstance(f, types.FunctionType) and f.__module__.startswith("torch"):
        return _remade(f)
    if getattr(f, "__module__", "") and type(f).__name__.startswith("OpOverload"):
        return find(ours, f"ops.{str(f).removeprefix('torch.ops.')}")
    return f


_remakes: dict[int, types.FunctionType] = {}
_globals: dict[int, dict] = {}


def _remade(f: types.FunctionType) -> types.FunctionType:
    if id(f) in _remakes:
        return _remakes[id(f)]
    names = _globals.get(id(f.__globals__))
    if names is None:
        names = _globals[id(f.__globals__)] = dict(f.__globals__)
        names["torch"] = ours
        if "F" in names:
            names["F"] = ours.nn.functional
    made = types.FunctionType(
        f.__code__, names, f.__name__, f.__defaults__, _cells(f.__closure__)
    )
    made.__kwdefaults__ = f.__kwdefaults__
    made.__wrapped_by_parity__ = f  # keeps the id of f taken
    _remakes[id(f)] = made
    for name in _global_names(f.__code__):
        value = f.__globals__.get(name)
        helper = isinstance(value, types.FunctionType) and _TESTING in value.__module__
        if helper or id(value) in _INSTEAD:
            names[name] = function(value)
        elif id(value) in _paths() or isinstance(value, theirs.dtype):
            names[name] = _thing(value)
    return made


def _cells(closure):
    if closure is None:
        return None
    translate = Translator()
    return tuple(types.CellType(translate(c.cell_contents)) for c in closure)


def _global_names(code) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _global_names(constant)
    return names
