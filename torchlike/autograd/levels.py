"""Levels of function transforms: a tensor inside ``grad`` or ``vmap`` holds another.

Inside of a transform, tensors have ``Lifted`` values whose ``content`` is a tensor of
the level below, with that level's own place on the autograd graph. An op on them makes
its node at the level of the transform and is then run on the contents, where the
levels below do the same. So each level has an autograd graph of its own, and
transforms nest without knowing of each other.
"""

from __future__ import annotations

from .._engine import Lifted, Value, realise
from .grad_mode import mode
from .variable import TensorBase, wrap

_INACTIVE = 1 << 30


class Level:
    """One transform at work; ``with level:`` makes it the innermost."""

    layout = None  # that of the contents
    tensor_class = None  # of tensors with values of this level, if not Tensor

    def __init__(self):
        self.depth = _INACTIVE
        self.outer: tuple | None = None
        self._saved: list[tuple] = []

    def __enter__(self):
        self._saved.append((self.depth, self.outer, mode.enabled, mode.levels))
        self.outer = mode.levels
        self.depth = len(self.outer)
        mode.levels = (*self.outer, self)
        return self

    def __exit__(self, *exc):
        self.depth, self.outer, mode.enabled, mode.levels = self._saved.pop()

    def lift(self, tensor: TensorBase, requires_grad: bool = False):
        """``tensor`` as a tensor of this level."""
        lifted = wrap(self.hold(tensor))
        lifted._requires_grad = requires_grad
        return lifted

    def hold(self, tensor: TensorBase, tag=None) -> Lifted:
        """A value of this level with ``tensor`` as its content."""
        value = tensor._value()
        return Lifted(value.aval, value.device, self, tensor, tag)

    def holds(self, x) -> bool:
        """Whether ``x`` is a value of this level."""
        return isinstance(x, Lifted) and x.level is self

    def content(self, tensor: TensorBase):
        """What a tensor of this level holds; other tensors as they are."""
        value = tensor._value()
        return value.content if self.holds(value) else tensor

    def contents(self, operands) -> list:
        """The operands of an op as tensors of the level below."""
        return [
            x if not isinstance(x, Value) else x.content if self.holds(x) else wrap(x)
            for x in operands
        ]

    def refuse_write(self, tensor: TensorBase) -> None:
        """Raise if a value of this level cannot be written into ``tensor``."""

    def below(self):
        """A context in which ops run at the level below."""
        return _Below(self)

    def grad_enabled(self) -> bool:
        """The grad mode of the level below."""
        return mode.enabled

    def peek(self, value: Lifted):
        """The elements of a value of this level, if they are known."""
        return value.content._value().array

    def realise(self, value: Lifted, trigger: str) -> Value:
        """A concrete value with the elements of one of this level."""
        return realise(value.content._value(), trigger)


class GradLevel(Level):
    """Reverse mode: the level has an autograd graph, and nothing else."""

    pulling = False  # in a backward, whose own grad mode says nothing

    def grad_enabled(self) -> bool:
        before = self._saved[-1][2] if self._saved else mode.enabled
        return before and (self.pulling or mode.enabled)

    def process(self, op, static, operands, place) -> list:
        """Run an op on the contents."""
        with self.below():
            results = _apply(op, static, self.contents(operands), place)
        return [self.hold(r) for r in results]


class _Below:
    def __init__(self, level: Level):
        self.level = level

    def __enter__(self):
        self.saved = mode.enabled, mode.levels
        enabled = self.level.grad_enabled()
        if self.level.outer is not None:
            mode.levels = self.level.outer
        mode.enabled = enabled

    def __exit__(self, *exc):
        mode.enabled, mode.levels = self.saved


def lift(operands) -> list:
    """Bring tensors that are on the graph of a lower level to the innermost one."""
    level = mode.levels[-1]
    return [
        level.lift(x)
        if isinstance(x, TensorBase)
        and (x._node is not None or x._requires_grad)
        and not level.holds(x._value())
        else x
        for x in operands
    ]


def check_level(tensor: TensorBase, new: TensorBase) -> None:
    """Refuse to write what belongs to a transform into a tensor from outside of it."""
    value = new._value()
    if not isinstance(value, Lifted) or value.level not in mode.levels:
        return
    have = tensor._storage.value
    depth = have.level.depth if isinstance(have, Lifted) else -1
    if depth < value.level.depth:
        value.level.refuse_write(tensor)


_apply = None


def bind_apply(function) -> None:
    """Set how ops run on tensors (``apply``, which knows this file)."""
    global _apply
    _apply = function


def run(op, static, operands, place) -> list:
    """``apply`` for the levels of other files."""
    return _apply(op, static, operands, place)
