"""Parameters that are functions of other tensors: constraints and reparametrisations.

``register_parametrization`` turns ``module.weight`` into a property: reading it calls
the parametrization's ``forward`` on the kept original, assigning to it stores what
``right_inverse`` gives.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from contextlib import contextmanager

from ..._tensor import Tensor
from ...autograd.grad_mode import no_grad
from ..module import Module
from ..modules.container import ModuleDict, ModuleList
from ..parameter import Parameter


class _Cache:
    """Values of parametrized tensors inside ``cached()``, by module and name."""

    def __init__(self):
        self.depth = 0
        self.found: dict[tuple[int, str], Tensor] = {}


_cache = _Cache()


@contextmanager
def cached():
    """Compute every parametrized tensor at most once within the block."""
    _cache.depth += 1
    try:
        yield
    finally:
        _cache.depth -= 1
        if not _cache.depth:
            _cache.found.clear()


def _register(module, name: str, tensor) -> None:
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def _set(target, source) -> None:
    """Let ``target`` hold the contents of ``source`` and stay the same object."""
    target.data = source.detach()


def _check_same(kind: str, got, wanted, unsafe_of: str = "") -> None:
    """PyTorch's errors where dtype or shape change."""
    for what in ("dtype", "shape"):
        a, b = getattr(got, what), getattr(wanted, what)
        if a != b:
            raise ValueError(
                f"Registering a parametrization may not change the {what} of the "
                f"tensor, unless {unsafe_of}`unsafe` flag is enabled.\n"
                + kind.format(what=what, old=b, new=a)
            )


def _check_tensor(value, message: str) -> None:
    if not isinstance(value, Tensor):
        raise ValueError(message.format(type(value).__name__))


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, in order, and the original tensor.

    The original is ``original``, or ``original0``, ``original1``… where the first
    parametrization's ``right_inverse`` gives a sequence.
    """

    def __init__(self, modules, original, unsafe: bool = False):
        if len(modules) == 0:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        shape_and_dtype = original.detach()
        new = self._inverted(original)
        if not isinstance(new, (Tensor, Sequence)):
            raise ValueError(
                "'right_inverse' must return a Tensor or a Sequence of tensors (list, "
                f"tuple...). Got {type(new).__name__}"
            )
        self.is_tensor = isinstance(new, Tensor)
        self.ntensors = 1 if self.is_tensor else len(new)
        if self.is_tensor:
            self._keep_one(original, new)
        else:
            self._keep_many(original, new)
        if not self.unsafe:
            self._check_result(shape_and_dtype)

    def _inverted(self, value):
        with no_grad():
            for module in reversed(self):
                if hasattr(module, "right_inverse"):
                    try:
                        value = module.right_inverse(value)
                    except NotImplementedError:
                        pass  # then it is taken for the identity
        return value

    def _keep_one(self, original, new) -> None:
        for what in ("dtype", "device"):
            a, b = getattr(original, what), getattr(new, what)
            if a != b:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it may not change the "
                    f"{what}.\noriginal.{what}: {a}\n"
                    f"right_inverse(original).{what}: {b}"
                )
        _set(original, new)
        _register(self, "original", original)

    def _keep_many(self, original, new) -> None:
        for i, tensor in enumerate(new):
            if not isinstance(tensor, Tensor):
                raise ValueError(
                    "'right_inverse' must return a Tensor or a Sequence of tensors "
                    f"(list, tuple...). Got element {i} of the sequence with type "
                    f"{type(tensor).__name__}."
                )
            if isinstance(original, Parameter):
                tensor = Parameter(tensor.detach(), original.requires_grad)
            tensor.requires_grad_(original.requires_grad)
            _register(self, f"original{i}", tensor)

    def _check_result(self, wanted) -> None:
        result = self()
        _check_tensor(result, "A parametrization must return a tensor. Got {}.")
        text = "unparametrized {what}: {old}\nparametrized {what}: {new}"
        _check_same(text, result, wanted)

    def right_inverse(self, value) -> None:
        """Store what the parametrizations' inverses make of ``value``."""
        with no_grad():
            for module in reversed(self):
                if not hasattr(module, "right_inverse"):
                    raise RuntimeError(
                        f"parametrization {type(module).__name__} does not implement "
                        "right_inverse."
                    )
                value = module.right_inverse(value)
            if self.is_tensor:
                self._store_one(value)
            else:
                self._store_many(value)

    def _store_one(self, value) -> None:
        _check_tensor(value, "`right_inverse` should return a tensor. Got {}")
        if value.dtype != self.original.dtype:
            raise ValueError(
                f"The tensor returned by `right_inverse` has dtype {value.dtype} while "
                f"`original` has dtype {self.original.dtype}"
            )
        _set(self.original, value)

    def _store_many(self, value) -> None:
        if not isinstance(value, Sequence):
            raise ValueError(
                "'right_inverse' must return a sequence of tensors. Got "
                f"{type(value).__name__}."
            )
        if len(value) != self.ntensors:
            raise ValueError(
                "'right_inverse' must return a sequence of tensors of length "
                f"{self.ntensors}. Got a sequence of length {len(value)}."
            )
        for i, tensor in enumerate(value):
            original = getattr(self, f"original{i}")
            if not isinstance(tensor, Tensor):
                raise ValueError(
                    "'right_inverse' must return a sequence of tensors or "
                    f"reference-type opaques. Got element {i} of type "
                    f"{type(tensor).__name__}."
                )
            if original.dtype != tensor.dtype:
                raise ValueError(
                    f"Tensor {i} returned by `right_inverse` has dtype {tensor.dtype} "
                    f"while `original{i}` has dtype {original.dtype}"
                )
            _set(original, tensor)

    def originals(self) -> list:
        """The kept tensors."""
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def forward(self):
        first, *rest = self
        value = first(*self.originals())
        for module in rest:
            value = module(value)
        return value


