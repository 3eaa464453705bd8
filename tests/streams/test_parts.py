"""Words made by XLA in parts: those of NumPy's twister, and the state after them."""

import numpy as np
import pytest

from torchlike._streams import blocks
from torchlike._streams.twister import PART, Twister

from .by_python import by_python


@pytest.fixture(autouse=True)
def compiled():
    if not blocks.program.compile():
        pytest.skip("XLA's program has other bits on this CPU: NumPy is used")
    with by_python():
        yield


def by_numpy(seed, before, count):
    raw = np.random.RandomState(seed)._bit_generator
    return raw.random_raw(before + count)[before:].astype(np.uint32)


@pytest.mark.parametrize("before", (0, 1, 623, 624, 1000))
@pytest.mark.parametrize("count", (PART + 624, 2 * PART - 7, 3 * blocks.WORDS + 624))
def test_words(before, count):
    twister = Twister(9)
    twister.words(before)
    wanted = by_numpy(9, before, count + 5)
    np.testing.assert_array_equal(twister.words(count), wanted[:count])
    np.testing.assert_array_equal(twister.words(5), wanted[count:])


def test_longs_have_the_first_word_high():
    count = PART + 3
    words = by_numpy(2, 0, 2 * count).astype(np.uint64)
    wanted = (words[0::2] << np.uint64(32)) | words[1::2]
    np.testing.assert_array_equal(Twister(2).longs(count), wanted)


def test_the_state_after_is_the_same_as_by_small_draws():
    large, small = Twister(6), Twister(6)
    large.words(300_000)
    for _ in range(300):
        small.words(1000)
    np.testing.assert_array_equal(large.export(), small.export())
