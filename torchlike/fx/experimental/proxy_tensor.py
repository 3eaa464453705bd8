"""``torch.fx.experimental.proxy_tensor``: tracing by dispatch, which is never on."""

from __future__ import annotations

from ... import _gaps


def get_proxy_mode() -> None:
    """Nothing is traced so."""
    return None


def is_tracing() -> bool:
    """Never."""
    return False


def make_fx(f, *args, **options):
    """Not there."""
    raise NotImplementedError("make_fx (docs/differences.md); torch.fx.symbolic_trace")


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.fx.experimental.proxy_tensor")
