"""``torch.quasirandom``: Sobol points.

The direction numbers are SciPy's (JAX brings SciPy with it): Joe and Kuo's, as
PyTorch's.
"""

from __future__ import annotations

import numpy as np

from . import _dtypes
from ._ops._draw import Generator
from ._ops._registry import functions

_torch = functions["torch"]


class SobolEngine:
    """Points of a Sobol sequence in ``dimension`` dimensions, in [0, 1)."""

    MAXBIT = 30
    MAXDIM = 21201

    def __init__(self, dimension: int, scramble: bool = False, seed=None) -> None:
        if dimension > self.MAXDIM or dimension < 1:
            raise ValueError(
                "Supported range of dimensionality for SobolEngine is "
                f"[1, {self.MAXDIM}]"
            )
        self.seed, self.scramble, self.dimension = seed, scramble, dimension
        self._columns = _direction_numbers(dimension)
        self._shift = np.zeros(dimension, np.int64)
        if scramble:
            self._scramble()
        rounded = _dtypes.get_default_dtype().numpy_dtype
        self._first = (self._shift * 2.0**-self.MAXBIT).astype(rounded)
        self.reset()

    def _scramble(self) -> None:
        generator = None
        if self.seed is not None:
            generator = Generator()
            generator.manual_seed(self.seed)
        n, bits = self.dimension, self.MAXBIT
        drawn = _torch["randint"](2, (n, bits), generator=generator)
        self._shift = np.asarray(drawn) @ (1 << np.arange(bits, dtype=np.int64))
        drawn = _torch["randint"](2, (n, bits, bits), generator=generator)
        mix = np.tril(np.asarray(drawn), -1) + np.eye(bits, dtype=np.int64)
        places = np.arange(bits - 1, -1, -1)  # the highest bit first
        shown = self._columns[:, None, :] >> places[:, None] & 1
        self._columns = np.einsum("dpj,p->dj", mix @ shown % 2, 1 << places)

    @property
    def sobolstate(self):
        """The direction numbers, of shape (dimension, 30)."""
        return _torch["tensor"](self._columns)

    @property
    def shift(self):
        """The digital shift of the scrambling."""
        return _torch["tensor"](self._shift)

    @property
    def quasi(self):
        """The point drawn last, as integers."""
        return _torch["tensor"](self._at)

    def draw(self, n: int = 1, out=None, dtype=None):
        """The next ``n`` points, of shape (n, dimension)."""
        dtype = dtype or _dtypes.get_default_dtype()
        rows = np.empty((n, self.dimension), np.int64)
        start = self.num_generated
        for i in range(n):
            if start + i:
                self._step(start + i - 1)
            rows[i] = self._at
        self.num_generated += n
        points = rows * 2.0**-self.MAXBIT
        if start == 0 and n:  # PyTorch has rounded the first point when it was made
            points[0] = self._first
        points = _torch["tensor"](points, dtype=dtype)
        return points if out is None else out.resize_(points.shape).copy_(points)

    def draw_base2(self, m: int, out=None, dtype=None):
        """The next 2**m points; the total must be a power of 2."""
        n = 2**m
        total = self.num_generated + n
        if total & (total - 1):
            raise ValueError(
                "The balance properties of Sobol' points require n to be a power of 2. "
                f"{self.num_generated} points have been previously generated, then: "
                f"n={self.num_generated}+2**{m}={total}. If you still want to do this, "
                "please use 'SobolEngine.draw()' instead."
            )
        return self.draw(n, out=out, dtype=dtype)

    def fast_forward(self, n: int) -> SobolEngine:
        """Leave out the next ``n`` points."""
        first = max(self.num_generated - 1, 0)
        last = self.num_generated + n - 1
        for number in range(first, last):
            self._step(number)
        self.num_generated += n
        return self

    def reset(self) -> SobolEngine:
        """Back to the first point."""
        self._at = self._shift.copy()
        self.num_generated = 0
        return self

    def _step(self, number: int) -> None:
        lowest_zero = (~number & (number + 1)).bit_length() - 1
        self._at = self._at ^ self._columns[:, lowest_zero]

    def __repr__(self) -> str:
        text = [f"dimension={self.dimension}"]
        text += ["scramble=True"] * self.scramble
        text += [f"seed={self.seed}"] * (self.seed is not None)
        return f"{type(self).__name__}({', '.join(text)})"


def _direction_numbers(dimension: int) -> np.ndarray:
    from scipy.stats import qmc  # slow to import

    made = qmc.Sobol(dimension, scramble=False, bits=SobolEngine.MAXBIT)
    return np.asarray(made._sv, np.int64).reshape(dimension, SobolEngine.MAXBIT)
