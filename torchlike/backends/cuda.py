"""CUDA's switches; TF32 in matrix products follows ``matmul.allow_tf32``."""

from __future__ import annotations

import contextlib

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


def _accept(enabled: bool) -> None:
    """Accepted: XLA chooses the kernel."""


enable_flash_sdp = enable_mem_efficient_sdp = enable_math_sdp = _accept
enable_cudnn_sdp = allow_fp16_bf16_reduction_math_sdp = _accept


def flash_sdp_enabled() -> bool:
    """XLA chooses the kernel; PyTorch's default answer."""
    return True


mem_efficient_sdp_enabled = math_sdp_enabled = cudnn_sdp_enabled = flash_sdp_enabled


def is_flash_attention_available() -> bool:
    """PyTorch's own kernel is not here."""
    return False


@contextlib.contextmanager
def sdp_kernel(enable_flash=True, enable_math=True, enable_mem_efficient=True, **_):
    """Accepted: XLA chooses the kernel."""
    yield {}


def preferred_linalg_library(backend=None) -> str:
    """Accepted: XLA chooses."""
    return "default"


preferred_blas_library = preferred_linalg_library
