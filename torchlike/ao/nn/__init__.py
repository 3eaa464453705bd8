"""``torch.ao.nn``: of the tools of quantisation, the layers that compute in floats."""

from . import intrinsic as intrinsic
