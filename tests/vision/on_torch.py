"""Our torchvision once more, on PyTorch: the same text, `torchlike` read as `torch`.

What it computes there is what it should compute on torchlike.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import re
import sys
from pathlib import Path

import torchlike._torchvision as own

NAME = "vision_on_torch"
_ROOT = Path(own.__file__).parent


class _Loader(importlib.machinery.SourceFileLoader):
    def get_data(self, path):
        data = super().get_data(path)
        if path.endswith(".py"):
            data = re.sub(rb"\btorchlike\b(?!\._torchvision)", b"torch", data)
        return data

    def get_code(self, fullname):
        # Not from the cache of the file's own bytecode.
        path = self.get_filename(fullname)
        return compile(self.get_data(path), path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] != NAME:
            return None
        place = _ROOT.joinpath(*fullname.split(".")[1:])
        package = place.is_dir()
        file = place / "__init__.py" if package else place.with_suffix(".py")
        if not file.exists():
            return None
        return importlib.util.spec_from_file_location(
            fullname,
            file,
            loader=_Loader(fullname, str(file)),
            submodule_search_locations=[str(place)] if package else None,
        )


def load():
    """The package on PyTorch."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    return importlib.import_module(NAME)
