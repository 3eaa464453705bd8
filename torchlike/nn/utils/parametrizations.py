"""Ready-made parametrizations: orthogonal, weight and spectral normalisation."""

from __future__ import annotations

from ..._tensor import Tensor
from ...autograd.grad_mode import no_grad
from .. import _torch as torch
from .. import functional as F
from ..module import Module
from . import parametrize
from ._orthogonal import _OrthMaps as _OrthMaps
from ._orthogonal import _Orthogonal as _Orthogonal
from ._scaled import as_matrix, norm_except_dim, power_iteration, scaled_by_norm


def orthogonal(
    module: Module,
    name: str = "weight",
    orthogonal_map: str | None = None,
    *,
    use_trivialization: bool = True,
) -> Module:
    """Keep a matrix, or a batch of them, orthogonal (unitary, where it is complex).

    ``orthogonal_map`` is ``matrix_exp`` (the default of square and complex matrices),
    ``cayley`` or ``householder``. **Source** https://arxiv.org/abs/1909.09501
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(
            f"Module '{module}' has no parameter or buffer with name '{name}'"
        )
    if weight.ndim < 2:
        raise ValueError(
            "Expected a matrix or batch of matrices. Got a tensor of "
            f"{weight.ndim} dimensions."
        )
    if orthogonal_map is None:
        square = weight.size(-2) == weight.size(-1)
        orthogonal_map = (
            "matrix_exp" if square or weight.is_complex() else "householder"
        )
    kind = getattr(_OrthMaps, orthogonal_map, None)
    if kind is None:
        raise ValueError(
            'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". '
            f"Got: {orthogonal_map}"
        )
    made = _Orthogonal(weight, kind, use_trivialization=use_trivialization)
    return parametrize.register_parametrization(module, name, made, unsafe=True)


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0):
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g, weight_v):
        return scaled_by_norm(weight_v, weight_g, self.dim)

    def right_inverse(self, weight):
        return norm_except_dim(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int = 0) -> Module:
    """Part a weight into its norm (``original0``) and its direction (``original1``).

    ``dim`` is the dimension with a norm for each of its entries; None: one for all.
    **Source** https://arxiv.org/abs/1602.07868
    """
    made = _WeightNorm(dim)
    parametrize.register_parametrization(module, name, made, unsafe=True)

    def read_old_names(state_dict, prefix, *rest) -> None:
        """The older ``torch.nn.utils.weight_norm`` saved ``weight_g``, ``weight_v``."""
        old = [f"{prefix}{name}_{part}" for part in "gv"]
        if all(key in state_dict for key in old):
            for i, key in enumerate(old):
                new = f"{prefix}parametrizations.{name}.original{i}"
                state_dict[new] = state_dict.pop(key)

    module._register_load_state_dict_pre_hook(read_old_names)
    return module


class _SpectralNorm(Module):
    def __init__(
        self, weight, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12
    ):
        super().__init__()
        ndim = weight.ndim
        if not -ndim <= dim < ndim:
            raise IndexError(
                "Dimension out of range (expected to be in range of "
                f"[-{ndim}, {ndim - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                "Expected n_power_iterations to be positive, but got "
                f"n_power_iterations={n_power_iterations}"
            )
        self.dim = dim % ndim
        self.eps = eps
        if ndim > 1:
            self.n_power_iterations = n_power_iterations
            self._begin(weight)

    def _begin(self, weight) -> None:
        matrix = as_matrix(weight, self.dim)
        for name, size in zip(("_u", "_v"), matrix.size(), strict=True):
            drawn = matrix.new_empty(size).normal_(0, 1)
            self.register_buffer(name, F.normalize(drawn, dim=0, eps=self.eps))
        with no_grad():
            power_iteration(matrix.detach(), self._u, self._v, 15, self.eps)

    def forward(self, weight):
        if weight.ndim == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            with no_grad():
                u, v, times = self._u, self._v, self.n_power_iterations
                power_iteration(matrix, u, v, times, self.eps)
        u, v = self._u.clone(), self._v.clone()
        return weight / torch.vdot(u, torch.mv(matrix, v))

    def right_inverse(self, value):
        # Any weight stands for the direction, as in PyTorch.
        return value


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Divide a weight by its largest singular value, found by power iteration.

    ``dim`` is the dimension of the outputs: 0, and 1 for transposed convolutions.
    **Source** https://arxiv.org/abs/1802.05957
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(
            f"Module '{module}' has no parameter or buffer with name '{name}'"
        )
    if dim is None:
        dim = output_dim(module)
    made = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return parametrize.register_parametrization(module, name, made)


def output_dim(module) -> int:
    """Which dimension of the weight counts the outputs."""
    kind = parametrize.type_before_parametrizations(module)
    return int(any("ConvTranspose" in cls.__name__ for cls in kind.__mro__))
