"""Checkpoints as Orbax directories: arrays by Orbax, their structure as JSON beside.

The directory is an ordinary Orbax checkpoint of a flat dictionary of arrays, which
Orbax alone can read too, with the file ``torchlike.json``. It replaces what was at
its path in one step (:mod:`.replace`). Orbax is imported when first needed.
"""

from __future__ import annotations

import errno
import functools
import json
import os
import re
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from .replace import recover, staged
from .stored import Maker, PlainMaker, Storage
from .structure_read import Decoder
from .structure_write import Encoder, Unstorable

STRUCTURE = "torchlike.json"
_FORMAT = 1
_OURS = re.compile(
    r"torchlike\.json|_CHECKPOINT_METADATA|_METADATA|_sharding|_strings\.json|"
    r"commit_success\.txt|manifest\.ocdbt|d|array_metadatas|ocdbt\.process_\d+|\..*"
)
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError)


@functools.cache
def _orbax():
    import orbax.checkpoint

    return orbax.checkpoint


def is_checkpoint(path: str) -> bool:
    """Whether ``path`` is a directory this module wrote."""
    return os.path.isfile(os.path.join(path, STRUCTURE))


def save(obj: Any, path: str, describe: Callable, is_size: Callable) -> None:
    """Write ``obj`` to ``path``; a kill at any moment leaves the old or the new.

    What cannot be written raises Unstorable before anything is touched.
    """
    encoder = Encoder(describe, is_size)
    structure = {"format": _FORMAT, "value": encoder.encode(obj)}
    structure["checksums"] = {k: _checksum(v) for k, v in encoder.arrays.items()}
    check_replaceable(path)
    with staged(path) as new:
        if encoder.arrays:
            _save_arrays(new, encoder.arrays)
        else:
            os.mkdir(new)
        with open(os.path.join(new, STRUCTURE), "w", encoding="ascii") as file:
            json.dump(structure, file)


def check_replaceable(path: str) -> None:
    """Refuse to replace a directory that is anything but a checkpoint of ours."""
    if not os.path.isdir(path):
        return
    if not is_checkpoint(path):
        raise IsADirectoryError(
            errno.EISDIR, "Is a directory, and not a checkpoint to replace", path
        )
    foreign = [n for n in os.listdir(path) if not _OURS.fullmatch(n)]
    if foreign:
        raise IsADirectoryError(
            errno.EISDIR,
            f"Is a checkpoint with something else in it ({foreign[0]!r}), so it is not "
            "replaced",
            path,
        )


def _save_arrays(path: str, arrays: dict[str, np.ndarray]) -> None:
    ocp = _orbax()
    # Weights hardly compress: 10 % smaller, but half as fast to write.
    handler = ocp.PyTreeCheckpointHandler(use_compression=False)
    with ocp.Checkpointer(handler) as checkpointer:
        checkpointer.save(path, arrays)


def load(
    path: str,
    maker: Maker | None = None,
    place: Callable[[Storage], Storage] = lambda storage: storage,
) -> Any:
    """Read what :func:`save` wrote at ``path``."""
    structure = _read_structure(path)
    arrays = _load_arrays(path, structure["checksums"])
    decoder = Decoder(arrays, maker or PlainMaker(), place)
    try:
        return decoder.decode(structure["value"])
    except (*_DAMAGE, StopIteration) as error:
        raise _damaged(path, error) from error


def _read_structure(path: str) -> dict:
    try:
        with open(os.path.join(path, STRUCTURE), encoding="ascii") as file:
            structure = json.load(file)
        version, _, _ = structure["format"], structure["value"], structure["checksums"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, error) from error
    if version != _FORMAT:
        raise RuntimeError(
            f"{path} was written by a newer torchlike (its format is {version}, the "
            f"newest known here is {_FORMAT})"
        )
    return structure


def _load_arrays(path: str, checksums: dict[str, int]) -> dict[str, np.ndarray]:
    if not checksums:
        return {}
    ocp = _orbax()
    as_numpy = {n: ocp.RestoreArgs(restore_type=np.ndarray) for n in checksums}
    how = ocp.args.PyTreeRestore(restore_args=as_numpy)
    try:
        with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
            arrays = checkpointer.restore(os.path.abspath(path), args=how)
        for name, checksum in checksums.items():
            if _checksum(arrays[name]) != checksum:
                raise ValueError(f"the checksum of {name!r} does not match")
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    return arrays


def _checksum(array: np.ndarray) -> int:
    """CRC-32 of the bytes; the array store itself has none."""
    return zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8))


def _damaged(path: str, error: Exception) -> RuntimeError:
    first = str(error).strip().split("\n")[0][:300]
    return RuntimeError(
        f"The checkpoint at {path} is damaged: {type(error).__name__}: {first}"
    )


__all__ = [
    "Unstorable",
    "check_replaceable",
    "is_checkpoint",
    "load",
    "recover",
    "save",
]
