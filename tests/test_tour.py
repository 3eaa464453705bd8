"""Every code block of the tour, as written, prints on torchlike what PyTorch prints."""

from __future__ import annotations

import pytest

from tests import tour_programs as tour

pytest.importorskip("torch")

PROGRAMS = {"blocks": tour.program(), "mathematics": tour.MATHEMATICS}
WAYS = {
    "python -m torchlike": (lambda text: text, ("-m", "torchlike")),
    "import torchlike as torch": (tour.own_imports, ()),
}


@pytest.fixture(scope="module", params=PROGRAMS)
def wanted(request, tmp_path_factory):
    """A program's text and what PyTorch prints of it."""
    text = PROGRAMS[request.param]
    return text, tour.run_program(text, tmp_path_factory.mktemp("torch"))


@pytest.mark.parametrize("way", WAYS)
def test_prints_what_pytorch_prints(way, wanted, tmp_path):
    text, output = wanted
    translate, start = WAYS[way]
    got = tour.run_program(translate(text), tmp_path, *start)
    tour.assert_same_text(got, output)


def test_the_blocks_are_all_there():
    assert len(tour.BLOCKS) == 11
    assert set(tour.PROBES) <= {block.stem for block in tour.BLOCKS}


CREATION = [
    line
    for line in (tour.ROOT / "tests/tour/02_creation.py").read_text().splitlines()
    if line.strip()
]


@pytest.mark.parametrize("line", CREATION, ids=lambda line: line.partition("#")[0])
def test_each_line_of_creation(line):
    import torch

    import torchlike

    made = []
    for library in (torch, torchlike):
        library.manual_seed(3)
        names = {"torch": library}
        exec(line, names)
        made.append(names["x"])
    theirs, mine = made
    assert (tuple(mine.shape), str(mine.dtype)) == (
        tuple(theirs.shape),
        str(theirs.dtype),
    )
    if "empty" not in line:
        assert mine.tolist() == theirs.tolist()


@pytest.mark.parametrize(
    "got, wanted",
    [("a 1.0", "b 1.0"), ("a 1.0", "a 1.1"), ("a", "a\nb"), ("1 2", "1")],
)
def test_the_comparison_sees_differences(got, wanted):
    with pytest.raises(AssertionError):
        tour.assert_same_text(got, wanted)
