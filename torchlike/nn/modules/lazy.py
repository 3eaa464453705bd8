"""Lazy modules: parameters get their shape from the first input."""

from __future__ import annotations

import warnings

from ..parameter import is_lazy


class LazyModuleMixin:
    """Waits for the first input, then becomes ``cls_to_become``.

    A subclass fills ``initialize_parameters(self, *args, **kwargs)``, which gets what
    ``forward`` gets.
    """

    cls_to_become = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._load_hook = self._register_load_state_dict_pre_hook(self._lazy_load_hook)
        self._initialize_hook = self.register_forward_pre_hook(
            self._infer_parameters, with_kwargs=True
        )
        warnings.warn(
            "Lazy modules are a new feature under heavy development so changes to the "
            "API or functionality can happen at any moment.",
            stacklevel=2,
        )

    def _save_to_state_dict(self, destination, prefix, keep_vars) -> None:
        skipped = self._non_persistent_buffers_set
        own = dict(self._parameters)
        own.update((k, v) for k, v in self._buffers.items() if k not in skipped)
        for name, tensor in own.items():
            if tensor is not None:
                keep = is_lazy(tensor) or keep_vars
                destination[prefix + name] = tensor if keep else tensor.detach()

    def _lazy_load_hook(self, state_dict, prefix, *rest) -> None:
        """A loaded tensor tells the shape as well as an input does."""
        for name, tensor in (*self._parameters.items(), *self._buffers.items()):
            given = state_dict.get(prefix + name)
            if tensor is None or given is None:
                continue
            if is_lazy(tensor) and not is_lazy(given):
                tensor.materialize(given.shape)

    def initialize_parameters(self, *args, **kwargs) -> None:
        """Materialise the parameters for this input."""
        raise NotImplementedError(
            f"initialize_parameters is not implemented for {type(self).__name__}"
        )

    def has_uninitialized_params(self) -> bool:
        """Whether any parameter or buffer still waits for its shape."""
        own = (*self._parameters.values(), *self._buffers.values())
        return any(is_lazy(tensor) for tensor in own)

    def _infer_parameters(self, module, args, kwargs=None) -> None:
        kwargs = kwargs or {}
        module.initialize_parameters(*args, **kwargs)
        if module.has_uninitialized_params():
            raise RuntimeError(
                f"module {self._get_name()} has not been fully initialized"
            )
        module._initialize_hook.remove()
        module._load_hook.remove()
        delattr(module, "_initialize_hook")
        delattr(module, "_load_hook")
        if module.cls_to_become is not None:
            module.__class__ = module.cls_to_become
