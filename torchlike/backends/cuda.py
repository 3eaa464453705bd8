"""CUDA's switches; TF32 in matrix products follows ``matmul.allow_tf32``."""

from __future__ import annotations

import jax

from .._devices import cuda_devices
from .._engine import boundary


class _Matmul:
    """``torch.backends.cuda.matmul``."""

    @property
    def allow_tf32(self) -> bool:
        """Whether float32 products on GPUs may use TF32; off as in PyTorch."""
        return jax.config.jax_default_matmul_precision == "tensorfloat32"

    @allow_tf32.setter
    def allow_tf32(self, value: bool) -> None:
        boundary("matmul precision")
        chosen = "tensorfloat32" if value else "highest"
        jax.config.update("jax_default_matmul_precision", chosen)


matmul = _Matmul()


def is_built() -> bool:
    """Whether JAX has CUDA devices."""
    return bool(cuda_devices())
