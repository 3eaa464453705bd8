"""What the C extension works with: the classes and functions it is told once."""

from __future__ import annotations

import numpy as np

from .._devices import CPU
from .._engine import Value, before_forward, cache
from .._engine.flush import packed
from .._engine.launch import place
from .._engine.program import Program
from .._engine.record import ARRAY_TYPES, Trace, explore, here, record, root
from .._engine.segment import FIRST_CHECK, at_limit
from .._engine.state import State
from .._engine.unread import Unread
from .._engine.value import Aval, row_of, to_device
from .._native import quick
from .._quiet import here as quiet
from . import engine, short
from .apply import apply
from .grad_mode import mode
from .graph import Node, sequence
from .primitives import ADD
from .tape import OUTSIDE, Mark, Tape, mark_of
from .variable import DEFERRED, Storage, View, leaf_classes
from .views import assign
from .vjp import Plan

_CLASSES = (
    Aval,
    Value,
    State,
    Trace,
    Program,
    Storage,
    Tape,
    Mark,
    Node,
    View,
    Plan,
    Unread,
)
_OTHERS = {
    "ADD": ADD,
    "ArrayImpl": (ARRAY_TYPES - {np.ndarray}).pop(),
    "CPU": CPU,
    "DEFERRED": DEFERRED,
    "FIRST_CHECK": FIRST_CHECK,
    "OUTSIDE": OUTSIDE,
    "accumulate": engine.accumulate_value,
    "apply": apply,
    "assign": assign,
    "at_limit": at_limit,
    "back": short.take_back,
    "before_forward": before_forward,
    "explore": explore,
    "clock": cache.clock,
    "float64": np.float64,
    "here": here,
    "int64": np.int64,
    "leaf_classes": leaf_classes,
    "mark_of": mark_of,
    "mode": mode,
    "ndarray": np.ndarray,
    "packed": packed,
    "place": place,
    "quiet": quiet,
    "record": record,
    "root": root,
    "row_of": row_of,
    "sequence": sequence,
    "served": cache.served,
    "to_device": to_device,
}


def bind(cls: type, **further) -> None:
    """Tell which class results have (called once by _tensor).

    ``overwrite`` puts a result in place of a tensor's contents, with a conversion;
    ``select`` is the op that takes a row, ``unsqueeze`` the one that adds a dimension.
    """
    short.bind(cls)
    if quick is not None:
        classes = {c.__name__: c for c in _CLASSES}
        quick.bind({**classes, **_OTHERS, "Tensor": cls, **further})
