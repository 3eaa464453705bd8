"""Recognise files people mistake for checkpoints, to say what they are."""

from __future__ import annotations

_BY_START = {
    b"version https://git-lfs": "a Git LFS pointer; fetch the file with `git lfs pull`",
    b"\x89HDF\r\n": "an HDF5 file (Keras writes those)",
    b"\x93NUMPY": "a NumPy array; use numpy.load",
    b"GGUF": "a GGUF model",
    b"\x1f\x8b": "compressed with gzip; unpack it first",
    b"\x89PNG": "a PNG image",
    b"<!DOCTYPE": "a web page; the download went wrong",
    b"<!doctype": "a web page; the download went wrong",
    b"<html": "a web page; the download went wrong",
}


def kind_of(head: bytes) -> str | None:
    """What a file is that starts with ``head`` (at least 300 bytes), if well known."""
    for start, kind in _BY_START.items():
        if head.startswith(start):
            return kind
    if head[257:262] == b"ustar":
        return "a tar archive, as PyTorch wrote before version 0.1.10"
    if head[8:9] == b"{" and head[5:8] == b"\0\0\0":
        return "a safetensors file; use the safetensors package"
    return None
