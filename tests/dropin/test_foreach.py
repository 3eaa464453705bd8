"""``torch._foreach_*`` beside PyTorch."""

import pytest
import torch

import torchlike

NAMES = sorted(n for n in dir(torch) if n.startswith("_foreach_"))
SECOND = "add sub mul div pow maximum minimum clamp_max clamp_min".split()


def _arguments(t, name: str) -> list[tuple]:
    a = [t.tensor([0.5, 0.25]), t.tensor([0.75])]
    b = [t.tensor([2.0, 3.0]), t.tensor([4.0])]
    base = name.removeprefix("_foreach_").rstrip("_")
    if base in SECOND:
        rows = [(b,), (2.0,), ([2.0, 3.0],)]
        return rows + [(t.tensor(2.0),)] * (base in ("add", "mul", "div"))
    if base in ("addcmul", "addcdiv"):
        return [(a, b), (a, b, 2.0), (a, b, [2.0, 3.0]), (a, b, t.tensor([2.0, 3.0]))]
    if base == "lerp":
        return [(b, 0.5), (b, a), (b, [0.5, 0.25])]
    if base in ("copy", "mm"):
        return [(b,)]
    return [(), (1,)] if base == "norm" else [(2,)] if base == "powsum" else [()]


def _run(t, name: str) -> list:
    found = []
    for arguments in _arguments(t, name):
        x = [t.tensor([0.5, 0.25]), t.tensor([0.75])]
        if name == "_foreach_mm":
            x, arguments = [t.ones(2, 3)], ([t.ones(3, 2)],)
        made = getattr(t, name)(x, *arguments)
        found.append([y.flatten().tolist() for y in (x if made is None else made)])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_foreach(name):
    """Every name, with every kind of second argument, gives PyTorch's numbers."""
    own, real = _run(torchlike, name), _run(torch, name)
    for a, b in zip(own, real, strict=True):
        for x, y in zip(a, b, strict=True):
            assert x == pytest.approx(y, rel=1e-6, abs=1e-6)


def test_lengths():
    """Lists of different lengths are PyTorch's error."""
    with pytest.raises(RuntimeError, match="same number of tensors, got 2 and 1"):
        x = torchlike.ones(1)
        torchlike._foreach_add([x, x], [x])
