"""Named results, such as those of ``max``: the types of ``torch.return_types``."""

from __future__ import annotations

from collections import namedtuple

types: dict[str, type] = {}


def result_type(name: str, fields) -> type:
    """The type of an op's named result; the same for the same name and fields."""
    found = types.get(name)
    if found is not None and found._fields == tuple(fields):
        return found
    made = namedtuple(name, fields)
    made.__module__ = "torchlike.return_types"  # where pickle finds it
    made.__repr__ = _repr
    return types.setdefault(name, made) if found is None else made


def _repr(self) -> str:
    fields = ",\n".join(f"{n}={v!r}" for n, v in zip(self._fields, self, strict=True))
    return f"torch.return_types.{type(self).__name__}(\n{fields})"
