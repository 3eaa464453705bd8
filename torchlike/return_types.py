"""``torch.return_types``: the types of named results."""

from ._ops._results import types as _types

all_return_types = list(_types.values())
globals().update(_types)
