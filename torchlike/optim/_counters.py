"""``step`` and its like: one vector for all parameters of a group.

PyTorch keeps a 0-d tensor for each parameter. Sixty of them would be sixty more arrays
into and out of every step, so the tensors in ``state`` are views of one vector. They
are made stale, that is without recording anything, and are computed when read.
"""

from __future__ import annotations

from operator import is_

import numpy as np

from .. import _dtypes
from .._devices import META
from .._engine import Value, from_host
from .._engine.value import aval, to_device
from .._ops._op import Array, Index, view_op
from .._tensor import Tensor
from ..autograd.variable import STALE, View, bare, wrap


def _write_number(base, new, i):
    return base.at[i].set(new)


@view_op(_write_number, scope=None, method=False, differentiable=False)
def _number_at(vector: Array, i: Index):
    return vector[i]


def part_of(vector: Tensor, i: int) -> Tensor:
    """``vector[i]`` as a view that is computed when it is read."""
    view = bare(Tensor)
    view._storage = vector._storage
    view._view = View(vector, ((_number_at.op, (), (i,)),), STALE, None, False)
    return view


class Counters:
    """The vectors of one group; ``views[name][slot]`` is the state's 0-d tensor.

    ``initial`` maps the names to the numbers they begin with; entries already in
    ``states`` (one dict for each parameter) are taken over.
    """

    def __init__(self, initial: dict[str, float], params, states):
        self.initial = initial
        self.known = {n: _numbers(n, x, states) for n, x in initial.items()}
        place = params[0].device
        self.vectors = [_vector(v, place) for v in self.known.values()]
        self.versions = [0] * len(self.vectors)
        slots = range(len(params))
        pairs = zip(initial, self.vectors, strict=True)
        self.views = {n: [part_of(v, i) for i in slots] for n, v in pairs}
        self.used: tuple | None | bool = False
        self.agree = False
        for slot, state in enumerate(states):
            if state:
                self.put(state, slot)

    def put(self, state: dict, slot: int) -> None:
        """Give a parameter's state its numbers."""
        for name, views in self.views.items():
            state[name] = views[slot]

    def holds(self, states, slots: tuple | None) -> bool:
        """Whether the states have these views still: users and loading replace them."""
        for name, views in self.views.items():
            own = views if slots is None else [views[i] for i in slots]
            if not all(map(is_, [s.get(name) for s in states], own)):
                return False
        return True

    def uniform(self, slots: tuple | None) -> bool:
        """Whether the numbers at ``slots`` are known to agree.

        They agree as long as they began so, the same parameters step each time, and
        nobody else writes to them.
        """
        if self.used is False:
            self.used = slots
            at = slice(None) if slots is None else list(slots)
            self.agree = all((v[at] == v[at][0]).all() for v in self.known.values())
        if self.used != slots or self.versions != self._versions():
            self.agree = False
        return self.agree

    def stepped(self) -> None:
        """Note that the vectors have been written by a step."""
        self.versions = self._versions()

    def _versions(self) -> list[int]:
        return [v._storage.version for v in self.vectors]


def _numbers(name: str, initial: float, states) -> np.ndarray:
    kind = _dtypes.get_default_dtype()
    kind = kind if kind is _dtypes.float64 else _dtypes.float32
    numbers = [float(s[name]) if name in s else initial for s in states]
    return np.array(numbers, kind.numpy_dtype)


def _vector(numbers: np.ndarray, place) -> Tensor:
    return wrap(from_host(numbers, place))


def filled(param: Tensor, value: float = 0.0, shape: tuple | None = None) -> Tensor:
    """An entry like ``param``; complex numbers get ``value`` in both parts.

    Its contents come from the host and lie on the device: recorded zeros, or an array
    that cannot be donated, would make the first step a program of its own.
    """
    shaped = param._value().aval
    if shape is not None:
        shaped = aval(tuple(shape), shaped.dtype)
    if shaped.dtype.is_complex:
        value = complex(value, value)
    if param.device is META:
        raise NotImplementedError(
            "optimizers do not step parameters on the meta device"
        )
    contents = np.full(shaped.shape, value, shaped.dtype.numpy_dtype)
    place = param.device
    return wrap(Value(shaped, place, to_device(contents, place, True)))
