"""Read the zip archives of PyTorch: records in one folder, mostly stored unpacked.

Stored records are read straight into an array or mapped; their checksums are
verified. Errors have the first words of PyTorch's.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from typing import BinaryIO

import numpy as np

_NEWEST_VERSION = 10
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error),
    *(NotImplementedError, RuntimeError),  # odd compression, encryption
)
CORRUPTED = (
    "If you are seeing this error, there is a high likelihood that your checkpoint "
    "file is corrupted. This can happen if the checkpoint was not saved properly, was "
    "transferred incorrectly, or the file was modified after saving."
)


def is_zip(file: BinaryIO) -> bool:
    """Whether a zip archive starts at the file's position, which is kept."""
    start = file.tell()
    magic = file.read(4)
    file.seek(start)
    return magic == b"PK\x03\x04"


class Archive:
    """The records of the archive in ``file``, by their names within its folder."""

    def __init__(self, file: BinaryIO):
        self._file = file
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGE as error:
            raise RuntimeError(
                "PytorchStreamReader failed reading zip archive: failed finding "
                f"central directory. {CORRUPTED}"
            ) from error
        self._folder = _folder_of(self._zip.namelist())
        _check_version(self.record("version", b"3").strip())

    def record(self, name: str, default: bytes | None = None) -> bytes:
        """A record's bytes; ``default`` where there is none."""
        if default is not None and f"{self._folder}/{name}" not in self._zip.NameToInfo:
            return default
        info = self._info(name)
        try:
            return self._zip.read(info)
        except _DAMAGE as error:
            raise _unreadable(name, error) from error

    def array(self, name: str) -> np.ndarray:
        """A record's bytes as a vector of its own."""
        info = self._info(name)
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
            return np.frombuffer(self.record(name), np.uint8)
        try:
            return self._stored(info)
        except _DAMAGE as error:
            raise _unreadable(name, error) from error

    def mapped(self, name: str, path: str) -> np.ndarray:
        """A record's bytes mapped from the archive's file; read where packed."""
        info = self._info(name)
        if info.compress_type != zipfile.ZIP_STORED:
            return self.array(name)
        start, size = self._extent(info)
        return np.memmap(path, np.uint8, "r", start, (size,))

    def _info(self, name: str) -> zipfile.ZipInfo:
        try:
            return self._zip.getinfo(f"{self._folder}/{name}")
        except KeyError:
            raise RuntimeError(
                f"PytorchStreamReader failed locating file {name}: file not found. "
                "This zip file was not written by torch.save, or is damaged."
            ) from None

    def _stored(self, info: zipfile.ZipInfo) -> np.ndarray:
        start, size = self._extent(info)
        self._file.seek(start)
        data = np.frombuffer(self._file.read(size), np.uint8)
        if zlib.crc32(data) != info.CRC:
            raise zipfile.BadZipFile("the checksum does not match")
        return data

    def _extent(self, info: zipfile.ZipInfo) -> tuple[int, int]:
        """Where a record's bytes start in the file, and how many there are."""
        self._file.seek(info.header_offset)
        header = self._file.read(30)
        if header[:4] != b"PK\x03\x04":
            raise zipfile.BadZipFile("there is no record at its place")
        start = info.header_offset + 30 + sum(struct.unpack("<HH", header[26:]))
        if start + info.file_size > self._file.seek(0, os.SEEK_END):
            raise EOFError("it ends beyond the end of the file")
        return start, info.file_size


def _folder_of(names: list[str]) -> str:
    first = names[0] if names else ""
    if "/" not in first:
        raise RuntimeError(
            f"file in archive is not in a subdirectory: {first}. This zip file was not "
            "written by torch.save."
        )
    folder = first.split("/")[0]
    if f"{folder}/constants.pkl" in names and f"{folder}/data.pkl" in names:
        raise NotImplementedError(
            "torchlike cannot load TorchScript archives (torch.jit.save); "
            "torch.save the model's state_dict() instead"
        )
    return folder


def _unreadable(name: str, error: Exception) -> RuntimeError:
    return RuntimeError(
        f"PytorchStreamReader failed reading file {name}: {error}. {CORRUPTED}"
    )


def _check_version(text: bytes) -> None:
    if not text.isdigit() or int(text) > _NEWEST_VERSION:
        raise RuntimeError(
            f"Attempted to read a PyTorch file with version {text.decode('latin1')}, "
            "but the maximum supported version for reading is "
            f"{_NEWEST_VERSION}."
        )
