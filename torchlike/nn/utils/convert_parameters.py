"""Between a list of parameters and one long vector."""

from __future__ import annotations

from collections.abc import Iterable

from ..._ops import _registry
from ..._tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All elements in one vector; gradients flow through it.

    Raises TypeError if the parameters lie on different devices.
    """
    parameters = list(parameters)
    _check_devices(parameters)
    return _registry.functions["torch"]["cat"]([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Let the parameters show successive parts of ``vec``, which they share."""
    if not isinstance(vec, Tensor):
        kind = type(vec)
        module = "" if kind.__module__ == "builtins" else kind.__module__ + "."
        raise TypeError(f"expected torch.Tensor, but got: {module}{kind.__qualname__}")
    parameters = list(parameters)
    _check_devices(parameters)
    start = 0
    for param in parameters:
        end = start + param.numel()
        param.data = vec[start:end].view(param.shape).data
        start = end


def _check_devices(parameters) -> None:
    if len({p.device for p in parameters}) > 1:
        raise TypeError(
            "Found two parameters on different devices, this is currently not "
            "supported."
        )
