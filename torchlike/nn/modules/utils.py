"""Arguments that are one number or one per dimension, and modules made of settings."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from ..module import Module

REQUIRED = inspect.Parameter.empty


def ntuple(size, n: int) -> tuple:
    """``size`` once per dimension; an iterable is taken as it is."""
    if isinstance(size, Iterable):
        return tuple(size)
    return (size,) * n


def _ntuple(n: int, name: str = "parse"):
    def parse(size):
        return ntuple(size, n)

    parse.__name__ = name
    return parse


_single = _ntuple(1, "_single")
_pair = _ntuple(2, "_pair")
_triple = _ntuple(3, "_triple")
_quadruple = _ntuple(4, "_quadruple")


class Settings(Module):
    """A module whose constructor only keeps its arguments as attributes.

    ``settings`` holds their names and defaults in order, ``REQUIRED`` where there is
    none; ``shown`` the names that ``repr`` shows (all of them, where it is None).
    """

    settings: dict = {}
    shown: tuple | None = None
    _constructor = inspect.Signature()

    def __init_subclass__(cls, **options) -> None:
        super().__init_subclass__(**options)
        if "settings" in cls.__dict__:
            kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
            cls._constructor = inspect.Signature(
                inspect.Parameter(name, kind, default=default)
                for name, default in cls.settings.items()
            )
        cls.__signature__ = _own_signature(cls)

    def __init__(self, *args, **kwargs):
        super().__init__()
        try:
            given = self._constructor.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}.__init__() {error}") from None
        given.apply_defaults()
        for name, setting in given.arguments.items():
            setattr(self, name, setting)

    def extra_repr(self) -> str:
        names = self.settings if self.shown is None else self.shown
        return ", ".join(
            f"{name}={getattr(self, name)!r}"
            for name in names
            if name != "inplace" or self.inplace
        )


def _own_signature(cls) -> inspect.Signature:
    """The settings, or what a constructor of the class's own takes."""
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    passes_on = parameters and parameters[0].kind is inspect.Parameter.VAR_POSITIONAL
    return cls._constructor if passes_on else inspect.Signature(parameters)
