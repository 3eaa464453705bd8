"""Putting other parameters and state into an optimizer for a while."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager


@contextmanager
def swap_in_optimizer_params_and_state(
    optimizer, swapin_parameters: dict, swapin_optim_state: dict
):
    """Let the optimizer step these parameters, with this state, within the block.

    Args:
        swapin_parameters: tensors by name, in the order of the optimizer's own.
        swapin_optim_state: as ``state_dict()`` gives it. Its tensors are written to;
            other changes stay within the block.

    Raises ValueError where groups or numbers of parameters do not match.
    """
    groups = swapin_optim_state["param_groups"]
    state, tensors = swapin_optim_state["state"], list(swapin_parameters.values())
    _check(optimizer, groups, tensors)
    old_state = optimizer.state
    old_groups = [dict(group) for group in optimizer.param_groups]
    remaining = iter(tensors)
    optimizer.state = defaultdict(dict)
    try:
        for group, given in zip(optimizer.param_groups, groups, strict=True):
            group.update({k: v for k, v in given.items() if k != "params"})
            group["params"] = [next(remaining) for _ in given["params"]]
            for param, number in zip(group["params"], given["params"], strict=True):
                optimizer.state[param] = dict(state.get(number, {}))
        yield
    finally:
        for group, old in zip(optimizer.param_groups, old_groups, strict=True):
            group.clear()
            group.update(old)
        optimizer.state = old_state


def _check(optimizer, groups, tensors) -> None:
    sizes = [len(g["params"]) for g in optimizer.param_groups]
    given = [len(g["params"]) for g in groups]
    if sizes != given:
        raise ValueError(
            f"the swapped-in state has groups of {given} parameters, the optimizer "
            f"groups of {sizes}"
        )
    if len(tensors) != sum(sizes):
        raise ValueError(
            f"{len(tensors)} parameters were given for an optimizer of {sum(sizes)}"
        )
