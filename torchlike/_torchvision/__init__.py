"""``torchvision`` for scripts that import it: written for torchlike, on its tensors.

``python -m torchlike`` and ``torchlike.install()`` make ``import torchvision`` mean
this package. Nothing of it is imported before it is used.
"""

from __future__ import annotations

import importlib

from . import version as version
from .version import __version__ as __version__

_SUBMODULES = ("datasets", "io", "models", "ops", "transforms", "tv_tensors", "utils")
_backends = {"image": "PIL", "video": "pyav"}


def __getattr__(name: str):
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module 'torchvision' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *_SUBMODULES])


def set_image_backend(backend: str) -> None:
    """Choose the package that reads images; there is Pillow alone."""
    if backend not in ("PIL", "accimage"):
        raise ValueError(
            f"Invalid backend '{backend}'. Options are 'PIL' and 'accimage'"
        )
    if backend == "accimage":
        raise NotImplementedError("torchvision: the image backend accimage")
    _backends["image"] = backend


def get_image_backend() -> str:
    """The package that reads images."""
    return _backends["image"]


def disable_beta_transforms_warning() -> None:
    """Nothing: ``transforms.v2`` has long left its trial."""
