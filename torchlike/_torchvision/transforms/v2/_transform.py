"""The base of the transforms of whole samples: pictures, masks, boxes and the rest."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence

import torchlike as torch
from torchlike import Tensor, nn
from torchlike.utils._pytree import tree_flatten, tree_unflatten

from ...tv_tensors import BoundingBoxes, Image, Mask, TVTensor, Video
from . import functional as F


def is_pil(inpt) -> bool:
    """Whether something is a Pillow image."""
    return hasattr(inpt, "getbands")


def is_pure_tensor(inpt) -> bool:
    """Whether something is a tensor that does not say what it is."""
    return isinstance(inpt, Tensor) and not isinstance(inpt, TVTensor)


def is_picture(inpt) -> bool:
    """Whether something may be a picture or a film."""
    return is_pil(inpt) or is_pure_tensor(inpt) or isinstance(inpt, (Image, Video))


def query_size(flat) -> tuple[int, int]:
    """(height, width) of the one size that pictures, masks and boxes have."""
    kinds = (Image, Video, Mask, BoundingBoxes)
    sizes = {
        tuple(F.get_size(i)) for i in flat if is_picture(i) or isinstance(i, kinds)
    }
    if not sizes:
        raise TypeError("No image, video, mask or bounding box was found in the sample")
    if len(sizes) > 1:
        raise ValueError(
            f"Found multiple HxW dimensions in the sample: {sorted(sizes)}"
        )
    return sizes.pop()


class Transform(nn.Module):
    """Draws once for a sample (``make_params``), then transforms each part of it.

    A plain tensor counts as a picture if it is the first and there is no other picture.
    """

    _transformed_types: tuple = (TVTensor,)

    def check_inputs(self, flat_inputs: list) -> None:
        """Refuse samples that cannot be transformed."""

    def make_params(self, flat_inputs: list) -> dict:
        """What is drawn, or computed from the sizes."""
        return {}

    def transform(self, inpt, params: dict):
        """One part of the sample."""
        raise NotImplementedError

    def forward(self, *inputs):
        flat, spec = tree_flatten(inputs if len(inputs) > 1 else inputs[0])
        self.check_inputs(flat)
        chosen = self._needs_transform_list(flat)
        params = self.make_params(
            [i for i, needed in zip(flat, chosen, strict=True) if needed]
        )
        return self._rebuilt(flat, spec, chosen, params)

    def _rebuilt(self, flat, spec, chosen, params):
        out = [
            self.transform(inpt, params) if needed else inpt
            for inpt, needed in zip(flat, chosen, strict=True)
        ]
        return tree_unflatten(out, spec)

    def _takes(self, inpt) -> bool:
        return is_pil(inpt) or isinstance(inpt, self._transformed_types)

    def _needs_transform_list(self, flat: list) -> list[bool]:
        has_picture = any(is_pil(i) or isinstance(i, (Image, Video)) for i in flat)
        waiting, needed = not has_picture, []
        for inpt in flat:
            if is_pure_tensor(inpt):
                needed.append(waiting)
                waiting = False
            else:
                needed.append(self._takes(inpt))
        return needed

    def extra_repr(self) -> str:
        shown = (bool, str, int, float, tuple, list)
        return ", ".join(
            f"{name}={value}"
            for name, value in self.__dict__.items()
            if not name.startswith("_")
            and name != "training"
            and isinstance(value, shown)
        )


class RandomApplyTransform(Transform):
    """A transform of the whole sample with probability ``p``."""

    def __init__(self, p: float = 0.5) -> None:
        if not 0.0 <= p <= 1.0:
            raise ValueError(
                "`p` should be a floating point value in the interval [0.0, 1.0]."
            )
        super().__init__()
        self.p = p

    def forward(self, *inputs):
        sample = inputs if len(inputs) > 1 else inputs[0]
        flat, spec = tree_flatten(sample)
        self.check_inputs(flat)
        if bool(torch.rand(1) >= self.p):
            return sample
        chosen = self._needs_transform_list(flat)
        params = self.make_params(
            [i for i, needed in zip(flat, chosen, strict=True) if needed]
        )
        return self._rebuilt(flat, spec, chosen, params)


class Simple(Transform):
    """``_function(inpt, **options)`` of each part, with nothing drawn."""

    _function: Callable
    _options: tuple[str, ...] = ()

    def transform(self, inpt, params: dict):
        options = {name: getattr(self, name) for name in self._options}
        return type(self)._function(inpt, **options)


class RandomSimple(RandomApplyTransform):
    """As :class:`Simple`, with probability ``p``."""

    _function: Callable
    _options: tuple[str, ...] = ()

    def transform(self, inpt, params: dict):
        options = {name: getattr(self, name) for name in self._options}
        return type(self)._function(inpt, **options)


# ---- transforms of transforms --------------------------------------------------------
class Compose(Transform):
    """The transforms one after another, on samples of any form."""

    def __init__(self, transforms: Sequence[Callable]) -> None:
        super().__init__()
        if not isinstance(transforms, Sequence):
            raise TypeError("Argument transforms should be a sequence of callables")
        if not transforms:
            raise ValueError("Pass at least one transform")
        self.transforms = transforms

    def forward(self, *inputs):
        several = len(inputs) > 1
        for transform in self.transforms:
            outputs = transform(*inputs)
            inputs = outputs if several else (outputs,)
        return inputs if several else inputs[0]

    def extra_repr(self) -> str:
        return "\n".join(f"    {t}" for t in self.transforms)


class RandomApply(Transform):
    """All of the transforms, with probability ``p``."""

    def __init__(self, transforms: Sequence[Callable], p: float = 0.5) -> None:
        super().__init__()
        if not 0.0 <= p <= 1.0:
            raise ValueError(
                "`p` should be a floating point value in the interval [0.0, 1.0]."
            )
        self.transforms = transforms
        self.p = p

    def forward(self, *inputs):
        if bool(torch.rand(1) >= self.p):
            return inputs if len(inputs) > 1 else inputs[0]
        return Compose(list(self.transforms))(*inputs)


class RandomChoice(Transform):
    """One of the transforms, with probabilities ``p``, from torch's generator."""

    def __init__(self, transforms: Sequence[Callable], p=None) -> None:
        super().__init__()
        if p is None:
            p = [1] * len(transforms)
        elif len(p) != len(transforms):
            raise ValueError(
                f"Length of p doesn't match the number of transforms: {len(p)} != "
                f"{len(transforms)}"
            )
        self.transforms = transforms
        self.p = [value / sum(p) for value in p]

    def forward(self, *inputs):
        index = int(torch.multinomial(torch.tensor(self.p), 1))
        return self.transforms[index](*inputs)


class RandomOrder(Transform):
    """All of the transforms in an order from torch's generator."""

    def __init__(self, transforms: Sequence[Callable]) -> None:
        super().__init__()
        self.transforms = transforms

    def forward(self, *inputs):
        order = torch.randperm(len(self.transforms)).tolist()
        return Compose([self.transforms[index] for index in order])(*inputs)


class Identity(Transform):
    """The sample as it is."""

    def forward(self, *inputs):
        return inputs if len(inputs) > 1 else inputs[0]


class Lambda(Transform):
    """A function of the user's on the parts of ``types``."""

    def __init__(self, lambd: Callable, *types: type) -> None:
        super().__init__()
        self.lambd = lambd
        self.types = types or (object,)

    def _needs_transform_list(self, flat: list) -> list[bool]:
        return [isinstance(inpt, self.types) for inpt in flat]

    def transform(self, inpt, params: dict):
        return self.lambd(inpt)


def pair(value) -> list[int]:
    """Two numbers from one or two."""
    if isinstance(value, numbers.Number):
        return [int(value), int(value)]
    return [value[0], value[0]] if len(value) == 1 else list(value)
