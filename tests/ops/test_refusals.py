"""Errors that need more than a row: tensors on other devices."""

from __future__ import annotations

import pytest
import torch

import torchlike


def gradient_of_two_devices(library):
    places = [library.tensor([1, 2, 4]), library.tensor([1, 2, 4], device="meta")]
    library.gradient(library.ones(3, 3), spacing=places)


@pytest.mark.parametrize("call", [gradient_of_two_devices])
def test_refused(call):
    """With PyTorch's type and words."""
    with pytest.raises(RuntimeError) as theirs:
        call(torch)
    with pytest.raises(RuntimeError) as ours:
        call(torchlike)
    assert str(ours.value) == str(theirs.value)
