"""``torch.cuda.amp.autocast``."""

from __future__ import annotations

import functools

from ... import _dtypes, amp


class autocast(amp.autocast):
    """``torch.autocast("cuda")``."""

    def __init__(
        self, enabled: bool = True, dtype=_dtypes.float16, cache_enabled: bool = True
    ) -> None:
        super().__init__("cuda", dtype, enabled, cache_enabled)


custom_fwd = functools.partial(amp.custom_fwd, device_type="cuda")
custom_bwd = functools.partial(amp.custom_bwd, device_type="cuda")
