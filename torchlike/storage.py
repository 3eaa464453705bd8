"""``torch.storage``: the storages tensors stand on, for identity checks."""

from __future__ import annotations

import numpy as np

from ._tensor import UntypedStorage as UntypedStorage
from ._typed_storage import TypedStorage as TypedStorage


class _FileBytes(np.ndarray):
    """The bytes of a file."""

    def untyped(self) -> _FileBytes:
        """Itself: bytes have no other type."""
        return self


def _from_file(filename, shared: bool = False, nbytes: int = 0) -> _FileBytes:
    """The bytes of a file, as packages that read weights slice them; never written."""
    return np.fromfile(filename, np.uint8, nbytes or -1).view(_FileBytes)


UntypedStorage.from_file = staticmethod(_from_file)


_StorageBase = _LegacyStorage = TypedStorage


class PyTorchFileReader:
    """PyTorch's C++ reader of archives; ``torch.load`` reads them here."""


class PyTorchFileWriter:
    """PyTorch's C++ writer of archives; ``torch.save`` writes them here."""
