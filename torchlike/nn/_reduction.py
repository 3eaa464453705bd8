"""The old way to say how a loss is reduced: ``size_average`` and ``reduce``."""

from __future__ import annotations

import warnings


def legacy_get_string(size_average, reduce, emit_warning: bool = True) -> str:
    """The ``reduction`` that the two old arguments mean."""
    if (True if reduce is None else reduce) is False:
        found = "none"
    else:
        found = "sum" if size_average is False else "mean"
    if emit_warning:
        warnings.warn(
            "size_average and reduce args will be deprecated, please use "
            f"reduction='{found}' instead.",
            stacklevel=4,
        )
    return found
