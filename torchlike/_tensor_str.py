"""``torch._tensor_str``: how tensors are printed, for packages that print with it."""

from __future__ import annotations

import numpy as np

from . import _gaps, _printing

PRINT_OPTS = _printing._options


def _tensor_str(self, indent: int) -> str:
    """The numbers of a tensor, without what stands around them."""
    array = np.asarray(self.detach().cpu())
    return _printing._contents(array, self.dtype, indent)


def _str(self, *, tensor_contents=None) -> str:
    """The text of a tensor."""
    return repr(self)


def __getattr__(name: str):
    raise _gaps.missing(name, "torch._tensor_str")
