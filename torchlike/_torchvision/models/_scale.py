"""Widths rounded to what hardware likes."""

from __future__ import annotations


def make_divisible(value: float, divisor: int, min_value: int | None = None) -> int:
    """The nearest multiple of ``divisor``, but not a tenth below ``value``."""
    least = divisor if min_value is None else min_value
    rounded = max(least, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded
