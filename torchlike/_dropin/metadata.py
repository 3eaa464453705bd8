"""The distribution named ``torch`` that ``importlib.metadata`` is shown."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

from torchlike._dropin.names import ALIAS, REPORTED_VERSION

_FILES = {
    "METADATA": (
        f"Metadata-Version: 2.1\nName: {ALIAS}\nVersion: {REPORTED_VERSION}\n"
        "Summary: torchlike, answering for torch\n"
    ),
    "top_level.txt": f"{ALIAS}\n",
}


class ReportedDistribution(importlib.metadata.Distribution):
    """``importlib.metadata.version("torch")`` answers while the alias stands."""

    def read_text(self, filename: str) -> str | None:
        return _FILES.get(str(filename))

    def locate_file(self, path) -> Path:
        return Path(__file__).parents[2] / path
