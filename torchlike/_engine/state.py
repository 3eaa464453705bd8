"""The trie of states: every trace ever recorded, shared by their common beginnings."""

from __future__ import annotations

from typing import Any

from .value import Aval

# How an operand stands in a transition's key: an output slot (>= 0), an input slot
# (< 0), the aval of an input seen for the first time, the Python type of a number
# that travels in the packed scalars, or a constant.
Key = tuple[Any, ...]


class Constant:
    """A Python bool, or an int beyond 64 bits, inside a key (True must not equal 1)."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return (
            isinstance(other, Constant)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )

    def __hash__(self):
        return hash((Constant, type(self.value), self.value))

    def __repr__(self):
        return repr(self.value)


class Scalar:
    """Place of a number in the packed scalars: its Python type and its index."""

    __slots__ = ("kind", "index")

    def __init__(self, kind: type, index: int):
        self.kind = kind
        self.index = index


_NO_SCALARS: dict[type, int] = {float: 0, int: 0, complex: 0}


class State:
    """One recorded op after another: what is known after a given sequence of ops."""

    __slots__ = (
        "parent",
        "op",
        "static",
        "args",
        "key",
        "outs",
        "out",
        "first_out",
        "n_outs",
        "n_inputs",
        "n_scalars",
        "new_inputs",
        "depth",
        "next",
        "likely",
        "marks",
        "mark",
        "memos",
        "programs",
        "cut",
        "check_after",
        "together",
        "cold",
        "line",
    )

    def __init__(self, parent: State | None = None):
        self.parent = parent
        self.op = self.static = self.key = None
        self.args: tuple = ()
        self.outs: tuple[Aval, ...] = ()
        self.out: Aval | None = None  # the only result
        self.new_inputs: tuple[Aval, ...] = ()
        self.first_out = 0
        self.n_outs = 0
        self.n_inputs = 0
        self.n_scalars = _NO_SCALARS if parent is None else parent.n_scalars
        self.depth = 0
        self.next: dict[Key, State] = {}
        self.likely: State | None = None  # the one of these that was reached last
        self.marks: dict = {}  # of the autograd layer (see its tape and memo)
        self.mark = None  # the one of these that was met last
        self.memos: dict = {}
        self.programs: list = []
        self.cut = False  # flush here (see segment)
        self.check_after: int | None = None  # checked: look again after so many ops
        self.together: int | None = None  # see micro
        self.cold = 0  # how often it was run without a compile (see cold)
        self.line: str | None = None

    def extend(self, key: Key, outs: tuple[Aval, ...]) -> State:
        """Make the state reached from here by ``key``, whose results are ``outs``."""
        child = State(self)
        child.op, child.static, child.key = key[0], key[1], key
        child.outs = outs
        child.out = outs[0] if len(outs) == 1 else None
        child.first_out = self.n_outs
        child.n_outs = self.n_outs + len(outs)
        child.depth = self.depth + 1
        child.args, child.new_inputs = child._resolve(key[2:], self.n_inputs)
        child.n_inputs = self.n_inputs + len(child.new_inputs)
        self.next[key] = child
        return child

    def _resolve(self, operands, n_inputs):
        args, new = [], []
        for k in operands:
            if k.__class__ is Aval:
                args.append(~(n_inputs + len(new)))
                new.append(k)
            elif k is float or k is int or k is complex:
                index = self.n_scalars[k]
                args.append(Scalar(k, index))
                self.n_scalars = {**self.n_scalars, k: index + 1}
            else:
                args.append(k)
        return tuple(args), tuple(new)

    def prune(self, child: State) -> None:
        """Forget a state reached from here."""
        self.next.pop(child.key, None)
        if self.likely is child:
            self.likely = None

    def path(self) -> list[State]:
        """The states from the first op to this one."""
        states = []
        state = self
        while state.parent is not None:
            states.append(state)
            state = state.parent
        return states[::-1]

    def root(self) -> State:
        """Where the path begins: it stands for the settings that ops read."""
        state = self
        while state.parent is not None:
            state = state.parent
        return state

    def reads(self) -> list[int]:
        """The slots that it reads, one as often as it is an operand."""
        return [a for a in self.args if type(a) is int]

    def makes(self) -> range:
        """The slots of its results."""
        return range(self.first_out, self.n_outs)

    def inputs(self) -> list[Aval]:
        """The avals of the inputs in order."""
        return [a for state in self.path() for a in state.new_inputs]
