"""``torch.utils._foreach_utils``: how lists of tensors are grouped."""

from __future__ import annotations

Indices = list


def _get_foreach_kernels_supported_devices() -> list[str]:
    return ["cuda", "cpu"]


def _get_fused_kernels_supported_devices() -> list[str]:
    return ["cuda", "cpu"]


def _group_tensors_by_device_and_dtype(tensorlistlist, with_indices: bool = False):
    """The lists cut by the device and dtype of the first one's tensors."""
    groups: dict = {}
    for i, first in enumerate(tensorlistlist[0]):
        key = (first.device, first.dtype)
        lists, indices = groups.setdefault(key, ([[] for _ in tensorlistlist], []))
        for held, tensors in zip(lists, tensorlistlist, strict=True):
            held.append(tensors[i] if tensors else None)
        indices.append(i)
    return {
        key: (lists, indices if with_indices else [])
        for key, (lists, indices) in groups.items()
    }


def _device_has_foreach_support(device) -> bool:
    return device.type in ("cpu", "cuda")


def _has_foreach_support(tensors, device) -> bool:
    return True
