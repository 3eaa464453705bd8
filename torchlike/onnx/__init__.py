"""``torch.onnx``: models are not exported; packages may ask whether they are."""

from __future__ import annotations


def is_in_onnx_export() -> bool:
    """Never."""
    return False


def is_onnxrt_backend_supported() -> bool:
    """Never."""
    return False


def export(*args, **kwargs):
    """ONNX files are not written."""
    raise NotImplementedError("torch.onnx.export (docs/differences.md)")


dynamo_export = export
