"""Rates that go up and down between two bounds."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from functools import partial

from . import _momentum
from ._base import LRScheduler, check_optimizer, per_group, set_value


class CyclicLR(LRScheduler):
    """Up from ``base_lr`` to ``max_lr`` and down again, in triangles.

    ``mode`` scales their height: ``triangular`` not at all, ``triangular2`` halves it
    every cycle, ``exp_range`` by ``gamma ** step``; or ``scale_fn`` of the cycle or of
    the step (``scale_mode``). Momentum moves the other way.

    **Source** https://arxiv.org/abs/1506.01186
    """

    def __init__(
        self,
        optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float = 0.8,
        max_momentum: float = 0.9,
        last_epoch: int = -1,
    ):
        check_optimizer(optimizer)
        self.optimizer = optimizer
        base_lrs = per_group("base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for rate, group in zip(base_lrs, optimizer.param_groups, strict=True):
                set_value(group, "lr", rate)
        self.max_lrs = per_group("max_lr", optimizer, max_lr)
        self._set_sizes(step_size_up, step_size_down)
        self._set_scale(mode, gamma, scale_fn, scale_mode)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._set_momenta(base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def _set_sizes(self, up, down) -> None:
        up = float(up)
        down = up if down is None else float(down)
        self.total_size = up + down
        self.step_ratio = up / self.total_size

    def _set_scale(self, mode, gamma, scale_fn, scale_mode) -> None:
        modes = ["triangular", "triangular2", "exp_range"]
        if mode not in modes and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        self.scale_mode = scale_mode
        self._init_scale_fn()

    def _init_scale_fn(self) -> None:
        if self._scale_fn_custom is not None:
            return
        self._scale_fn_ref = {
            "triangular": _same,
            "triangular2": _halved,
            "exp_range": partial(pow, self.gamma),
        }[self.mode]
        self.scale_mode = "iterations" if self.mode == "exp_range" else "cycle"

    def _set_momenta(self, base_momentum, max_momentum, last_epoch) -> None:
        optimizer = self.optimizer
        self.use_beta1 = _momentum.uses_beta1(optimizer)
        self.base_momentums = per_group("base_momentum", optimizer, base_momentum)
        self.max_momentums = per_group("max_momentum", optimizer, max_momentum)
        if last_epoch == -1:
            _momentum.begin(
                optimizer, self.max_momentums, self.base_momentums, self.use_beta1
            )

    def scale_fn(self, x) -> float:
        """The height of a triangle, relative to the first."""
        custom = self._scale_fn_custom
        return self._scale_fn_ref(x) if custom is None else custom(x)

    def get_lr(self):
        """The rates of this step; sets the momenta too."""
        self._warn_outside_step()
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        if x <= self.step_ratio:
            part = x / self.step_ratio
        else:
            part = (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            self._move_momenta(part, scale)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * part * scale for low, high in pairs]

    def _move_momenta(self, part: float, scale: float) -> None:
        groups = self.optimizer.param_groups
        for group, low, high in zip(
            groups, self.base_momentums, self.max_momentums, strict=True
        ):
            value = high - (high - low) * part * scale
            _momentum.set_momentum(group, value, self.use_beta1)

    def state_dict(self) -> dict:
        """Everything but the optimizer and functions; callable objects are saved."""
        state = self._attributes("optimizer", "_scale_fn_ref", "_scale_fn_custom")
        custom = self._scale_fn_custom
        plain = custom is None or isinstance(custom, types.FunctionType)
        state["_scale_fn_custom"] = None if plain else custom.__dict__.copy()
        return state

    def load_state_dict(self, state_dict: dict) -> None:
        """Take over a ``state_dict``; a function stays that of this scheduler."""
        state = dict(state_dict)
        custom = state.pop("_scale_fn_custom")
        super().load_state_dict(state)
        if custom is not None:
            self._scale_fn_custom.__dict__.update(custom)
        self._init_scale_fn()


def _same(x: float) -> float:
    return 1.0


def _halved(x: float) -> float:
    return 1 / (2.0 ** (x - 1))
