"""The public names of nn.functional, and their parameters, are PyTorch's."""

import inspect

import pytest
import torch.nn.functional as theirs

from torchlike.nn import functional as ours

# PyTorch's own helpers, and what is missing.
HELPERS = {"assert_int_or_pair", "boolean_dispatch", "Callable", "DType", "Optional"}
HELPERS |= {"ScalingType", "SwizzleType", "Tensor", "handle_torch_function"}
HELPERS |= {n for n in dir(theirs) if n.startswith("has_torch_function")}
GAPS = {"scaled_grouped_mm"}

NAMES = sorted(
    name
    for name in dir(theirs)
    if not name.startswith("_") and callable(getattr(theirs, name))
)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in HELPERS | GAPS])
def test_name(name):
    function = getattr(ours, name)
    try:
        wanted = list(inspect.signature(getattr(theirs, name)).parameters)
    except ValueError:  # a builtin without a signature
        return
    if wanted == ["args", "kwargs"]:
        return
    got = [p for p in inspect.signature(function).parameters if p != "names"]
    assert got[: len(wanted)] == wanted


@pytest.mark.parametrize("name", sorted(GAPS))
def test_gaps_say_so(name):
    with pytest.raises(AttributeError, match="lists what torchlike lacks"):
        getattr(ours, name)
