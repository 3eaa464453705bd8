"""`torch.__version__` compares as PyTorch's does."""

import operator

import pytest

from torchlike.torch_version import TorchVersion
from torchlike.version import __version__

torch_version = pytest.importorskip("torch.torch_version")

OPERATORS = [
    operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge,
]  # fmt: skip
OTHERS = ["2.13.0", "2.13", "2.9", "2.14.0", "3", "2.13.0+cpu", "2.13.0rc1", (2, 0)]


@pytest.mark.parametrize("other", [*OTHERS, (2, 13), [2, 14], (3, 0, 0)])
@pytest.mark.parametrize("version", ["2.13.0+cpu", "2.13.0", "2.13.0rc1"])
def test_compares_as_pytorch(version, other):
    for compare in OPERATORS:
        expected = compare(torch_version.TorchVersion(version), other)
        assert compare(TorchVersion(version), other) == expected, compare


def test_is_text_and_hashes_as_text():
    assert __version__.split("+") == ["2.13.0", "torchlike"]
    assert hash(__version__) == hash("2.13.0+torchlike")
    assert __version__ != "a version"
