"""Rows for ctc.py."""

import numpy as np

from ..nn_runner import case, real

RAW = real(7, 3, 5).astype(np.float64)
LOG = RAW - np.log(np.exp(RAW).sum(-1, keepdims=True))
TARGETS = np.array([[1, 2, 2, 3], [4, 1, 0, 0], [2, 2, 2, 2]])
LENGTHS = (np.array([7, 5, 7]), np.array([4, 2, 3]))
FLAT = np.array([1, 2, 2, 3, 4, 1, 2, 2, 2])


def ctc(*args, **kwargs):
    return case("ctc_loss", *args, **kwargs).with_(second=False)


ROWS = [
    *(ctc(LOG, TARGETS, *LENGTHS, reduction=r) for r in ("none", "mean", "sum")),
    ctc(LOG, FLAT, *LENGTHS),
    ctc(LOG, FLAT, (7, 5, 7), (4, 2, 3)),
    ctc(LOG, TARGETS, np.array([3, 5, 7]), LENGTHS[1], zero_infinity=True),
    ctc(LOG, TARGETS, LENGTHS[0], np.array([4, 0, 3])),
    ctc(LOG, np.array([[1, 2], [3, 1], [2, 2]]), LENGTHS[0], np.array([2, 2, 2]), 4),
]
ERRORS = [
    ctc(LOG, TARGETS, *LENGTHS, blank=5),
]
