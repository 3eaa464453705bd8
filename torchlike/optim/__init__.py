"""``torch.optim``: optimizers and learning-rate schedulers."""

import importlib

from .. import _gaps
from . import lr_scheduler as lr_scheduler
from ._adafactor import Adafactor as Adafactor
from ._muon import Muon as Muon
from ._sparse_adam import SparseAdam as SparseAdam
from ._swap import (
    swap_in_optimizer_params_and_state as swap_in_optimizer_params_and_state,
)
from .adadelta import Adadelta as Adadelta
from .adagrad import Adagrad as Adagrad
from .adam import Adam as Adam
from .adamax import Adamax as Adamax
from .adamw import AdamW as AdamW
from .asgd import ASGD as ASGD
from .lbfgs import LBFGS as LBFGS
from .nadam import NAdam as NAdam
from .optimizer import Optimizer as Optimizer
from .radam import RAdam as RAdam
from .rmsprop import RMSprop as RMSprop
from .rprop import Rprop as Rprop
from .sgd import SGD as SGD


def __getattr__(name: str):
    if name == "swa_utils":  # brings torchlike.nn with it
        return importlib.import_module(f"{__name__}.swa_utils")
    raise _gaps.missing(name, "torch.optim")
