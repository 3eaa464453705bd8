"""The policies on whole samples: pictures change, the rest stays."""

from __future__ import annotations

import torchlike as torch

from ...tv_tensors import Image, Video
from .. import autoaugment as v1
from .._base import fill_of
from . import functional as F
from ._transform import Transform


class _Policy(Transform):
    """The first version's changes with the second's draws."""

    _transformed_types = (Image, Video)

    def _change(self, inpt, name: str, magnitude: float, signed: bool):
        if signed and bool(torch.rand(()) <= 0.5):
            magnitude *= -1
        plain = inpt.as_subclass(torch.Tensor) if isinstance(inpt, Image) else inpt
        fill = fill_of(plain, self.fill)
        out = v1._apply_op(plain, name, magnitude, self.interpolation, fill)
        return F._rewrapped(out, inpt)


def _any(space: dict) -> str:
    return list(space)[int(torch.randint(len(space), ()))]


class AutoAugment(_Policy):
    """One of 25 learned sub-policies."""

    def __init__(
        self, policy=v1.AutoAugmentPolicy.IMAGENET,
        interpolation=F.InterpolationMode.NEAREST, fill=None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._first = v1.AutoAugment(policy, interpolation, fill)
        self.policy = policy
        self.interpolation = interpolation
        self.fill = fill

    def transform(self, inpt, params: dict):
        policies = self._first.policies
        space = self._first._augmentation_space(10, F.get_size(inpt))
        for name, p, index in policies[int(torch.randint(len(policies), ()))]:
            if not bool(torch.rand(()) <= p):
                continue
            values, signed = space[name]
            magnitude = 0.0 if index is None else float(values[index])
            inpt = self._change(inpt, name, magnitude, signed)
        return inpt


class RandAugment(_Policy):
    """``num_ops`` random changes of one ``magnitude``."""

    def __init__(
        self, num_ops: int = 2, magnitude: int = 9, num_magnitude_bins: int = 31,
        interpolation=F.InterpolationMode.NEAREST, fill=None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._first = v1.RandAugment(num_ops, magnitude, num_magnitude_bins)
        self.num_ops = num_ops
        self.magnitude = magnitude
        self.num_magnitude_bins = num_magnitude_bins
        self.interpolation = interpolation
        self.fill = fill

    def transform(self, inpt, params: dict):
        size = F.get_size(inpt)
        space = self._first._augmentation_space(self.num_magnitude_bins, size)
        for _ in range(self.num_ops):
            name = _any(space)
            values, signed = space[name]
            magnitude = float(values[self.magnitude]) if values.ndim else 0.0
            inpt = self._change(inpt, name, magnitude, signed)
        return inpt


class TrivialAugmentWide(_Policy):
    """One random change of a random magnitude."""

    def __init__(
        self, num_magnitude_bins: int = 31,
        interpolation=F.InterpolationMode.NEAREST, fill=None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._first = v1.TrivialAugmentWide(num_magnitude_bins)
        self.num_magnitude_bins = num_magnitude_bins
        self.interpolation = interpolation
        self.fill = fill

    def transform(self, inpt, params: dict):
        space = self._first._augmentation_space(self.num_magnitude_bins)
        name = _any(space)
        values, signed = space[name]
        magnitude = 0.0
        if values.ndim:
            magnitude = float(values[int(torch.randint(self.num_magnitude_bins, ()))])
        return self._change(inpt, name, magnitude, signed)
