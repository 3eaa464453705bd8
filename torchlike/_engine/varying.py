"""Tells users whose shapes change that the same work is compiled for each of them."""

from __future__ import annotations

from .form import Form
from .value import Aval

_AFTER = 8  # compiles of the same ops
_SECONDS = 2.0  # that they took together
_MAX_KINDS = 1024

_kinds: dict[int, _Kind] = {}


class _Kind:
    """Programs of the same ops: the inputs of each, and what they cost."""

    def __init__(self) -> None:
        self.inputs: list[list[Aval]] = []
        self.seconds = 0.0
        self.told = False


def notice(form: Form, seconds: float) -> str | None:
    """What to say after a compile, if anything; once for the same ops."""
    ops = tuple((s.op.name, len(s.args)) for s in form.steps)
    key = hash((ops, tuple((a.dtype, len(a.shape)) for a in form.inputs)))
    if key not in _kinds and len(_kinds) >= _MAX_KINDS:
        _kinds.clear()
    kind = _kinds.setdefault(key, _Kind())
    if kind.told:
        return None
    kind.inputs.append(form.inputs)
    kind.seconds += seconds
    if len(kind.inputs) < _AFTER or kind.seconds < _SECONDS:
        return None
    changing = _changing(kind.inputs)
    if changing is None:
        return None
    kind.told = True
    text = (
        f"the same {len(ops)} ops were compiled {len(kind.inputs)} times, "
        f"{kind.seconds:.0f} s in all, since {changing}; torchlike.buckets pads to a "
        "few sizes"
    )
    kind.inputs.clear()
    return text


def _changing(inputs: list[list[Aval]]) -> str | None:
    """The dimension that took the most sizes, in words."""
    found = {}
    for i, alike in enumerate(zip(*inputs, strict=True)):
        for d, sizes in enumerate(zip(*(a.shape for a in alike), strict=True)):
            different = list(dict.fromkeys(sizes))
            if len(different) > 1:
                found[i, d] = different
    if not found:
        return None
    i, d = max(found, key=lambda place: len(found[place]))
    shape = [
        "…" if (i, k) in found else str(n) for k, n in enumerate(inputs[0][i].shape)
    ]
    sizes = ", ".join(map(str, found[i, d][:6]))
    return (
        f"dimension {d} of an input {inputs[0][i].dtype.name}[{', '.join(shape)}] was "
        f"{sizes} …"
    )
