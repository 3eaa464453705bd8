"""``torch.sparse``: products and reductions of sparse tensors."""

from __future__ import annotations

from ._ops import _registry

globals().update(_registry.functions["sparse"])


class check_sparse_tensor_invariants:
    """Accepted; ``check_invariants=True`` of a factory checks one tensor."""

    def __init__(self, enable: bool = True):
        self._enable = enable

    @staticmethod
    def is_enabled() -> bool:
        """Whether every new tensor is checked: never."""
        return False

    @staticmethod
    def enable() -> None:
        """Accepted."""

    @staticmethod
    def disable() -> None:
        """Accepted."""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass
