"""``torch.storage``: the storages tensors stand on, for identity checks."""

from __future__ import annotations

from ._tensor import UntypedStorage as UntypedStorage


class TypedStorage:
    """PyTorch's old typed storage; none is made here."""


_StorageBase = _LegacyStorage = TypedStorage
