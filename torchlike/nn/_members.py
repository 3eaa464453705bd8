"""Walking the tree of modules: ``named_*``, ``get_*``, ``apply``, ``train``."""

from __future__ import annotations

import warnings

from .parameter import Parameter


class Members:
    """The traversal methods of ``nn.Module``."""

    # ---- listing
    def _named_members(
        self, get_members_fn, prefix="", recurse=True, remove_duplicate: bool = True
    ):
        modules = (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        )
        seen: set[int] = set()
        for path, module in modules:
            start = path + "." if path else ""
            for name, member in get_members_fn(module):
                if member is None or id(member) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(member))
                yield start + name, member

    def parameters(self, recurse: bool = True):
        """Iterate over the parameters of this module and, by default, of all below."""
        if recurse and _walks_plainly(type(self)):
            yield from _parameters_below(self, set(), {}).values()
            return
        for _, param in self.named_parameters(recurse=recurse):
            yield param

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ):
        """Iterate over ``(dotted name, parameter)``."""
        yield from self._named_members(
            lambda module: module._parameters.items(), prefix, recurse, remove_duplicate
        )

    def buffers(self, recurse: bool = True):
        """Iterate over the buffers of this module and, by default, of all below."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ):
        """Iterate over ``(dotted name, buffer)``."""
        yield from self._named_members(
            lambda module: module._buffers.items(), prefix, recurse, remove_duplicate
        )

    def children(self):
        """Iterate over the modules directly below."""
        for _, module in self.named_children():
            yield module

    def named_children(self):
        """Iterate over ``(name, module)`` of the modules directly below."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def modules(self, remove_duplicate: bool = True):
        """Iterate over this module and all below."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_modules(self, memo=None, prefix: str = "", remove_duplicate: bool = True):
        """Iterate over ``(dotted name, module)``, this module first, named ``""``."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        start = prefix + "." if prefix else ""
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, start + name, remove_duplicate)

    # ---- by name
    def get_submodule(self, target: str):
        """The module at a dotted name; ``""`` is this one."""
        module = self
        for name in target.split(".") if target else ():
            module = _attribute(module, name)
            if not isinstance(module, Members):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module, strict: bool = False) -> None:
        """Put ``module`` at a dotted name; with ``strict`` it must exist already."""
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not isinstance(module, Members):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict or hasattr(parent, name):
            if not isinstance(_attribute(parent, name), Members):
                raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    def get_parameter(self, target: str):
        """The parameter at a dotted name."""
        path, _, name = target.rpartition(".")
        param = _attribute(self.get_submodule(path), name)
        if not isinstance(param, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return param

    def get_buffer(self, target: str):
        """The buffer at a dotted name."""
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        buffer = _attribute(module, name)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return buffer

    # ---- doing something to all
    def apply(self, fn):
        """Call ``fn`` on every module, children first, and return this module."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True):
        """Set training mode here and below; dropout and batch norm depend on it."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        """Set evaluation mode, that is ``train(False)``."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True):
        """Set ``requires_grad`` of every parameter."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of every parameter, or fill them with zeros."""
        if getattr(self, "_is_replica", False):
            warnings.warn(
                "Calling .zero_grad() from a module created with nn.DataParallel() has "
                "no effect.",
                stacklevel=2,
            )
        for param in self.parameters():
            grad = param.grad
            if grad is None:
                continue
            if set_to_none:
                param.grad = None
            elif grad.grad_fn is not None:
                grad.detach_().zero_()
            else:
                grad.requires_grad_(False).zero_()


def _attribute(module, name: str):
    if not hasattr(module, name):
        raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
    return getattr(module, name)


_WALKS = "named_parameters _named_members named_modules".split()


def _walks_plainly(cls: type) -> bool:
    return all(getattr(cls, name) is getattr(Members, name) for name in _WALKS)


def _parameters_below(module: Members, seen: set, found: dict) -> dict:
    """The parameters of a tree of modules by identity, in order, without their names.

    A loop that clips gradients asks for them at every step.
    """
    if type(module).named_modules is not Members.named_modules:
        for _, one in module.named_modules(seen):
            _put_parameters(one, found)
        return found
    seen.add(module)
    _put_parameters(module, found)
    for below in module._modules.values():
        if below is not None and below not in seen:
            _parameters_below(below, seen, found)
    return found


def _put_parameters(module: Members, found: dict) -> None:
    for param in module._parameters.values():
        if param is not None:
            found.setdefault(id(param), param)
