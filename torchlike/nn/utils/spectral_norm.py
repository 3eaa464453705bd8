"""The older spectral normalisation, by a hook before every forward."""

from __future__ import annotations

from ..._ops import _registry
from ...autograd.grad_mode import no_grad
from .. import _torch as torch
from .. import functional as F
from ..module import Module
from ..parameter import Parameter, is_lazy
from ._scaled import as_matrix, power_iteration
from .parametrizations import output_dim


class SpectralNorm:
    """The hook. State: ``weight_orig`` and the singular vectors ``_u`` and ``_v``."""

    _version: int = 1

    def __init__(
        self,
        name: str = "weight",
        n_power_iterations: int = 1,
        dim: int = 0,
        eps: float = 1e-12,
    ):
        self.name = name
        self.dim = dim
        if n_power_iterations <= 0:
            raise ValueError(
                "Expected n_power_iterations to be positive, but got "
                f"n_power_iterations={n_power_iterations}"
            )
        self.n_power_iterations = n_power_iterations
        self.eps = eps

    def reshape_weight_to_matrix(self, weight):
        """(outputs, all the rest)."""
        return as_matrix(weight, self.dim)

    def compute_weight(self, module: Module, do_power_iteration: bool):
        """The weight over its largest singular value, after a step of the iteration."""
        weight, u, v = (getattr(module, self.name + x) for x in ("_orig", "_u", "_v"))
        matrix = self.reshape_weight_to_matrix(weight)
        if do_power_iteration:
            with no_grad():
                times = self.n_power_iterations
                power_iteration(matrix.t(), v, u, times, self.eps)
        u, v = u.clone(), v.clone()
        return weight / torch.dot(u, torch.mv(matrix, v))

    def remove(self, module: Module) -> None:
        """Put the present weight back as a parameter."""
        with no_grad():
            weight = self.compute_weight(module, do_power_iteration=False)
        for part in ("", "_u", "_v", "_orig"):
            delattr(module, self.name + part)
        module.register_parameter(self.name, Parameter(weight.detach()))

    def __call__(self, module: Module, inputs) -> None:
        weight = self.compute_weight(module, do_power_iteration=module.training)
        setattr(module, self.name, weight)

    def _solve_v_and_rescale(self, weight_mat, u, target_sigma):
        """A v with ``u = normalize(W v)`` and ``u W v = sigma``; W may be singular."""
        turned = weight_mat.t()
        inverse = _registry.functions["linalg"]["pinv"](turned.mm(weight_mat))
        v = inverse.mm(turned).mv(u)
        return v * (target_sigma / torch.dot(u, torch.mv(weight_mat, v)))

    @staticmethod
    def apply(
        module: Module, name: str, n_power_iterations: int, dim: int, eps: float
    ) -> SpectralNorm:
        """Replace the weight by its parts, and compute it before every forward."""
        for hook in module._forward_pre_hooks.values():
            if isinstance(hook, SpectralNorm) and hook.name == name:
                raise RuntimeError(
                    "Cannot register two spectral_norm hooks on the same parameter "
                    f"{name}"
                )
        made = SpectralNorm(name, n_power_iterations, dim, eps)
        weight = _weight(module, name)
        with no_grad():
            sizes = made.reshape_weight_to_matrix(weight).size()
            drawn = [weight.new_empty(size).normal_(0, 1) for size in sizes]
            u, v = (F.normalize(x, dim=0, eps=eps) for x in drawn)
        delattr(module, name)
        module.register_parameter(name + "_orig", weight)
        setattr(module, name, weight.data)
        module.register_buffer(name + "_u", u)
        module.register_buffer(name + "_v", v)
        module.register_forward_pre_hook(made)
        module._register_state_dict_hook(SpectralNormStateDictHook(made))
        module._register_load_state_dict_pre_hook(
            SpectralNormLoadStateDictPreHook(made)
        )
        return made


def _weight(module, name: str):
    weight = module._parameters[name]
    if weight is None:
        raise ValueError(
            f"`SpectralNorm` cannot be applied as parameter `{name}` is None"
        )
    if is_lazy(weight):
        raise ValueError(
            "The module passed to `SpectralNorm` can't have uninitialized parameters. "
            "Make sure to run the dummy forward before applying spectral normalization"
        )
    return weight


class SpectralNormLoadStateDictPreHook:
    """Gives a state of before version 1, which had no ``_v``, one."""

    def __init__(self, fn: SpectralNorm):
        self.fn = fn

    def __call__(
        self,
        state_dict,
        prefix,
        local_metadata,
        strict,
        missing_keys,
        unexpected_keys,
        error_msgs,
    ) -> None:
        fn = self.fn
        key = prefix + fn.name
        versions = local_metadata.get("spectral_norm", {})
        version = versions.get(fn.name + ".version")
        if version is not None and version >= 1:
            return
        new = all(key + part in state_dict for part in ("_orig", "_u", "_v"))
        if version is None and new and key not in state_dict:
            return
        missing = [key + x for x in ("_orig", "", "_u") if key + x not in state_dict]
        if missing:
            missing_keys.extend(missing if strict else ())
            return
        with no_grad():
            original, u = state_dict[key + "_orig"], state_dict[key + "_u"]
            sigma = (original / state_dict.pop(key)).mean()
            matrix = fn.reshape_weight_to_matrix(original)
            state_dict[key + "_v"] = fn._solve_v_and_rescale(matrix, u, sigma)


class SpectralNormStateDictHook:
    """Notes the version of the layout in the metadata."""

    def __init__(self, fn: SpectralNorm):
        self.fn = fn

    def __call__(self, module, state_dict, prefix, local_metadata) -> None:
        versions = local_metadata.setdefault("spectral_norm", {})
        key = self.fn.name + ".version"
        if key in versions:
            raise RuntimeError(f"Unexpected key in metadata['spectral_norm']: {key}")
        versions[key] = self.fn._version


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight by its largest singular value, found by power iteration.

    **Source** https://arxiv.org/abs/1802.05957
    """
    dim = output_dim(module) if dim is None else dim
    SpectralNorm.apply(module, name, n_power_iterations, dim, eps)
    return module


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Undo ``spectral_norm``; the weight keeps its value."""
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, SpectralNorm) and hook.name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            break
    else:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    for table in (module._state_dict_hooks, module._load_state_dict_pre_hooks):
        _drop_hooks(table, name)
    return module


def _drop_hooks(table, name: str) -> None:
    kinds = (SpectralNormStateDictHook, SpectralNormLoadStateDictPreHook)
    for key, hook in list(table.items()):
        hook = getattr(hook, "hook", hook)
        if isinstance(hook, kinds) and hook.fn.name == name:
            del table[key]
