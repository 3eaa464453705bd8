"""The import hook: ``torch.x`` is the very module object ``torchlike.x``."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import CodeType, FrameType, ModuleType

from torchlike._dropin.metadata import ReportedDistribution
from torchlike._dropin.missing import missing_module
from torchlike._dropin.names import VERSIONS, is_alias, own_name


class AliasLoader(importlib.abc.InspectLoader):
    """Loads ``torch.x`` by importing the torchlike module of the same name."""

    def __init__(self, own: ModuleSpec) -> None:
        self._own = own

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return importlib.import_module(self._own.name)

    def exec_module(self, module: ModuleType) -> None:
        # The import system has put the alias' spec on the shared module. Its own one
        # must stand again, or the relative imports and reloads inside it would break.
        module.__spec__ = self._own

    def get_code(self, fullname: str) -> CodeType | None:
        return self._own.loader.get_code(self._own.name)

    def get_source(self, fullname: str) -> str | None:
        return self._own.loader.get_source(self._own.name)

    def is_package(self, fullname: str) -> bool:
        return self._own.submodule_search_locations is not None


class AliasFinder(importlib.abc.MetaPathFinder):
    """Answers for ``torch``, ``torchvision`` and all below them, before any other."""

    def find_spec(self, fullname, path=None, target=None) -> ModuleSpec | None:
        if not is_alias(fullname):
            return None
        own = _own_spec(own_name(fullname))
        if own is not None:
            return _alias_spec(fullname, own)
        if _asked_by_import(sys._getframe(1)):
            raise missing_module(fullname)
        return None  # `importlib.util.find_spec` probes: it returns None, not an error

    def find_distributions(self, context):
        """Let ``importlib.metadata`` find the distributions we answer for."""
        for alias in filter(is_alias, VERSIONS):
            if context.name is None or context.name.lower() == alias:
                yield ReportedDistribution(alias)


def _own_spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None


def _alias_spec(fullname: str, own: ModuleSpec) -> ModuleSpec:
    spec = ModuleSpec(fullname, AliasLoader(own), origin=own.origin)
    spec.submodule_search_locations = own.submodule_search_locations
    return spec


def _asked_by_import(frame: FrameType | None) -> bool:
    """Whether an import, not a probe, asks; a probe never runs this function."""
    while frame is not None and "importlib._bootstrap" in frame.f_code.co_filename:
        if frame.f_code.co_name == "_find_and_load":
            return True
        frame = frame.f_back
    return False
