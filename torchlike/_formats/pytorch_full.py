"""Ordinary unpickling, for files from a source one trusts: it runs what they name.

PyTorch's own names are read as this library's, so PyTorch is not imported.
"""

from __future__ import annotations

import importlib
from typing import Any, BinaryIO

from .pytorch_names import TypeName

_LIBRARY = __name__.partition(".")[0]


def full_unpickler(reader: Any, file: BinaryIO, pickle_module: Any) -> Any:
    """An unpickler of ``pickle_module`` with the names and storages of ``reader``."""

    class Unpickler(pickle_module.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            found = reader.allowed.get(f"{module}.{name}")
            if found is not None and not isinstance(found, TypeName):
                return found
            if module == "torch" or module.startswith("torch."):
                return _ours(module, name)
            return super().find_class(module, name)

        def persistent_load(self, identifier: Any) -> Any:
            return reader.storage(identifier)

    return Unpickler(file, encoding=reader.encoding)


def _ours(module: str, name: str) -> Any:
    try:
        found: Any = importlib.import_module(_LIBRARY + module.removeprefix("torch"))
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise AttributeError(
            f"the file needs {module}.{name}, which torchlike does not have; save the "
            "model's state_dict() with PyTorch and load that instead"
        ) from error
    return found
