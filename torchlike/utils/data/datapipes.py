"""``IterDataPipe`` and ``MapDataPipe``: datasets that are chained by methods.

The base classes, with the registration of methods: a class of yours decorated with
``@functional_datapipe("name")`` becomes ``pipe.name(…)``. PyTorch's own pipes
(``mapper``, ``batcher`` …), which it no longer develops, are missing.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ClassVar

from .dataset import Dataset, IterableDataset


class _Methods:
    """Attributes that stand for registered classes of pipes."""

    functions: ClassVar[dict[str, Callable]] = {}

    def __getattr__(self, name: str):
        if name in type(self).functions:
            return functools.partial(type(self).functions[name], self)
        raise AttributeError(
            f"'{type(self).__name__}' object has no attribute '{name}'"
        )

    @classmethod
    def register_function(cls, function_name: str, function: Callable) -> None:
        """Make ``function(pipe, …)`` the method ``pipe.function_name(…)``."""
        cls.functions[function_name] = function

    @classmethod
    def register_datapipe_as_function(
        cls, function_name, cls_to_register, enable_df_api_tracing=False
    ) -> None:
        """Make ``cls_to_register(pipe, …)`` the method ``pipe.function_name(…)``."""
        if function_name in cls.functions:
            raise Exception(
                f"Unable to add DataPipe function name {function_name} as it is "
                "already taken"
            )

        def call(source, *args, **kwargs):
            return cls_to_register(source, *args, **kwargs)

        cls.functions[function_name] = functools.update_wrapper(
            call, cls_to_register, assigned=("__doc__",), updated=()
        )

    def __repr__(self) -> str:
        return type(self).__qualname__


class IterDataPipe(_Methods, IterableDataset):
    """A stream of samples: a subclass defines ``__iter__``.

    As in PyTorch only the newest iterator over a pipe is meant to be used.
    """

    functions: ClassVar[dict[str, Callable]] = {}

    def reset(self) -> None:
        """Called by pipes before they begin anew; here nothing is kept."""


class DFIterDataPipe(IterDataPipe):
    """A stream of data frames."""


class MapDataPipe(_Methods, Dataset):
    """Samples by key: a subclass defines ``__getitem__``."""

    functions: ClassVar[dict[str, Callable]] = {}


class DataChunk(list):
    """A batch as a list."""

    def __init__(self, items):
        items = list(items)
        super().__init__(items)
        self.items = items

    def as_str(self, indent: str = "") -> str:
        """The items between brackets."""
        return indent + "[" + ", ".join(str(i) for i in iter(self)) + "]"

    def raw_iterator(self):
        """An iterator over the items."""
        yield from self.items


# ----- decorators --------------------------------------------------------------------


class functional_datapipe:
    """Register the decorated class of pipes as a method of all pipes of its kind."""

    def __init__(self, name: str, enable_df_api_tracing: bool = False):
        self.name = name

    def __call__(self, cls):
        for kind in (IterDataPipe, MapDataPipe):
            if issubclass(cls, kind):
                kind.register_datapipe_as_function(self.name, cls)
        return cls


class guaranteed_datapipes_determinism:
    """Inside of it, pipes that are not deterministic are refused."""

    wanted = False

    def __init__(self):
        self.previous = guaranteed_datapipes_determinism.wanted
        guaranteed_datapipes_determinism.wanted = True

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc) -> None:
        guaranteed_datapipes_determinism.wanted = self.previous


class non_deterministic:
    """Mark a class of pipes (or, by a function of its arguments, some of its pipes)."""

    def __init__(self, arg):
        if isinstance(arg, type):
            if not issubclass(arg, IterDataPipe):
                raise TypeError(
                    "Only `IterDataPipe` can be decorated with `non_deterministic`, "
                    f"but {arg.__name__} is found"
                )
            self.cls, self.judge = arg, None
        elif callable(arg):
            self.cls, self.judge = None, arg
        else:
            raise TypeError(f"{arg} can not be decorated by non_deterministic")

    def __call__(self, *args, **kwargs):
        if self.judge is not None and self.cls is None:
            self.cls = args[0]
            if not isinstance(self.cls, type):
                raise TypeError(f"{self.cls} can not be decorated by non_deterministic")
            return functools.partial(self._make, self.cls, self.judge)
        return self._make(self.cls, None, *args, **kwargs)

    @staticmethod
    def _make(cls, judge, *args, **kwargs):
        loose = judge is None or judge(*args, **kwargs)
        if loose and guaranteed_datapipes_determinism.wanted:
            raise TypeError(
                f"{cls.__name__} is non-deterministic, but you set "
                "'guaranteed_datapipes_determinism'."
            )
        return cls(*args, **kwargs)


def argument_validation(f):
    """Accepted: the types of arguments are not checked."""
    return f


def runtime_validation(f):
    """Accepted: the types of samples are not checked."""
    return f


class runtime_validation_disabled:
    """Accepted: the types of samples are not checked."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc) -> None:
        pass
