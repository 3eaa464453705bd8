"""Momentum that moves against the rate, in ``momentum`` or the first of ``betas``."""

from __future__ import annotations


def uses_beta1(optimizer) -> bool:
    """Whether the optimizer's momentum is ``betas[0]``; ValueError if it has none."""
    defaults = optimizer.defaults
    if "momentum" not in defaults and "betas" not in defaults:
        raise ValueError(
            "optimizer must support momentum or beta1 with `cycle_momentum` option "
            "enabled"
        )
    return "betas" in defaults


def set_momentum(group: dict, value, beta1: bool) -> None:
    """Set a group's momentum."""
    if beta1:
        group["betas"] = (value, *group["betas"][1:])
    else:
        group["momentum"] = value


def begin(optimizer, largest, smallest, beta1: bool) -> None:
    """Start at the largest momenta; the groups keep both ends."""
    for group, most, least in zip(
        optimizer.param_groups, largest, smallest, strict=True
    ):
        set_momentum(group, most, beta1)
        group["max_momentum"] = most
        group["base_momentum"] = least
