"""The steps L-BFGS remembers, in two matrices of fixed size.

PyTorch keeps lists that grow. Here they are rows, so that a direction is one program
however many steps there are; the lists in the state are views of the rows.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from .._engine import Number, from_host
from .._ops._op import Array, Arrays, Index, op
from .._tensor import Tensor
from ..autograd.variable import wrap
from ._counters import part_of


@op(scope=None, method=False, differentiable=False, returns=())
def _pair(grad: Array, last: Array, direction: Array, size: Arrays):
    """Change of the gradient, step, their product, and the scale of the Hessian."""
    (t,) = (t.array if isinstance(t, Number) else t for t in size)
    y = grad - last
    s = direction * t.astype(direction.dtype)
    ys = y @ s
    return y, s, ys, ys / (y @ y)


@op(scope=None, method=False, differentiable=False, returns=())
def _put(dirs: Array, steps: Array, ro: Array, y: Array, s: Array, ys: Array, i: Index):
    return dirs.at[i].set(y), steps.at[i].set(s), ro.at[i].set(1.0 / ys)


@op(scope=None, method=False, differentiable=False)
def _direction(
    grad: Array, dirs: Array, steps: Array, ro: Array, scale: Arrays, start: Index
):
    """The two loops of L-BFGS; rows from ``start`` on are the oldest.

    Rows not in use have ``ro`` of 0 and change nothing.
    """
    m = ro.shape[0]
    (scale,) = (x.array if isinstance(x, Number) else x for x in scale)

    def back(j, carry):
        q, al = carry
        i = (start + m - 1 - j) % m
        a = (steps[i] @ q) * ro[i]
        return q - dirs[i] * a, al.at[i].set(a)

    def forth(j, r):
        i = (start + j) % m
        be = (dirs[i] @ r) * ro[i]
        return r + steps[i] * (al[i] - be)

    q, al = jax.lax.fori_loop(0, m, back, (-grad, jnp.zeros_like(ro)))
    return jax.lax.fori_loop(0, m, forth, q * scale.astype(q.dtype))


class History:
    """The last ``size`` pairs for vectors like ``grad``, and their lists for the state.

    ``dirs``, ``steps`` and ``ro`` may hold pairs already, the oldest first.
    """

    def __init__(self, size: int, grad: Tensor, dirs=(), steps=(), ro=()):
        n = len(grad)
        self.size = size
        self.first = 0
        arrays = [
            _filled((size, n), dirs, grad),
            _filled((size, n), steps, grad),
            _filled((size,), ro, grad),
        ]
        self.tensors = [wrap(from_host(a, grad.device)) for a in arrays]
        self.lists = [[part_of(t, i) for i in range(len(dirs))] for t in self.tensors]

    def is_in(self, state: dict) -> bool:
        """Whether the state's lists are still these."""
        own = (state.get(name) for name in ("old_dirs", "old_stps", "ro"))
        return all(a is b for a, b in zip(own, self.lists, strict=True))

    def note(self, grad, last, direction, t) -> Tensor | None:
        """Remember a step; the scale of the Hessian, None if it curves too little."""
        y, s, ys, scale = _pair(grad, last, direction, [t])
        if not float(ys) > 1e-10:
            return None
        used = len(self.lists[0])
        full = used == self.size
        row = self.first if full else used
        for tensor, new in zip(
            self.tensors, _put(*self.tensors, y, s, ys, row), strict=True
        ):
            tensor._overwrite(new)
        if full:
            self.first = (self.first + 1) % self.size
        for own, tensor in zip(self.lists, self.tensors, strict=True):
            if full:
                own.pop(0)
            own.append(part_of(tensor, row))
        return scale

    def direction(self, grad: Tensor, scale) -> Tensor:
        """The step to take from ``grad``."""
        return _direction(grad, *self.tensors, [scale], self.first)


def _filled(shape, rows, like: Tensor) -> np.ndarray:
    array = np.zeros(shape, like.dtype.numpy_dtype)
    for i, row in enumerate(rows):
        array[i] = row.detach().cpu().numpy()
    return array
