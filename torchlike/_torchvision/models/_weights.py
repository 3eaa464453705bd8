"""Enumerations of weights, made from tables of file names.

The hexadecimal part of a name begins the SHA-256 of the file, which is checked when it
is fetched. Nothing is fetched before weights are asked for.
"""

from __future__ import annotations

import functools
import importlib

from ._api import Weights, WeightsEnum

_SITE = "https://download.pytorch.org/models/"


def _classification(*, package: str, **sizes):
    presets = importlib.import_module("._presets", package)  # needs Pillow
    return presets.ImageClassification(**sizes)


def weights(name: str, *files: str, num_classes: int = 1000, **options):
    """An enumeration with ``IMAGENET1K_V1``, ``_V2``, … for the files in this order.

    Options are one for all (``crop_size=224``) or, in a list, one for each file.
    """
    members = {}
    for index, file in enumerate(files):
        own = {k: v[index] if isinstance(v, list) else v for k, v in options.items()}
        members[f"IMAGENET1K_V{index + 1}"] = _entry(file, num_classes, own)
    return enumeration(name, members)


def _entry(file: str, num_classes: int, sizes: dict) -> Weights:
    build = sizes.pop("build", {})
    sizes.setdefault("crop_size", 224)
    transforms = functools.partial(
        _classification, package=__name__.rpartition(".")[0], **sizes
    )
    return Weights(
        _SITE + file, transforms, {"num_classes": num_classes, "build": build}
    )


def enumeration(name: str, members: dict[str, Weights]) -> type[WeightsEnum]:
    """A class of weights; the last member is its ``DEFAULT``."""
    items = dict(members)
    if items:
        items["DEFAULT"] = list(members.values())[-1]
    return WeightsEnum(name, items, module=f"{__package__}", qualname=name)
