"""CUDA's switches; TF32 in matrix products follows ``matmul.allow_tf32``."""

from __future__ import annotations

import jax

from .._devices import cuda_devices
from .._settings import set_jax_matmul_precision


class _Matmul:
    """``torch.backends.cuda.matmul``."""

    @property
    def allow_tf32(self) -> bool:
        """Whether float32 products on GPUs may use TF32; off as in PyTorch."""
        return jax.config.jax_default_matmul_precision == "tensorfloat32"

    @allow_tf32.setter
    def allow_tf32(self, value: bool) -> None:
        set_jax_matmul_precision("tensorfloat32" if value else "highest")


matmul = _Matmul()


def is_built() -> bool:
    """Whether JAX has CUDA devices."""
    return bool(cuda_devices())
