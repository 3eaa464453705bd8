"""The list of models, and the weights that can be asked for by name."""

from __future__ import annotations

import fnmatch
import inspect
import urllib.error
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from torchlike.hub import load_state_dict_from_url

from ._rename import renamed

_BUILDERS: dict[str, Callable] = {}


@dataclass(frozen=True)
class Weights:
    """Where a file of weights lies, the transform it wants, what is known of it."""

    url: str
    transforms: Callable
    meta: Mapping[str, Any] = field(default_factory=dict, hash=False)


class WeightsEnum(Enum):
    """The weights there are for a model; ``DEFAULT`` is the best of them."""

    @classmethod
    def verify(cls, obj):
        """``obj``, a member or the name of one; TypeError for anything else."""
        if obj is None or isinstance(obj, cls):
            return obj
        if isinstance(obj, str):
            return cls[obj.removeprefix(cls.__name__ + ".")]
        raise TypeError(
            f"Invalid Weight class provided; expected {cls.__name__} but received "
            f"{obj.__class__.__name__}."
        )

    @property
    def url(self) -> str:
        """Where the file lies."""
        return self.value.url

    @property
    def transforms(self) -> Callable:
        """Called, gives the transform that images need."""
        return self.value.transforms

    @property
    def meta(self) -> Mapping[str, Any]:
        """Facts about the weights."""
        return self.value.meta

    def get_state_dict(self, *args, **kwargs) -> Mapping[str, Any]:
        """The weights, fetched once into ``torch.hub.get_dir()``."""
        try:
            found = load_state_dict_from_url(self.url, *args, **kwargs)
        except (urllib.error.URLError, OSError) as error:
            raise RuntimeError(
                f"The weights {self} cannot be fetched from {self.url}: {error}. "
                "Where there is no network, put the file into "
                "torch.hub.get_dir() + '/checkpoints', or pass weights=None."
            ) from error
        return renamed(found)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}.{self._name_}"


def register_model(name: str | None = None) -> Callable:
    """A decorator that puts a builder on the list of models."""

    def put(build: Callable) -> Callable:
        key = name or build.__name__
        if key in _BUILDERS:
            raise ValueError(f"An entry is already registered under the name '{key}'.")
        _BUILDERS[key] = build
        return build

    return put


def list_models(
    module=None,
    include: Iterable[str] | str | None = None,
    exclude: Iterable[str] | str | None = None,
) -> list[str]:
    """The names of the models, of one module, with and without shell patterns."""
    names = {
        name
        for name, build in _BUILDERS.items()
        if module is None or build.__module__.rpartition(".")[0] == module.__name__
        or build.__module__ == module.__name__
    }  # fmt: skip
    if include:
        names = set().union(*(fnmatch.filter(names, p) for p in _patterns(include)))
    for pattern in _patterns(exclude or ()):
        names -= set(fnmatch.filter(names, pattern))
    return sorted(names)


def _patterns(given: Iterable[str] | str) -> Iterable[str]:
    return [given] if isinstance(given, str) else given


def get_model_builder(name: str) -> Callable:
    """The function that builds a model."""
    try:
        return _BUILDERS[name.lower()]
    except KeyError:
        raise ValueError(f"Unknown model {name}") from None


def get_model(name: str, **config):
    """The model called ``name``."""
    return get_model_builder(name)(**config)


def get_model_weights(name: Callable | str) -> type[WeightsEnum]:
    """The enumeration of a model's weights."""
    build = get_model_builder(name) if isinstance(name, str) else name
    found = getattr(build, "weights_enum", None)
    if found is None:
        raise ValueError(
            "The weight enum annotation is missing or not a WeightsEnum for "
            f"{build.__name__}"
        )
    return found


def get_weight(name: str) -> WeightsEnum:
    """Weights by their full name, such as ``ResNet50_Weights.IMAGENET1K_V1``."""
    try:
        group, member = name.split(".")
    except ValueError:
        raise ValueError(f"Invalid weight name provided: '{name}'.") from None
    for build in _BUILDERS.values():
        found = getattr(build, "weights_enum", None)
        if found is not None and found.__name__ == group:
            return found[member]
    raise ValueError(
        f"The weight enum '{group}' for the specific method couldn't be ..."
    )


def builder(name: str, weights: type[WeightsEnum] | None, make: Callable, **fixed):
    """A registered function that builds one variant of a family.

    ``make(**fixed, **kwargs)`` makes the model; weights, if asked for, are loaded.
    """

    def build(*, weights=None, progress: bool = True, **kwargs):
        chosen = _chosen(build, weights, kwargs)
        if chosen is None:
            return make(**{**fixed, **kwargs})
        return _with_weights(make, fixed, kwargs, chosen, progress)

    build.__name__ = build.__qualname__ = name
    build.__module__ = inspect.currentframe().f_back.f_globals["__name__"]
    build.__doc__ = (
        f"The model ``{name}``; ``weights`` by name, or None for fresh ones."
    )
    build.weights_enum = weights
    return register_model()(build)


def _chosen(build: Callable, weights, kwargs: dict) -> WeightsEnum | None:
    """The weights meant, also by ``pretrained=True``, the older way to ask."""
    enum = build.weights_enum
    if kwargs.pop("pretrained", False):
        weights = next(iter(enum), None) if enum is not None else True
    if not weights:
        return None
    if enum is None or not len(enum):
        raise ValueError(f"No checkpoint is available for model {build.__name__}")
    return enum.verify(weights)


def _with_weights(make, fixed: dict, kwargs: dict, chosen: WeightsEnum, progress):
    classes = chosen.meta["num_classes"]
    given = kwargs.setdefault("num_classes", classes)
    if given != classes:
        raise ValueError(
            f"The parameter 'num_classes' expected value {classes} but got "
            f"{given} instead."
        )
    state = chosen.get_state_dict(progress=progress, check_hash=True)
    build = chosen.meta.get("build", {})
    model = make(**{**fixed, **kwargs, **build})
    model.load_state_dict(state)
    # The files hold second classifiers, which are kept if they were asked for.
    if "aux_logits" in build and not kwargs.get("aux_logits", False):
        model.drop_aux()
    return model
