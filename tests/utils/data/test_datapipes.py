"""Chained datasets, beside PyTorch's."""

from __future__ import annotations

import pytest

from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module."""
    PROGRAMS.append(function)
    return function


def _numbers(data):
    class Numbers(data.IterDataPipe):
        def __init__(self, count):
            self.count = count

        def __iter__(self):
            yield from range(self.count)

    return Numbers


def _doubled(data, name):
    @data.functional_datapipe(name)
    class Doubled(data.IterDataPipe):
        def __init__(self, source, factor=2):
            self.source, self.factor = source, factor

        def __iter__(self):
            for x in self.source:
                yield x * self.factor

    return Doubled


@program
def chained_by_methods(m):
    data = m.utils.data
    _doubled(data, "parity_times")
    pipe = _numbers(data)(4).parity_times().parity_times(factor=5)
    return list(pipe)


@program
def name_taken(m):
    data = m.utils.data
    _doubled(data, "parity_twice")
    _doubled(data, "parity_twice")


@program
def unknown_method(m):
    return _numbers(m.utils.data)(4).no_such_method()


@program
def by_key(m):
    data = m.utils.data

    class Keys(data.MapDataPipe):
        def __getitem__(self, index):
            return index + 1

        def __len__(self):
            return 3

    return [Keys()[i] for i in range(3)], len(Keys())


@program
def chunk(m):
    made = m.utils.data.DataChunk(iter([1, 2]))
    return made.as_str("  "), list(made.raw_iterator()), made == [1, 2]


@program
def determinism_wanted(m):
    data = m.utils.data
    kind = data.non_deterministic(_numbers(data))
    with data.guaranteed_datapipes_determinism():
        kind(3)


@program
def not_deterministic(m):
    data = m.utils.data
    return list(data.non_deterministic(_numbers(data))(3))


@program
def decorates_no_pipe(m):
    m.utils.data.functional_datapipe("parity_none")(int)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_beside_pytorch(function):
    compare(function)
