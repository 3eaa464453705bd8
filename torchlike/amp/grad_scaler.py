"""``torch.amp.GradScaler``: losses scaled so that half-precision gradients survive."""

from __future__ import annotations

import enum
import warnings
from collections import defaultdict
from typing import Any

from .. import _dtypes
from .._devices import cuda_devices
from .._ops import _registry
from ..autograd.grad_mode import no_grad
from ..autograd.variable import TensorBase

_torch = _registry.functions["torch"]


class OptState(enum.Enum):
    """How far an optimizer's step has come."""

    READY = 0
    UNSCALED = 1
    STEPPED = 2


def _fresh() -> dict[str, Any]:
    return {"stage": OptState.READY, "found_inf": None}


class GradScaler:
    """Scales losses by a factor that grows, and shrinks when a gradient overflows."""

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        self._device = device
        self._enabled = enabled and self._usable(device)
        if self._enabled and growth_factor <= 1.0:
            raise AssertionError("The growth factor must be > 1.0.")
        if self._enabled and backoff_factor >= 1.0:
            raise AssertionError("The backoff factor must be < 1.0.")
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval, self._growth_tracker = growth_interval, 0
        self._init_scale = self._number = float(init_scale)
        self._scale: TensorBase | None = None
        self._states: dict[int, dict] = defaultdict(_fresh)

    @staticmethod
    def _usable(device: str) -> bool:
        if device != "cuda" or cuda_devices():
            return True
        warnings.warn(
            "torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  "
            "Disabling.",
            stacklevel=4,
        )
        return False

    # ---- the loop's calls
    def scale(self, outputs):
        """``outputs`` (a tensor or an iterable of them) times the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, TensorBase):
            return outputs * self._scale_on(outputs)
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(self.scale(x) for x in outputs)
        if hasattr(outputs, "__iter__"):
            return (self.scale(x) for x in outputs)
        raise ValueError("outputs must be a Tensor or an iterable of Tensors")

    def _scale_on(self, like: TensorBase) -> TensorBase:
        if self._scale is None or self._scale.device is not like.device:
            self._scale = _torch["full"](
                (), self._number, dtype=_dtypes.float32, device=like.device
            )
        return self._scale

    @no_grad()
    def unscale_(self, optimizer) -> None:
        """Divide the gradients of ``optimizer`` by the scale, and look for overflow."""
        if not self._enabled:
            return
        held = self._states[id(optimizer)]
        if held["stage"] is OptState.UNSCALED:
            raise RuntimeError(
                "unscale_() has already been called on this optimizer since the last "
                "update()."
            )
        if held["stage"] is OptState.STEPPED:
            raise RuntimeError("unscale_() is being called after step().")
        held["found_inf"] = self._unscale(optimizer)
        held["stage"] = OptState.UNSCALED

    def _unscale(self, optimizer) -> list[TensorBase]:
        overflows = []
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                grad = parameter.grad
                if grad is None:
                    continue
                if grad.dtype is _dtypes.float16:
                    raise ValueError("Attempting to unscale FP16 gradients.")
                grad.mul_(1.0 / self._number)
                overflows.append(_torch["isfinite"](grad).all().logical_not())
        return overflows

    def step(self, optimizer, *args, **kwargs):
        """Unscale, and step unless a gradient overflowed."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError(
                "Closure use is not currently supported if GradScaler is enabled."
            )
        held = self._states[id(optimizer)]
        if held["stage"] is OptState.STEPPED:
            raise RuntimeError(
                "step() has already been called since the last update()."
            )
        if held["stage"] is OptState.READY:
            self.unscale_(optimizer)
        if not held["found_inf"]:
            raise AssertionError("No inf checks were recorded for this optimizer.")
        overflow = bool(_torch["stack"](held["found_inf"]).any())
        held["stage"], held["found_inf"] = OptState.STEPPED, overflow
        return None if overflow else optimizer.step(*args, **kwargs)

    def update(self, new_scale=None) -> None:
        """Set the scale of the next step."""
        if not self._enabled:
            return
        if new_scale is not None:
            self._set(float(new_scale))
        else:
            self._adapt()
        self._states = defaultdict(_fresh)

    def _adapt(self) -> None:
        found = [h["found_inf"] for h in self._states.values()]
        found = [f for f in found if f is not None]
        if not found:
            raise AssertionError("No inf checks were recorded prior to update.")
        if any(f if isinstance(f, bool) else any(map(bool, f)) for f in found):
            self._set(self._number * self._backoff_factor)
            self._growth_tracker = 0
            return
        self._growth_tracker += 1
        if self._growth_tracker == self._growth_interval:
            self._set(self._number * self._growth_factor)
            self._growth_tracker = 0

    def _set(self, number: float) -> None:
        if number != self._number:
            self._number, self._scale = number, None

    # ---- settings
    def get_scale(self) -> float:
        """The scale; 1 when disabled."""
        return self._number if self._enabled else 1.0

    def get_growth_factor(self) -> float:
        """What the scale is multiplied by to grow."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Set the growth factor."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """What the scale is multiplied by after an overflow."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Set the backoff factor."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """After how many steps without overflow the scale grows."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Set the growth interval."""
        self._growth_interval = new_interval

    def is_enabled(self) -> bool:
        """Whether the scaler does anything."""
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """The scale and its settings, in PyTorch's form."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(),
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._growth_tracker,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from ``state_dict()``."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a "
                "disabled instance of GradScaler."
            )
        self._set(float(state_dict["scale"]))
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
        self._growth_tracker = state_dict["_growth_tracker"]
