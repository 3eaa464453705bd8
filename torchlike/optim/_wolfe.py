"""A line search for the strong Wolfe conditions, on the host.

**Source** Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.5, 3.6;
the constants and safeguards are those of minFunc and so of PyTorch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from .._tensor import Tensor

DECREASE = 1e-4  # of what the slope promises, for sufficient decrease
CURVATURE = 0.9  # of the first slope, what the last may be
SMALLEST = 1e-9  # length of a bracket that is not divided any more


class Point(NamedTuple):
    """What the objective is at step size ``t`` along the direction."""

    t: float
    loss: float
    grad: Tensor
    slope: float


def search(
    at: Callable[[float], Point], start: Point, t: float, largest: float, most: int
) -> tuple[Point, int]:
    """The point found, and how often the objective was evaluated.

    ``largest`` is the largest element of the direction; at most ``most`` points are
    tried after the first.
    """
    bracket, tried = _bracket(at, start, t, most)
    if len(bracket) == 1:
        return bracket[0], tried
    return _zoom(at, start, bracket, largest, most, tried)


def _too_high(point: Point, start: Point) -> bool:
    return point.loss > start.loss + DECREASE * point.t * start.slope


def _flat_enough(point: Point, start: Point) -> bool:
    return abs(point.slope) <= -CURVATURE * start.slope


def _bracket(at, start: Point, t: float, most: int) -> tuple[list[Point], int]:
    """Two points with a good one between them, or a good one alone."""
    last, new = start, at(t)
    for n in range(most):
        rises = n > 1 and new.loss >= last.loss
        if _too_high(new, start) or rises:
            return [last, new], n + 1
        if _flat_enough(new, start):
            return [new], n + 1
        if new.slope >= 0:
            return [last, new], n + 1
        least = new.t + 0.01 * (new.t - last.t)
        t = _cubic(last, new, least, new.t * 10)
        last, new = new, at(t)
    return [start, new], most + 1


def _zoom(at, start, bracket, largest, most, tried) -> tuple[Point, int]:
    """Narrow the bracket down until its lower end is good."""
    low, high = _order(bracket)
    stuck = False
    while tried <= most:
        a, b = bracket
        if abs(b.t - a.t) * largest < SMALLEST:
            break
        t = _cubic(a, b, min(a.t, b.t), max(a.t, b.t))
        t, stuck = _inside(t, min(a.t, b.t), max(a.t, b.t), stuck)
        new = at(t)
        tried += 1
        if _too_high(new, start) or new.loss >= bracket[low].loss:
            bracket[high] = new
            low, high = _order(bracket)
            continue
        good = _flat_enough(new, start)
        if not good and new.slope * (bracket[high].t - bracket[low].t) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = new
        if good:
            break
    return bracket[low], tried


def _order(bracket) -> tuple[int, int]:
    return (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)


def _inside(t: float, least: float, most: float, stuck: bool) -> tuple[float, bool]:
    """Keep a tenth of the bracket away from its ends, the second time at the latest."""
    margin = 0.1 * (most - least)
    if min(most - t, t - least) >= margin:
        return t, False
    if not (stuck or t >= most or t <= least):
        return t, True
    nearer_top = abs(t - most) < abs(t - least)
    return (most - margin if nearer_top else least + margin), False


def _cubic(a: Point, b: Point, least: float, most: float) -> float:
    """The minimum of the cubic through both points and slopes, within the bounds."""
    if a.t > b.t:
        a, b = b, a
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1**2 - a.slope * b.slope
    if not square >= 0:
        return (least + most) / 2
    d2 = math.sqrt(square)
    below = b.slope - a.slope + 2 * d2
    if below == 0:
        return (least + most) / 2
    found = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / below)
    return min(max(found, least), most)
