"""The 32-bit Mersenne Twister in bulk, and PyTorch's layout of its state.

NumPy's ``MT19937`` makes the words; its legacy seeding is the ``init_genrand`` that
PyTorch uses. PyTorch seeds with the low half of a 64-bit seed and keeps all of it.
"""

from __future__ import annotations

import numpy as np

_WORDS = 624
_BULK = 4096  # from here on NumPy's bounded draws beat random_raw plus a cast

STATE_BYTES = 5056
# PyTorch's own record: words as 64-bit integers, then the two cached normals.
_LAYOUT = np.dtype(
    [
        ("seed", "<u8"),
        ("left", "<i4"),
        ("seeded", "<i4"),
        ("next", "<u8"),
        ("key", "<u8", _WORDS),
        ("normal_x", "<f8"),
        ("normal_y", "<f8"),
        ("normal_rho", "<f8"),
        ("normal_is_valid", "<i4"),
        ("pad", "V4"),
        ("float_normal", "<f4"),
        ("float_normal_is_valid", "?"),
        ("tail", "V3"),
    ]
)


class Twister:
    """A stream of 32-bit words, with the second half of the last normal pair."""

    __slots__ = ("_bits", "_bulk", "_legacy", "_fresh", "seed", "spare", "float_spare")

    def __init__(self, seed: int):
        self._bits = np.random.MT19937(0)
        self._bulk = np.random.Generator(self._bits)
        self._legacy = np.random.RandomState(self._bits)
        self.reseed(seed)

    def reseed(self, seed: int) -> None:
        """Start again from a seed in [0, 2^64)."""
        self._legacy.seed(seed & 0xFFFFFFFF)
        self.seed = seed
        self._fresh = True
        self.spare: float | None = None
        self.float_spare: float | None = None

    def words(self, count: int) -> np.ndarray:
        """The next ``count`` 32-bit words, as ``uint32``."""
        self._fresh = self._fresh and not count
        if count < _BULK:
            return self._bits.random_raw(count).astype(np.uint32)
        return self._bulk.integers(0, 1 << 32, size=count, dtype=np.uint32)

    def longs(self, count: int) -> np.ndarray:
        """``count`` 64-bit words as ``uint64``: two draws each, the first one high."""
        self._fresh = self._fresh and not count
        if count < _BULK:
            pairs = self._bits.random_raw(2 * count)
            return (pairs[0::2] << np.uint64(32)) | pairs[1::2]
        return self._bulk.integers(0, 1 << 64, size=count, dtype=np.uint64)

    def mark(self) -> tuple[dict, bool]:
        """A place in the stream to come back to with ``rewind``."""
        return self._bits.state, self._fresh

    def rewind(self, place: tuple[dict, bool]) -> None:
        self._bits.state, self._fresh = place

    def export(self) -> np.ndarray:
        """The state as PyTorch's 5056 bytes."""
        inner = self._bits.state["state"]
        record = np.zeros((), _LAYOUT)
        record["seed"] = self.seed
        record["seeded"] = 1
        record["key"] = inner["key"]
        record["next"] = 0 if self._fresh else inner["pos"]
        record["left"] = 1 if self._fresh else _WORDS + 1 - inner["pos"]
        record["normal_y"] = self.spare or 0.0
        record["normal_is_valid"] = self.spare is not None
        record["float_normal"] = self.float_spare or 0.0
        record["float_normal_is_valid"] = self.float_spare is not None
        return np.frombuffer(record.tobytes(), np.uint8).copy()

    def load(self, state: np.ndarray) -> None:
        """Take over a state in PyTorch's layout."""
        record = np.frombuffer(state.tobytes(), _LAYOUT)[0]
        left, following = int(record["left"]), int(record["next"])
        valid = 0 < left <= _WORDS and following <= _WORDS
        if not (record["seeded"] == 1 and valid):
            raise RuntimeError("Invalid mt19937 state")
        self._bits.state = {
            "bit_generator": "MT19937",
            "state": {
                "key": record["key"].astype(np.uint32),
                "pos": _WORDS if left == 1 else following,
            },
        }
        self._fresh = left == 1 and following == 0
        self.seed = int(record["seed"])
        spare, single = record["normal_is_valid"], record["float_normal_is_valid"]
        self.spare = float(record["normal_y"]) if spare else None
        self.float_spare = float(record["float_normal"]) if single else None
