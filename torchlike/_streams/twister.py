"""The 32-bit Mersenne Twister in bulk, and PyTorch's layout of its state.

NumPy's ``MT19937`` makes the words, or C in its place (``native``); its legacy seeding
is the ``init_genrand`` that PyTorch uses. PyTorch seeds with the low half of a 64-bit
seed and keeps all of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np

from torchlike._streams import blocks
from torchlike._streams.native import samplers

_WORDS = 624
_BULK = 4096  # from here on NumPy's bounded draws beat random_raw plus a cast
_WORTH = blocks.WORDS + _WORDS  # from here on XLA beats both
_NONE = np.empty(0, np.uint32)

PART = 1 << 16  # numbers whose intermediate results stay in the cache

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

    @property
    def capsule(self):
        """What ``samplers`` takes; who draws with it says so with ``drawn``."""
        return self._bits.capsule

    def drawn(self, some: bool) -> None:
        """Words were drawn from the capsule, or none were."""
        self._fresh = self._fresh and not some

    def fill(self, sampler: Callable, out: np.ndarray, *arguments) -> np.ndarray:
        """``out``, filled by one of the ``samplers``."""
        self.drawn(out.size > 0)
        sampler(self._bits.capsule, out, *arguments)
        return out

    def words(self, count: int) -> np.ndarray:
        """The next ``count`` 32-bit words, as ``uint32``."""
        if samplers:
            return self.fill(samplers.words, np.empty(count, np.uint32))
        self._fresh = self._fresh and not count
        if count < _BULK:
            return self._bits.random_raw(count).astype(np.uint32)
        if count < _WORTH:
            return self._by_numpy(count)
        result = np.empty(count, np.uint32)
        for part, words in self.in_parts(count):
            result[part] = words
        return result

    def in_parts(self, count: int, each: int = 1) -> Iterator[tuple[slice, np.ndarray]]:
        """``each`` words for every number, a part that fits the cache at a time.

        To be consumed whole, with no other draw in between; the words are the caller's
        to overwrite until the next part, which comes in the same memory.
        """
        memory = np.empty(min(count, PART) * each, np.uint32)
        fill = self._from_runs(count * each) if samplers is None else self._words_into
        for start in range(0, count, PART):
            part = slice(start, min(start + PART, count))
            words = memory[: (part.stop - part.start) * each]
            fill(words)
            yield part, words

    def _words_into(self, out: np.ndarray) -> None:
        self.fill(samplers.words, out)

    def _from_runs(self, count: int) -> Callable[[np.ndarray], None]:
        """What fills arrays with the next of ``count`` words."""
        self._fresh = self._fresh and not count
        runs = self._runs(count)
        run = _NONE

        def fill(words: np.ndarray) -> None:
            nonlocal run
            filled = 0
            while filled < len(words):
                run = run if len(run) else next(runs)
                taken = run[: len(words) - filled]
                words[filled : filled + len(taken)] = taken
                filled, run = filled + len(taken), run[len(taken) :]

        return fill

    def _runs(self, count: int) -> Iterator[np.ndarray]:
        """``count`` words in arrays of any lengths, by XLA where that is quicker."""
        if count >= _WORTH and blocks.program.ready(count):
            calls, count = self._calls(count)
            yield from calls
        while count:
            size = min(count, PART)
            yield self._by_numpy(size)
            count -= size

    def _calls(self, count: int) -> tuple[Iterator[np.ndarray], int]:
        """What is left of this block and calls of XLA; the words that remain."""
        state = self._bits.state  # a copy, as dear as thousands of words
        start = _WORDS - state["state"]["pos"]
        calls, rest = divmod(count - start, blocks.WORDS)
        return self._call(state, start, calls), rest

    def _call(self, state: dict, start: int, calls: int) -> Iterator[np.ndarray]:
        yield self._by_numpy(start)
        key = state["state"]["key"]
        for _ in range(calls):
            key, words = blocks.program(key)
            yield np.asarray(words)
        self._bits.state = {
            "bit_generator": "MT19937",
            "state": {"key": np.asarray(key), "pos": _WORDS},
        }

    def _by_numpy(self, count: int) -> np.ndarray:
        return self._bulk.integers(0, 1 << 32, size=count, dtype=np.uint32)

    def longs(self, count: int) -> np.ndarray:
        """``count`` 64-bit words as ``uint64``: two draws each, the first one high."""
        if samplers:
            return self.fill(samplers.longs, np.empty(count, np.uint64))
        self._fresh = self._fresh and not count
        if count < _BULK:
            pairs = self._bits.random_raw(2 * count)
            return (pairs[0::2] << np.uint64(32)) | pairs[1::2]
        result = np.empty(count, np.uint64)
        for part, words in self.in_parts(count, 2):
            result[part] = paired(words)
        return result

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


def paired(words: np.ndarray) -> np.ndarray:
    """Each two words as a ``uint64``, the first one high; overwrites ``words``."""
    if sys.byteorder == "little":
        high = words[0::2].copy()
        words[0::2] = words[1::2]
        words[1::2] = high
    return words.view(np.uint64)
