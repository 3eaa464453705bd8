"""The 1cycle policy: up to a large rate, then down far below the first one."""

from __future__ import annotations

import math

from . import _momentum
from ._base import LRScheduler, check_optimizer, per_group


class OneCycleLR(LRScheduler):
    """From ``max_lr / div_factor`` up to ``max_lr``, then down for the other steps.

    Steps once per batch, ``total_steps`` times in all. Momentum moves the other way.

    **Source** https://arxiv.org/abs/1708.07120
    """

    def __init__(
        self,
        optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ):
        check_optimizer(optimizer)
        self.optimizer = optimizer
        self.total_steps = _total_steps(total_steps, epochs, steps_per_epoch)
        self._schedule_phases = _phases(self.total_steps, pct_start, three_phase)
        if pct_start < 0 or pct_start > 1 or not isinstance(pct_start, float):
            raise ValueError(
                f"Expected float between 0 and 1 pct_start, but got {pct_start}"
            )
        if anneal_strategy not in ["cos", "linear"]:
            raise ValueError(
                "anneal_strategy must be one of 'cos' or 'linear', instead got "
                f"{anneal_strategy}"
            )
        self._anneal_func_type = anneal_strategy
        self._set_rates(max_lr, div_factor, final_div_factor, last_epoch)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._set_momenta(base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def _set_rates(self, max_lr, div_factor, final_div_factor, last_epoch) -> None:
        rates = per_group("max_lr", self.optimizer, max_lr)
        if last_epoch != -1:
            return
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            group["initial_lr"] = rate / div_factor
            group["max_lr"] = rate
            group["min_lr"] = group["initial_lr"] / final_div_factor

    def _set_momenta(self, base_momentum, max_momentum, last_epoch) -> None:
        self.use_beta1 = _momentum.uses_beta1(self.optimizer)
        largest = per_group("max_momentum", self.optimizer, max_momentum)
        smallest = per_group("base_momentum", self.optimizer, base_momentum)
        if last_epoch == -1:
            _momentum.begin(self.optimizer, largest, smallest, self.use_beta1)

    def _anneal_func(self, start, end, pct):
        if self._anneal_func_type == "cos":
            return end + (start - end) / 2.0 * (math.cos(math.pi * pct) + 1)
        return (end - start) * pct + start

    def get_lr(self):
        """The rates of this step; sets the momenta too."""
        self._warn_outside_step()
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"Tried to step {step} times. The specified number of total steps is "
                f"{self.total_steps}"
            )
        phase, pct = self._locate(step)
        rates = []
        for group in self.optimizer.param_groups:
            ends = group[phase["start_lr"]], group[phase["end_lr"]]
            rates.append(self._anneal_func(*ends, pct))
            if self.cycle_momentum:
                ends = group[phase["start_momentum"]], group[phase["end_momentum"]]
                value = self._anneal_func(*ends, pct)
                _momentum.set_momentum(group, value, self.use_beta1)
        return rates

    def _locate(self, step: int) -> tuple[dict, float]:
        """The phase of ``step`` and the part of it that has passed."""
        start = 0.0
        for phase in self._schedule_phases:
            end = phase["end_step"]
            if step <= end or phase is self._schedule_phases[-1]:
                break
            start = end
        return phase, (step - start) / (end - start)


def _total_steps(total_steps, epochs, steps_per_epoch) -> int:
    if total_steps is not None:
        return _positive("total_steps", total_steps)
    if epochs is None or steps_per_epoch is None:
        raise ValueError(
            "You must define either total_steps OR (epochs AND steps_per_epoch)"
        )
    steps = _positive("steps_per_epoch", steps_per_epoch)
    return _positive("epochs", epochs) * steps


def _positive(name: str, value) -> int:
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"Expected positive integer {name}, but got {value}")
    return value


def _phases(total: int, pct_start: float, three: bool) -> list[dict]:
    """Where each phase ends, and the group's entries it goes between."""
    first = float(pct_start * total) - 1
    up = _phase(first, "initial_lr", "max_lr", "max_momentum", "base_momentum")
    if not three:
        last = _phase(total - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")
        return [up, last]
    second = float(2 * pct_start * total) - 2
    down = _phase(second, "max_lr", "initial_lr", "base_momentum", "max_momentum")
    last = _phase(total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")
    return [up, down, last]


def _phase(end_step, start_lr, end_lr, start_momentum, end_momentum) -> dict:
    return dict(
        end_step=end_step,
        start_lr=start_lr,
        end_lr=end_lr,
        start_momentum=start_momentum,
        end_momentum=end_momentum,
    )
