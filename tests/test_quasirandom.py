"""Sobol sequences, point for point beside PyTorch's."""

from __future__ import annotations

import pytest

import torchlike.quasirandom  # noqa: F401
from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module."""
    PROGRAMS.append(function)
    return function


@program
def plain(m):
    engine = m.quasirandom.SobolEngine(5)
    first, second = engine.draw(3), engine.draw(6, dtype=m.float64)
    return first, second, engine.num_generated, repr(engine)


@program
def many_dimensions(m):
    return m.quasirandom.SobolEngine(300).draw(70)


@program
def scrambled(m):
    engine = m.quasirandom.SobolEngine(4, scramble=True, seed=7)
    return engine.draw(40), engine.shift, engine.sobolstate, repr(engine)


@program
def scrambled_reset(m):
    """The first point is rounded when the engine is made, the others when drawn."""
    engine = m.quasirandom.SobolEngine(5, scramble=True, seed=3)
    first = engine.draw(), engine.fast_forward(4).draw(7)
    return *first, engine.reset().draw_base2(3, dtype=m.float64)


@program
def scrambled_by_the_global_generator(m):
    m.manual_seed(3)
    return m.quasirandom.SobolEngine(2, scramble=True).draw(5)


@program
def moved(m):
    engine = m.quasirandom.SobolEngine(2)
    ahead = engine.fast_forward(9).draw(2)
    return ahead, engine.reset().draw_base2(3), engine.draw(2, out=m.empty(2, 2))


@program
def not_a_power_of_two(m):
    engine = m.quasirandom.SobolEngine(2)
    engine.draw(3)
    return engine.draw_base2(3)


@program
def too_many_dimensions(m):
    return m.quasirandom.SobolEngine(21202)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_beside_pytorch(function):
    compare(function)
