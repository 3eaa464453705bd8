"""``torch.distributed.device_mesh``: processes in a grid; named, never made."""

from __future__ import annotations

from .. import _gaps


class DeviceMesh:
    """A grid of processes."""

    def __init__(self, *args, **kwargs) -> None:
        raise NotImplementedError("DeviceMesh (docs/differences.md)")


def init_device_mesh(device_type: str, mesh_shape, **options):
    """Not there."""
    return DeviceMesh(device_type, mesh_shape, **options)


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.distributed.device_mesh")
