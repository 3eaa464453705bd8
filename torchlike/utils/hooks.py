"""``torch.utils.hooks``: handles with which hooks are removed."""

from __future__ import annotations

from ..autograd.graph import RemovableHandle as RemovableHandle


def unserializable_hook(f):
    """Mark a hook that must not be pickled with its tensor."""
    f.__torch_unserializable__ = True
    return f


def warn_if_has_hooks(tensor) -> None:
    """Hooks are never pickled here; nothing to warn about."""
