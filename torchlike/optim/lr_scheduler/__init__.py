"""``torch.optim.lr_scheduler``: learning rates as functions of the epoch.

All of them are plain Python over ``optimizer.param_groups``: a new rate is an input of
the next step and never compiles anything.
"""

from ._base import EPOCH_DEPRECATION_WARNING as EPOCH_DEPRECATION_WARNING
from ._base import LRScheduler as LRScheduler
from ._composed import ChainedScheduler as ChainedScheduler
from ._composed import SequentialLR as SequentialLR
from ._cosine import CosineAnnealingLR as CosineAnnealingLR
from ._cosine import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from ._cyclic import CyclicLR as CyclicLR
from ._factors import ConstantLR as ConstantLR
from ._factors import ExponentialLR as ExponentialLR
from ._factors import LinearLR as LinearLR
from ._factors import MultiStepLR as MultiStepLR
from ._factors import PolynomialLR as PolynomialLR
from ._factors import StepLR as StepLR
from ._lambdas import LambdaLR as LambdaLR
from ._lambdas import MultiplicativeLR as MultiplicativeLR
from ._one_cycle import OneCycleLR as OneCycleLR
from ._plateau import ReduceLROnPlateau as ReduceLROnPlateau


class _LRScheduler(LRScheduler):
    """The old name of the base class."""


__all__ = [
    "LambdaLR",
    "MultiplicativeLR",
    "StepLR",
    "MultiStepLR",
    "ConstantLR",
    "LinearLR",
    "ExponentialLR",
    "SequentialLR",
    "CosineAnnealingLR",
    "ChainedScheduler",
    "ReduceLROnPlateau",
    "CyclicLR",
    "CosineAnnealingWarmRestarts",
    "OneCycleLR",
    "PolynomialLR",
    "LRScheduler",
]
