"""Old names in files of weights that the models' own names have since replaced."""

from __future__ import annotations

import re

# DenseNet's files were written when a layer could be called `norm.1`.
_DENSE_LAYER = re.compile(
    r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|"
    r"running_mean|running_var|num_batches_tracked))$"
)


def renamed(state: dict) -> dict:
    """The entries under the names of today."""
    for key in list(state):
        found = _DENSE_LAYER.match(key)
        if found:
            state[found[1] + found[2]] = state.pop(key)
    return state
