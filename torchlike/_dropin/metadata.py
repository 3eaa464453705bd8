"""The distributions that ``importlib.metadata`` is shown while the alias stands."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from torchlike._dropin.names import VERSIONS


class ReportedDistribution(importlib.metadata.Distribution):
    """``importlib.metadata.version("torch")`` answers while the alias stands."""

    def __init__(self, alias: str) -> None:
        self._files = {
            "METADATA": (
                f"Metadata-Version: 2.1\nName: {alias}\nVersion: {VERSIONS[alias]}\n"
                f"Summary: torchlike, answering for {alias}\n"
            ),
            "top_level.txt": f"{alias}\n",
        }

    def read_text(self, filename: str) -> str | None:
        return self._files.get(str(filename))

    def locate_file(self, path) -> Path:
        return Path(__file__).parents[2] / path
