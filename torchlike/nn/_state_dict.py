"""``state_dict`` and ``load_state_dict``."""

from __future__ import annotations

import warnings
from collections import OrderedDict, namedtuple
from collections.abc import Mapping

from .._tensor import Tensor
from ..autograd.grad_mode import no_grad
from .parameter import Parameter, is_lazy

EXTRA_STATE = "_extra_state"


class _IncompatibleKeys(
    namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])
):
    __slots__ = ()

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return super().__repr__()

    __str__ = __repr__


class StateDict:
    """The saving and loading methods of ``nn.Module``."""

    _version: int = 1

    def get_extra_state(self):
        """More state to put into ``state_dict``; override with ``set_extra_state``."""
        raise RuntimeError(
            "Reached a code path in Module.get_extra_state() that should never be "
            "called. Please file an issue at "
            "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to "
            "report this bug."
        )

    def set_extra_state(self, state) -> None:
        """Take back what ``get_extra_state`` gave."""
        raise RuntimeError(
            "Reached a code path in Module.set_extra_state() that should never be "
            "called. Please file an issue at "
            "https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to "
            "report this bug."
        )

    # ---- saving
    def state_dict(self, *args, destination=None, prefix="", keep_vars=False):
        """Every parameter and persistent buffer by its dotted name.

        ``_metadata`` of the result holds the version of each module's layout. The
        tensors share memory with the module's and are detached unless ``keep_vars``.
        """
        if args:
            destination, prefix, keep_vars = _positional(
                args, destination, prefix, keep_vars
            )
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        local_metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = local_metadata
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(
                    destination=destination,
                    prefix=f"{prefix}{name}.",
                    keep_vars=keep_vars,
                )
        return self._run_state_dict_hooks(destination, prefix, local_metadata)

    def _run_state_dict_hooks(self, destination, prefix, local_metadata):
        for hook in self._state_dict_hooks.values():
            output = hook(self, destination, prefix, local_metadata)
            if output is None:
                continue
            if getattr(hook, "_from_public_api", False):
                raise RuntimeError("state_dict post-hook must return None")
            destination = output
        return destination

    def _save_to_state_dict(self, destination, prefix, keep_vars) -> None:
        """Put this module's own entries into ``destination``."""
        saved = dict(self._parameters)
        skipped = self._non_persistent_buffers_set
        saved.update((k, v) for k, v in self._buffers.items() if k not in skipped)
        for name, tensor in saved.items():
            if tensor is not None:
                destination[prefix + name] = tensor if keep_vars else tensor.detach()
        if _overrides(self, "get_extra_state"):
            destination[prefix + EXTRA_STATE] = self.get_extra_state()

    # ---- loading
    def load_state_dict(self, state_dict, strict: bool = True, assign: bool = False):
        """Copy a ``state_dict`` into this module; with ``assign``, use its tensors.

        Returns ``missing_keys`` and ``unexpected_keys``; where ``strict``, either is a
        RuntimeError. All errors are gathered and raised together.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"Expected state_dict to be dict-like, got {type(state_dict)}."
            )
        metadata = getattr(state_dict, "_metadata", None)
        state_dict = OrderedDict(state_dict)
        if metadata is not None:
            state_dict._metadata = metadata
        load = _Load(metadata, assign)
        load.into(self, state_dict, "")
        errors = load.errors(strict)
        if errors:
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\t"
                + "\n\t".join(errors)
            )
        return _IncompatibleKeys(load.missing, load.unexpected)

    def _load_from_state_dict(
        self,
        state_dict,
        prefix,
        local_metadata,
        strict,
        missing_keys,
        unexpected_keys,
        error_msgs,
    ) -> None:
        """Take this module's own entries; report into the three lists."""
        lists = (missing_keys, unexpected_keys, error_msgs)
        for hook in self._load_state_dict_pre_hooks.values():
            hook(state_dict, prefix, local_metadata, strict, *lists)
        skipped = self._non_persistent_buffers_set
        local = {k: v for k, v in self._parameters.items() if v is not None}
        for name, buffer in self._buffers.items():
            if buffer is not None and name not in skipped:
                local[name] = buffer
        assign = local_metadata.get("assign_to_params_buffers", False)
        for name, tensor in local.items():
            key = prefix + name
            if key in state_dict:
                _load_one(self, name, tensor, key, state_dict[key], assign, error_msgs)
            elif strict:
                missing_keys.append(key)
        _load_extra(self, state_dict, prefix, strict, missing_keys, unexpected_keys)
        if strict:
            unexpected_keys += _unexpected(self, state_dict, prefix, local)


