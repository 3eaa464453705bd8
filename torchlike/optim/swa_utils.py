"""Averages of weights: SWA and EMA copies of a model, and SWA's learning rate.

**Source** https://arxiv.org/abs/1803.05407
"""

from __future__ import annotations

import itertools
import math
from copy import deepcopy

import numpy as np

from .._engine import from_host
from ..autograd.grad_mode import no_grad
from ..autograd.variable import wrap
from ..nn.module import Module
from ..nn.modules.batchnorm import _BatchNorm
from ._averaging import move
from .lr_scheduler._base import LRScheduler, per_group

__all__ = [
    "AveragedModel",
    "update_bn",
    "SWALR",
    "get_ema_multi_avg_fn",
    "get_swa_multi_avg_fn",
    "get_ema_avg_fn",
    "get_swa_avg_fn",
]


def _check_decay(decay: float) -> None:
    if decay < 0.0 or decay > 1.0:
        raise ValueError(
            f"Invalid decay value {decay} provided. Please provide a value in [0,1] "
            "range."
        )


def get_ema_multi_avg_fn(decay: float = 0.999):
    """A function that moves all averages by ``1 - decay`` in one recorded op."""
    _check_decay(decay)

    def ema_update(ema_param_list, current_param_list, _):
        move(list(ema_param_list), list(current_param_list), 1 - decay)

    return ema_update


def get_swa_multi_avg_fn():
    """A function that moves all averages to the mean, in one recorded op."""

    def swa_update(averaged_param_list, current_param_list, num_averaged):
        old, new = list(averaged_param_list), list(current_param_list)
        move(old, new, num_averaged, counts=True)

    return swa_update


def get_ema_avg_fn(decay: float = 0.999):
    """A function of one average, one weight and a count: the exponential average."""
    _check_decay(decay)

    @no_grad()
    def ema_update(ema_param, current_param, num_averaged):
        return decay * ema_param + (1 - decay) * current_param

    return ema_update


def get_swa_avg_fn():
    """A function of one average, one weight and a count: the mean."""

    @no_grad()
    def swa_update(averaged_param, current_param, num_averaged):
        return averaged_param + (current_param - averaged_param) / (num_averaged + 1)

    return swa_update


class AveragedModel(Module):
    """A copy of ``model`` whose weights are averages of the weights of the model.

    The first ``update_parameters`` copies; each later one averages, by the mean or by
    ``avg_fn`` (of one tensor) or ``multi_avg_fn`` (of all of one dtype). Buffers are
    copied, or with ``use_buffers`` averaged too.
    """

    def __init__(
        self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False
    ):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError(
                "Only one of avg_fn and multi_avg_fn should be provided"
            )
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        count = wrap(from_host(np.zeros((), np.int64)))
        self.register_buffer(
            "n_averaged", count if device is None else count.to(device)
        )
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args, **kwargs):
        """The averaged model's result."""
        return self.module(*args, **kwargs)

    @no_grad()
    def update_parameters(self, model) -> None:
        """Take the present weights of ``model`` into the averages."""
        old = [p.detach() for p in _members(self.module, self.use_buffers)]
        new = [p.detach() for p in _members(model, self.use_buffers)]
        new = [q.to(p.device) for p, q in zip(old, new, strict=True)]
        if self._begun():
            self._average(old, new)
        else:
            _copy(old, new)
        if not self.use_buffers:
            _copy(list(self.module.buffers()), list(model.buffers()))
        self.n_averaged += 1
        self._own_count = self._count()

    def _begun(self) -> bool:
        """Whether there is an average; the count is read only if others wrote it."""
        if self.__dict__.get("_own_count") == self._count():
            return True
        return bool(self.n_averaged > 0)

    def _count(self) -> tuple[int, int]:
        return id(self.n_averaged), self.n_averaged._version

    def _average(self, old, new) -> None:
        if self.avg_fn is not None:
            for p, q in zip(old, new, strict=True):
                p.copy_(self.avg_fn(p, q, self.n_averaged.to(p.device)))
            return
        function = self.multi_avg_fn or get_swa_multi_avg_fn()
        groups: dict = {}
        for p, q in zip(old, new, strict=True):
            ours, theirs = groups.setdefault((p.device, p.dtype), ([], []))
            ours.append(p)
            theirs.append(q)
        for (place, _), (ours, theirs) in groups.items():
            function(ours, theirs, self.n_averaged.to(place))


def _members(model, buffers: bool):
    if buffers:
        return itertools.chain(model.parameters(), model.buffers())
    return model.parameters()


def _copy(old, new) -> None:
    for p, q in zip(old, new, strict=True):
        p.detach().copy_(q.detach().to(p.device))


@no_grad()
def update_bn(loader, model, device=None) -> None:
    """Set the running statistics of batch norms to those of one pass over ``loader``.

    Of a batch that is a list or tuple the first element is the model's input.
    """
    momenta = {}
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            module.reset_running_stats()
            momenta[module] = module.momentum
    if not momenta:
        return
    training = model.training
    model.train()
    for module in momenta:
        module.momentum = None
    for batch in loader:
        batch = batch[0] if isinstance(batch, (list, tuple)) else batch
        model(batch if device is None else batch.to(device))
    for module, momentum in momenta.items():
        module.momentum = momentum
    model.train(training)


class SWALR(LRScheduler):
    """Goes to the constant rate ``swa_lr`` in ``anneal_epochs`` epochs."""

    def __init__(
        self,
        optimizer,
        swa_lr: float,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ):
        rates = per_group("swa_lr", optimizer, swa_lr)
        for rate, group in zip(rates, optimizer.param_groups, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ["cos", "linear"]:
            raise ValueError(
                "anneal_strategy must be one of 'cos' or 'linear', instead got "
                f"{anneal_strategy}"
            )
        self._anneal_strategy = anneal_strategy
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(
                f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}"
            )
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def anneal_func(self, t: float) -> float:
        """The part of the way that is done after the part ``t`` of the epochs."""
        if self._anneal_strategy == "cos":
            return (1 - math.cos(math.pi * t)) / 2
        return t

    def get_lr(self):
        """The rates of this epoch, from those of the last."""
        self._warn_outside_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._done(step - 1), self._done(step)
        rates = []
        for group in self.optimizer.param_groups:
            start, end = _start(group, before), group["swa_lr"]
            rates.append(end * now + start * (1 - now))
        return rates

    def _done(self, step: int) -> float:
        return self.anneal_func(max(0, min(1, step / max(1, self.anneal_epochs))))


def _start(group: dict, done: float):
    """The rate at the beginning, from the present one."""
    if done == 1:
        return group["swa_lr"]
    return (group["lr"] - done * group["swa_lr"]) / (1 - done)
