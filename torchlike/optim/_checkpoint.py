"""``state_dict`` and ``load_state_dict`` of optimizers, in PyTorch's format.

``state`` maps a parameter's number (counted through all groups) to its entries;
``param_groups`` holds the options of each group and those numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from itertools import chain

from .. import _dtypes
from .._tensor import Tensor


def state_dict(self) -> dict:
    """The state and the options, as a dict that ``torch.save`` can write."""
    for hook in self._optimizer_state_dict_pre_hooks.values():
        hook(self)
    numbers: dict[int, int] = {}
    groups, start = [], 0
    for group in self.param_groups:
        for i, p in enumerate(group["params"], start):
            numbers.setdefault(id(p), i)
        packed = {k: v for k, v in group.items() if k != "params"}
        packed["params"] = [numbers[id(p)] for p in group["params"]]
        start += len(packed["params"])
        groups.append(packed)
    state = {
        (numbers[id(k)] if isinstance(k, Tensor) else k): v
        for k, v in self.state.items()
    }
    result = {"state": state, "param_groups": groups}
    for hook in self._optimizer_state_dict_post_hooks.values():
        replaced = hook(self, result)
        result = result if replaced is None else replaced
    return result


def load_state_dict(self, state_dict: dict) -> None:
    """Take over the state and the options of a ``state_dict``.

    Floating entries take the dtype and device of their parameter; ``step`` keeps its
    own. Raises ValueError if the groups do not match.
    """
    state_dict = state_dict.copy()
    for hook in self._optimizer_load_state_dict_pre_hooks.values():
        replaced = hook(self, state_dict)
        state_dict = state_dict if replaced is None else replaced
    saved = deepcopy(state_dict["param_groups"])
    _check_groups(self.param_groups, saved)
    param_of = _pair(saved, self.param_groups)
    state = defaultdict(dict)
    for key, entries in state_dict["state"].items():
        if key not in param_of:
            state[key] = entries
            continue
        param = param_of[key]
        on_device = _steps_on_device(saved, key)
        state[param] = _cast(param, entries, on_device)
    groups = [_update(g, new) for g, new in zip(self.param_groups, saved, strict=True)]
    self.__setstate__({"state": state, "param_groups": groups})
    for hook in self._optimizer_load_state_dict_post_hooks.values():
        hook(self)


def _check_groups(groups, saved) -> None:
    if len(groups) != len(saved):
        raise ValueError("loaded state dict has a different number of parameter groups")
    pairs = zip(groups, saved, strict=True)
    if any(len(g["params"]) != len(s["params"]) for g, s in pairs):
        raise ValueError(
            "loaded state dict contains a parameter group that doesn't match the size "
            "of optimizer's group"
        )


def _pair(saved, groups) -> dict:
    numbers = chain.from_iterable(g["params"] for g in saved)
    params = chain.from_iterable(g["params"] for g in groups)
    return dict(zip(numbers, params, strict=True))


def _steps_on_device(saved, number) -> bool:
    for group in saved:
        if number in group["params"]:
            return bool(group.get("fused") or group.get("capturable"))
    return False


def _update(group: dict, new: dict) -> dict:
    new["params"] = group["params"]
    if "param_names" in group:
        new.setdefault("param_names", group["param_names"])
    return new


def _cast(param, value, on_device: bool, key=None):
    """Copies of the containers, with every tensor where and of what type it is due."""
    if isinstance(value, Tensor):
        if key == "step":
            dtype = _dtypes.float32
            return value.to(device=param.device, dtype=dtype) if on_device else value
        if param.is_floating_point():
            return value.to(dtype=param.dtype, device=param.device)
        return value.to(device=param.device)
    if isinstance(value, dict):
        return {k: _cast(param, v, on_device, key=k) for k, v in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return type(value)(_cast(param, v, on_device) for v in value)
    return value
