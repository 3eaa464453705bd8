"""``torch.quasirandom.SobolEngine`` beside PyTorch."""

import pytest
import torch.quasirandom

import torchlike
import torchlike.quasirandom


def _draws(t, scramble: bool) -> list:
    engine = t.quasirandom.SobolEngine(5, scramble=scramble, seed=3)
    found = [engine.draw(3), engine.draw(), engine.fast_forward(4).draw(7)]
    found += [engine.reset().draw_base2(3, dtype=t.float64), engine.sobolstate]
    return [[x.tolist(), str(x.dtype)] for x in (*found, engine.shift)]


@pytest.mark.parametrize("scramble", [False, True])
def test_points(scramble):
    """The points, their order and the scrambling are PyTorch's, to the bit."""
    assert _draws(torchlike, scramble) == _draws(torch, scramble)


def test_refused():
    """A dimension beyond the table and an unbalanced number of points are errors."""
    for t in (torch, torchlike):
        engine = t.quasirandom.SobolEngine
        with pytest.raises(ValueError, match=r"\[1, 21201\]"):
            engine(0)
        made = engine(2)
        made.draw(3)
        with pytest.raises(ValueError, match="power of 2"):
            made.draw_base2(2)