def _positional(args, destination, prefix, keep_vars):
    warnings.warn(
        "Positional args are being deprecated, use kwargs instead. Refer to "
        "https://pytorch.org/docs/main/generated/torch.nn.Module.html"
        "#torch.nn.Module.state_dict for details.",
        FutureWarning,
        stacklevel=3,
    )
    destination = args[0] if destination is None else destination
    prefix = args[1] if len(args) > 1 and prefix == "" else prefix
    keep_vars = args[2] if len(args) > 2 and keep_vars is False else keep_vars
    return destination, prefix, keep_vars


def _overrides(module, method: str) -> bool:
    own = getattr(StateDict, method)
    return getattr(type(module), method, own) is not own


def _load_one(module, name, tensor, key, given, assign, error_msgs) -> None:
    if not isinstance(given, Tensor):
        error_msgs.append(
            f'While copying the parameter named "{key}", expected torch.Tensor or '
            f"Tensor-like object from checkpoint but received {type(given)}"
        )
        return
    if not is_lazy(tensor):
        if not len(tensor.shape) and tuple(given.shape) == (1,):
            given = given[0]  # how PyTorch 0.3 saved scalars
        if given.shape != tensor.shape:
            error_msgs.append(
                f"size mismatch for {key}: copying a param with shape {given.shape} "
                f"from checkpoint, the shape in current model is {tensor.shape}."
            )
            return
    if tensor.is_meta and not given.is_meta and not assign:
        _warn_meta(key)
    try:
        with no_grad():
            if assign:
                setattr(module, name, _like(tensor, given))
            else:
                tensor.copy_(given)
    except Exception as error:
        error_msgs.append(
            f'While copying the parameter named "{key}", whose dimensions in the model '
            f"are {tensor.size()} and whose dimensions in the checkpoint are "
            f"{given.size()}, an exception occurred : {error.args}."
        )


def _warn_meta(key: str) -> None:
    warnings.warn(
        f"for {key}: copying from a non-meta parameter in the checkpoint to a meta "
        "parameter in the current model, which is a no-op. (Did you mean to pass "
        "`assign=True` to assign items in the state dictionary to their corresponding "
        "key in the module instead of copying them in place?)",
        stacklevel=3,
    )


def _like(tensor, given):
    """``given`` as what ``tensor`` is: a parameter with its ``requires_grad``."""
    if not isinstance(tensor, Parameter):
        return given
    if isinstance(given, Parameter):
        return given.requires_grad_(tensor.requires_grad)
    return Parameter(given, requires_grad=tensor.requires_grad)


def _load_extra(module, state_dict, prefix, strict, missing_keys, unexpected_keys):
    key = prefix + EXTRA_STATE
    if _overrides(module, "set_extra_state"):
        if key in state_dict:
            module.set_extra_state(state_dict[key])
        elif strict:
            missing_keys.append(key)
    elif strict and key in state_dict:
        unexpected_keys.append(key)


def _unexpected(module, state_dict, prefix, local):
    for key in state_dict:
        if not key.startswith(prefix) or key == prefix + EXTRA_STATE:
            continue
        first, dot, _ = key[len(prefix) :].partition(".")
        if first not in (module._modules if dot else local):
            yield key


class _Load:
    """One ``load_state_dict``: walks the tree of modules and gathers reports."""

    def __init__(self, metadata, assign: bool):
        self.metadata, self.assign = metadata, assign
        self.missing: list[str] = []
        self.unexpected: list[str] = []
        self.messages: list[str] = []

    def into(self, module, state_dict, prefix: str) -> None:
        local = {} if self.metadata is None else self.metadata.get(prefix[:-1], {})
        if self.assign:
            local["assign_to_params_buffers"] = True
        reports = (self.missing, self.unexpected, self.messages)
        module._load_from_state_dict(state_dict, prefix, local, True, *reports)
        for name, child in module._modules.items():
            if child is not None:
                start = f"{prefix}{name}."
                part = {k: v for k, v in state_dict.items() if k.startswith(start)}
                self.into(child, part, start)
        found = _IncompatibleKeys(self.missing, self.unexpected)
        for hook in module._load_state_dict_post_hooks.values():
            if hook(module, found) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are "
                    "not expected to return new values, if incompatible_keys need to "
                    "be modified, it should be done inplace."
                )

    def errors(self, strict: bool) -> list[str]:
        found = []
        for word, keys in (("Missing", self.missing), ("Unexpected", self.unexpected)):
            if strict and keys:
                quoted = ", ".join(f'"{key}"' for key in keys)
                found.append(f"{word} key(s) in state_dict: {quoted}. ")
        return found + self.messages
