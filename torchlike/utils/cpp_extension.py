"""``torch.utils.cpp_extension``: extensions in PyTorch's C++ cannot be built here."""

from __future__ import annotations

CUDA_HOME = None
ROCM_HOME = None
IS_HIP_EXTENSION = False


def _cannot(name: str):
    def function(*args, **kwargs):
        raise RuntimeError(
            f"torch.utils.cpp_extension.{name}: extensions call PyTorch's C++, which "
            "torchlike does not have (docs/differences.md)"
        )

    function.__name__ = name
    return function


load = _cannot("load")
load_inline = _cannot("load_inline")
CppExtension = _cannot("CppExtension")
CUDAExtension = _cannot("CUDAExtension")
include_paths = _cannot("include_paths")


class BuildExtension:
    """The command of setuptools that would build them."""

    def __init__(self, *args, **kwargs) -> None:
        _cannot("BuildExtension")()

    @classmethod
    def with_options(cls, **options):
        return cls
