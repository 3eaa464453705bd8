"""``torch.quasirandom``: Sobol sequences, the same points as PyTorch's.

Scrambling draws from torchlike's generator, which gives PyTorch's numbers. Points are
made on the host.

**Source** S. Joe and F. Y. Kuo, Constructing Sobol sequences with better
two-dimensional projections, 2008 (direction numbers: SciPy's copy); J. Matoušek, On the
L2-discrepancy for anchored boxes, 1998 (scrambling).
"""

from __future__ import annotations

import numpy as np

from . import _dtypes
from ._generator import Generator
from ._ops import _registry

_torch = _registry.functions["torch"]


def _directions(dimension: int, bits: int) -> np.ndarray:
    """The direction numbers (dimension, bits), most significant first."""
    from scipy.stats import qmc  # slow to import, and few need it

    sobol = qmc.Sobol(dimension, scramble=False, bits=bits)
    return np.asarray(sobol._sv, np.int64)


class SobolEngine:
    """Points of a low discrepancy in [0, 1)ᵈ.

    With ``scramble`` they are scrambled by random numbers (of ``seed``, if given).
    """

    MAXBIT = 30
    MAXDIM = 21201

    def __init__(self, dimension: int, scramble: bool = False, seed: int | None = None):
        if not 1 <= dimension <= self.MAXDIM:
            raise ValueError(
                "Supported range of dimensionality for SobolEngine is "
                f"[1, {self.MAXDIM}]"
            )
        self.dimension, self.scramble, self.seed = dimension, scramble, seed
        self._state = _directions(dimension, self.MAXBIT)
        self._shift = np.zeros(dimension, np.int64)
        if scramble:
            self._scramble()
        self.num_generated = 0

    @property
    def sobolstate(self):
        """The direction numbers, scrambled or not, as a tensor."""
        return _torch["from_numpy"](self._state)

    @property
    def shift(self):
        """What every point is shifted by (exclusive or), as a tensor."""
        return _torch["from_numpy"](self._shift)

    def _scramble(self) -> None:
        generator = None
        if self.seed is not None:
            generator = Generator().manual_seed(self.seed)
        bits, d = self.MAXBIT, self.dimension
        drawn = _torch["randint"](2, (d, bits), generator=generator).numpy()
        self._shift = (drawn.astype(np.int64) << np.arange(bits)).sum(1)
        drawn = _torch["randint"](2, (d, bits, bits), generator=generator).numpy()
        lower = np.tril(drawn.astype(np.int64), -1) + np.eye(bits, dtype=np.int64)
        places = np.arange(bits - 1, -1, -1)
        digits = (self._state[..., None] >> places) & 1
        mixed = np.einsum("dpk,djk->djp", lower, digits) % 2
        self._state = (mixed << places).sum(-1)

    def _points(self, n: int) -> np.ndarray:
        """The next n points, times 2^MAXBIT: by the Gray code of their numbers."""
        numbers = np.arange(self.num_generated, self.num_generated + n)
        gray = numbers ^ (numbers >> 1)
        points = np.repeat(self._shift[None], n, 0)
        for bit in range(int(gray.max(initial=0)).bit_length()):
            chosen = (gray >> bit) & 1
            points ^= chosen[:, None] * self._state[:, bit]
        return points

    def draw(self, n: int = 1, out=None, dtype=None):
        """The next ``n`` points, (n, dimension)."""
        dtype = (
            _dtypes.get_default_dtype() if dtype is None else _dtypes.as_dtype(dtype)
        )
        points = _torch["from_numpy"](self._points(n) / 2.0**self.MAXBIT).to(dtype)
        self.num_generated += n
        if out is None:
            return points
        out.resize_(points.shape).copy_(points)
        return out

    def draw_base2(self, m: int, out=None, dtype=None):
        """The next 2ᵐ points; with those before it must be a power of 2."""
        n = 2**m
        total = self.num_generated + n
        if total & (total - 1):
            raise ValueError(
                "The balance properties of Sobol' points require n to be a power of "
                f"2. {self.num_generated} points have been previously generated, then: "
                f"n={self.num_generated}+2**{m}={total}. If you still want to do this, "
                "please use 'SobolEngine.draw()' instead."
            )
        return self.draw(n=n, out=out, dtype=dtype)

    def reset(self) -> SobolEngine:
        """Begin anew."""
        self.num_generated = 0
        return self

    def fast_forward(self, n: int) -> SobolEngine:
        """Skip ``n`` points."""
        self.num_generated += n
        return self

    def __repr__(self) -> str:
        parts = [f"dimension={self.dimension}"]
        if self.scramble:
            parts.append("scramble=True")
        if self.seed is not None:
            parts.append(f"seed={self.seed}")
        return f"SobolEngine({', '.join(parts)})"