# ---- the class of a parametrized module ----------------------------------------------
def _deepcopy(self, memo):
    """As ``copy.deepcopy`` without ``__getstate__``, which refuses."""
    replica = type(self).__new__(type(self))
    memo[id(self)] = replica
    replica.__setstate__(copy.deepcopy(self.__dict__, memo))
    return replica


def _getstate(self):
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict(). "
        "See:\nhttps://pytorch.org/tutorials/beginner/saving_loading_models.html"
        "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
    )


def _inject_class(module) -> None:
    """Give the module a class of its own, in which the properties can stand."""
    cls = type(module)
    members = {"__getstate__": _getstate, "__module__": cls.__module__}
    if getattr(cls, "__deepcopy__", None) is None:
        members["__deepcopy__"] = _deepcopy
    module.__class__ = type(cls)(f"Parametrized{cls.__name__}", (cls,), members)


def _inject_property(module, name: str) -> None:
    def read(self):
        if not _cache.depth:
            return self.parametrizations[name]()
        key = (id(self), name)
        if key not in _cache.found:
            _cache.found[key] = self.parametrizations[name]()
        return _cache.found[key]

    def write(self, value):
        self.parametrizations[name].right_inverse(value)

    setattr(type(module), name, property(read, write))


# ---- the public functions ------------------------------------------------------------
def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Let ``module.<tensor_name>`` be ``parametrization`` of the tensor it was.

    Further ones are applied after those already there. ``unsafe`` allows a change of
    dtype and shape. Raises ValueError for such changes and for unknown names.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        if not unsafe:
            _check_next(module, tensor_name, parametrization)
        listed = module.parametrizations[tensor_name]
        listed.append(parametrization)
        listed.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        original = getattr(module, tensor_name)
        listed = ParametrizationList([parametrization], original, unsafe=unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            _inject_class(module)
            module.parametrizations = ModuleDict()
        _inject_property(module, tensor_name)
        module.parametrizations[tensor_name] = listed
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a "
            f"parametrized element with name '{tensor_name}'"
        )
    return module


def _check_next(module, name: str, parametrization) -> None:
    """One more parametrization must keep dtype and shape, and so must its inverse."""
    now = getattr(module, name)
    result = parametrization(now)
    _check_tensor(result, "A parametrization must return a tensor. Got {}.")
    text = f"module.{name}.{{what}}: {{old}}\nparametrization(module.{name}).{{what}}: "
    _check_same(text + "{new}", result, now, unsafe_of="the ")
    if not hasattr(parametrization, "right_inverse"):
        return
    try:
        back = parametrization.right_inverse(result)
    except NotImplementedError:
        return
    message = "parametrization.right_inverse must return a tensor. Got: {}"
    _check_tensor(back, message)
    for what in ("dtype", "shape"):
        a, b = getattr(back, what), getattr(now, what)
        if a != b:
            raise ValueError(
                "The tensor returned by parametrization.right_inverse must have the "
                f"same {what} as module.{name}, unless the `unsafe` flag is enabled.\n"
                f"module.{name}.{what}: {b}\nreturned {what}: {a}"
            )


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether this tensor, or any tensor, of ``module`` is parametrized."""
    listed = module.__dict__.get("parametrizations")
    if not isinstance(listed, ModuleDict):
        return False
    return len(listed) > 0 if tensor_name is None else tensor_name in listed


def remove_parametrizations(
    module: Module, tensor_name: str, leave_parametrized: bool = True
) -> Module:
    """Make ``module.<tensor_name>`` an ordinary tensor again.

    It keeps its present value, or with ``leave_parametrized=False`` gets the original.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(
            f"Module {module} does not have a parametrization on {tensor_name}"
        )
    listed = module.parametrizations[tensor_name]
    if listed.is_tensor:
        original = listed.original
        if leave_parametrized:
            with no_grad():
                _set(original, getattr(module, tensor_name))
    elif leave_parametrized:
        value = getattr(module, tensor_name)
        original = Parameter(value.detach()) if value.requires_grad else value
    else:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is "
            "parametrized in terms of a sequence of tensors."
        )
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    _register(module, tensor_name, original)
    if not is_parametrized(module):
        delattr(module, "parametrizations")
        module.__class__ = type(module).__bases__[0]
    return module


def type_before_parametrizations(module: Module) -> type:
    """The class the module had before any parametrization."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(
    from_module: Module, to_module: Module, tensor_name: str | None = None
) -> Module:
    """Give ``to_module`` the parametrizations and originals of ``from_module``."""
    if not is_parametrized(from_module):
        return to_module
    names = [tensor_name] if tensor_name else list(from_module.parametrizations)
    for name in names:
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name).detach()))
        source = from_module.parametrizations[name]
        for parametrization in source:
            register_parametrization(to_module, name, parametrization)
        target = to_module.parametrizations[name]
        if source.is_tensor:
            target.original = source.original
            continue
        for i in range(source.ntensors):
            setattr(target, f"original{i}", getattr(source, f"original{i}"))
    return to_module
