"""``torch._custom_ops``: the old address of parts of ``torch.library``."""

from __future__ import annotations

from .library import custom_op as custom_op
from .library import impl as impl
from .library import impl_abstract as impl_abstract
