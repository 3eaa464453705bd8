"""Functions for XLA's CPU backend, in C: ``available``, where they could be built;
``wide``, where they use vectors of 512 bits.

XLA:CPU's own convolutions take two to four times as long, its products of batches and
its recurrences up to twice; of an optimizer's step it makes a kernel for each array it
writes. The functions are called from compiled programs through
XLA's foreign function interface and work on XLA's own threads. Without a C compiler, or
with ``TORCHLIKE_NATIVE=off``, the ops are put to XLA as before (``_ops/_convolve.py``,
``_ops/_recurrence.py``, ``optim/_primitives.py`` and ``_engine/products.py`` choose).
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import jax

from .. import _config

_VERSION = ("0", "3")  # of XLA's interface: that of xla_ffi.h
_HEADER = Path("xla", "ffi", "api", "c_api.h")
_VERSIONS = re.compile(r"#define XLA_FFI_API_(?:MAJOR|MINOR) (\d+)")

_WIDE = "_wide"  # for vectors of 512 bits; the other build is for those of 256

NAMES = (
    "convolution",
    "convolution_input",
    "convolution_weight",
    "product",
    "lstm",
    "lstm_backward",
    "kept",
    "sgd",
    "adam",
)


def target(name: str) -> str:
    """Under which name XLA knows a function."""
    return f"torchlike_{name}"


def speaks_our_version(folder: str) -> bool:
    """Whether the headers of jaxlib tell of the version these were written for.

    With another, XLA may refuse to start its CPU backend at all.
    """
    try:
        text = Path(folder, _HEADER).read_text(encoding="utf-8")
    except OSError:
        return False
    return tuple(_VERSIONS.findall(text)) == _VERSION


def _register() -> str | None:
    """Tell XLA of the functions; the name of the build."""
    if not (_config.native and speaks_our_version(jax.ffi.include_dir())):
        return None
    for built in (_WIDE, "_cpu"):
        try:
            module = import_module(f"{__name__}.{built}")
            functions = {target(name): getattr(module, name) for name in NAMES}
        except (ImportError, AttributeError):  # not built, not for here, or old
            continue
        for name, function in functions.items():
            jax.ffi.register_ffi_target(name, function, "cpu")
        return built
    return None


_built = _register()
available: bool = _built is not None
wide: bool = _built == _WIDE
