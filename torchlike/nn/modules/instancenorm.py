"""Instance normalisation: each channel of each sample by itself."""

from __future__ import annotations

import warnings

from .. import functional as F
from .batchnorm import _LazyNormBase, _NormBase


class _InstanceNorm(_NormBase):
    """``dims`` are the ranks without and with a batch dimension."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device=None,
        dtype=None,
        *,
        bias: bool = True,
    ):
        settings = (num_features, eps, momentum, affine, track_running_stats)
        super().__init__(*settings, device, dtype, bias=bias)

    def _load_from_state_dict(
        self,
        state_dict,
        prefix,
        local_metadata,
        strict,
        missing_keys,
        unexpected_keys,
        error_msgs,
    ) -> None:
        if local_metadata.get("version", None) is None and not self.track_running_stats:
            self._reject_running_stats(state_dict, prefix, error_msgs)
        super()._load_from_state_dict(
            state_dict,
            prefix,
            local_metadata,
            strict,
            missing_keys,
            unexpected_keys,
            error_msgs,
        )

    def _reject_running_stats(self, state_dict, prefix, error_msgs) -> None:
        keys = [prefix + name for name in ("running_mean", "running_var")]
        keys = [key for key in keys if key in state_dict]
        if not keys:
            return
        names, kind = " and ".join(f'"{k}"' for k in keys), type(self).__name__
        error_msgs.append(
            f"Unexpected running stats buffer(s) {names} for {kind} with "
            "track_running_stats=False. If state_dict is a checkpoint saved before "
            f"0.4.0, this may be expected because {kind} does not track running stats "
            "by default since 0.4.0. Please remove these keys from state_dict. If the "
            "running stats are actually needed, instead set track_running_stats=True "
            f"in {kind} to enable them. See the documentation of {kind} for details."
        )
        for key in keys:
            state_dict.pop(key)

    def forward(self, input):
        self._check_input_dim(input)
        single = self.dims[0]
        self._check_channels(input, input.dim() - single)
        if input.dim() == single:
            return self._apply_instance_norm(input.unsqueeze(0)).squeeze(0)
        return self._apply_instance_norm(input)

    def _check_channels(self, input, dim: int) -> None:
        found = input.size(dim)
        if found == self.num_features:
            return
        if self.affine:
            raise ValueError(
                f"expected input's size at dim={dim} to match num_features "
                f"({self.num_features}), but got: {found}."
            )
        warnings.warn(
            f"input's size at dim={dim} does not match num_features. You can silence "
            "this warning by not passing in num_features, which is not used because "
            "affine=False",
            stacklevel=3,
        )

    def _apply_instance_norm(self, input):
        return F.instance_norm(
            input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum if self.momentum is not None else 0.0,
            self.eps,
        )


class InstanceNorm1d(_InstanceNorm):
    """Normalise over length. Shape: (N, C, L) or (C, L)."""

    dims = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Normalise over space. Shape: (N, C, H, W) or (C, H, W)."""

    dims = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Normalise over space. Shape: (N, C, D, H, W) or (C, D, H, W)."""

    dims = (4, 5)


class _LazyInstanceNorm(_LazyNormBase):
    def initialize_parameters(self, input) -> None:
        """Take the number of channels from ``input``."""
        self._check_input_dim(input)
        batched = input if input.dim() == self.dims[1] else input.unsqueeze(0)
        super().initialize_parameters(batched)


class LazyInstanceNorm1d(_LazyInstanceNorm, InstanceNorm1d):
    """InstanceNorm1d that learns ``num_features`` from its first input."""

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyInstanceNorm, InstanceNorm2d):
    """InstanceNorm2d that learns ``num_features`` from its first input."""

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyInstanceNorm, InstanceNorm3d):
    """InstanceNorm3d that learns ``num_features`` from its first input."""

    cls_to_become = InstanceNorm3d
