"""What transforms are made of: arguments checked, and transforms of transforms."""

from __future__ import annotations

import numbers
import random
import warnings
from collections.abc import Callable, Sequence

import torchlike as torch
from torchlike import nn

from . import functional as F
from ._draw import below as below
from ._draw import happens as happens
from ._draw import uniform as uniform


def size_pair(size, error_msg: str = "") -> tuple[int, int]:
    """(height, width) from one number or two."""
    if isinstance(size, numbers.Number):
        return int(size), int(size)
    if isinstance(size, Sequence) and len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError(
            error_msg or "Please provide only two dimensions (h, w) for size."
        )
    return tuple(size)


def degrees_range(x, name: str, sizes: tuple[int, ...] = (2,)) -> list[float]:
    """[-x, x], or the range as it was given."""
    if isinstance(x, numbers.Number):
        if x < 0:
            raise ValueError(f"If {name} is a single number, it must be positive.")
        return [-float(x), float(x)]
    if not isinstance(x, Sequence):
        raise TypeError(f"{name} should be a sequence of length {sizes}.")
    if len(x) not in sizes:
        raise ValueError(f"{name} should be a sequence of length {sizes}.")
    return [float(v) for v in x]


def fill_of(img, fill):
    """``fill`` as a list with one number for each channel of a tensor."""
    if not isinstance(img, torch.Tensor):
        return fill
    if isinstance(fill, (int, float)):
        return [float(fill)] * F.get_dimensions(img)[0]
    return [float(v) for v in fill] if fill is not None else None


class Repr:
    """``__repr__`` of a transform that is no module, from ``_shown``."""

    _shown: tuple[str, ...] = ()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)}" for name in self._shown)
        return f"{self.__class__.__name__}({shown})"


class ModuleRepr(Repr, nn.Module):
    """A transform that is a module."""

    __repr__ = Repr.__repr__


class Compose:
    """The transforms one after another."""

    def __init__(self, transforms: Sequence[Callable]) -> None:
        self.transforms = transforms

    def __call__(self, img):
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        return _listed(self.__class__.__name__, self.transforms)


def _listed(name: str, transforms, first: str = "") -> str:
    lines = "".join(f"\n    {t}" for t in transforms)
    return f"{name}({first}{lines}\n)"


class RandomTransforms:
    """A list of transforms from which a subclass chooses."""

    def __init__(self, transforms: Sequence[Callable]) -> None:
        if not isinstance(transforms, Sequence):
            raise TypeError("Argument transforms should be a sequence")
        self.transforms = transforms

    def __call__(self, *args, **kwargs):
        raise NotImplementedError

    def __repr__(self) -> str:
        return _listed(self.__class__.__name__, self.transforms)


class RandomApply(nn.Module):
    """All of the transforms, with probability ``p``."""

    def __init__(self, transforms: Sequence[Callable], p: float = 0.5) -> None:
        super().__init__()
        self.transforms = transforms
        self.p = p

    def forward(self, img):
        if bool(self.p < torch.rand(1)):
            return img
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        return _listed(self.__class__.__name__, self.transforms, f"\n    p={self.p}")


class RandomOrder(RandomTransforms):
    """All of the transforms in an order of Python's ``random``."""

    def __call__(self, img):
        order = list(range(len(self.transforms)))
        random.shuffle(order)
        for index in order:
            img = self.transforms[index](img)
        return img


class RandomChoice(RandomTransforms):
    """One of the transforms, chosen by Python's ``random`` with weights ``p``."""

    def __init__(self, transforms: Sequence[Callable], p=None) -> None:
        super().__init__(transforms)
        if p is not None and not isinstance(p, Sequence):
            raise TypeError("Argument p should be a sequence")
        self.p = p

    def __call__(self, *args):
        (transform,) = random.choices(self.transforms, weights=self.p)
        return transform(*args)

    def __repr__(self) -> str:
        return f"{super().__repr__()}(p={self.p})"


class Lambda:
    """A function of the user's."""

    def __init__(self, lambd: Callable) -> None:
        if not callable(lambd):
            raise TypeError(
                f"Argument lambd should be callable, got {type(lambd).__name__!r}"
            )
        self.lambd = lambd

    def __call__(self, img):
        return self.lambd(img)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}()"


def warn(message: str) -> None:
    """A warning on the line of the user's constructor call."""
    warnings.warn(message, stacklevel=3)
