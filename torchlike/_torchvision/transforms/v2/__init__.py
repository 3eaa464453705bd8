"""``torchvision.transforms.v2``: transforms of whole samples."""

# ruff: noqa: F401

from .._modes import InterpolationMode
from ..autoaugment import AutoAugmentPolicy
from ..transforms import FiveCrop, LinearTransformation, TenCrop
from . import functional
from ._auto import AutoAugment, RandAugment, TrivialAugmentWide
from ._convert import (
    RGB,
    CenterCrop,
    ClampBoundingBoxes,
    ConvertBoundingBoxFormat,
    ConvertImageDtype,
    Grayscale,
    Normalize,
    Pad,
    PILToTensor,
    Resize,
    SanitizeBoundingBoxes,
    ToDtype,
    ToImage,
    ToPILImage,
    ToPureTensor,
    ToTensor,
)
from ._mix import CutMix, MixUp
from ._random import (
    ColorJitter,
    GaussianBlur,
    GaussianNoise,
    RandomAdjustSharpness,
    RandomAffine,
    RandomAutocontrast,
    RandomCrop,
    RandomEqualize,
    RandomErasing,
    RandomGrayscale,
    RandomHorizontalFlip,
    RandomInvert,
    RandomPerspective,
    RandomPosterize,
    RandomResizedCrop,
    RandomRotation,
    RandomSolarize,
    RandomVerticalFlip,
)
from ._transform import (
    Compose,
    Identity,
    Lambda,
    RandomApply,
    RandomChoice,
    RandomOrder,
    Transform,
)
