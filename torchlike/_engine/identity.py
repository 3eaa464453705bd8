"""Names for what traces are made of that mean the same in every process.

Programs and what is known of ops are kept on disk under such names. An object that has
none (a user's function, say) makes ``describe`` raise ``Nameless``: nothing that it
takes part in is kept.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
import sys
from pathlib import Path

import jax
import numpy as np

from .. import _dtypes
from .._devices import device, jax_device
from .state import Constant, Scalar
from .target import precision_key
from .value import Aval


class Nameless(Exception):
    """An object without a name that another process could know."""


def describe(x) -> str:
    """The name of a value, an operand, a static argument or an op."""
    kind = type(x)
    if kind in _PLAIN:
        return repr(x)
    if kind is tuple or kind is list:
        if _PLAIN.issuperset(map(type, x)):
            return repr(x)
        return f"({','.join(map(describe, x))})"
    if kind in _SPECIAL:
        return _SPECIAL[kind](x)
    if isinstance(x, np.dtype):
        return f"np.{x}"
    if kind is type and x.__module__ == "builtins":
        return x.__name__
    stable_name = getattr(x, "stable_name", None)
    if stable_name is None:
        raise Nameless(repr(x))
    return stable_name()


_PLAIN = frozenset(
    (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), slice)
)
_SPECIAL = {
    Aval: repr,
    Constant: lambda c: f"constant {describe(c.value)}",
    Scalar: lambda s: f"{s.kind.__name__}#{s.index}",
    _dtypes.dtype: lambda d: f"dtype {d.name}",
    device: lambda d: f"device {d}",
}


class Single:
    """An op that is the only one of its class."""

    def stable_name(self) -> str:
        """Its name in every process."""
        return f"single {type(self).__module__}.{type(self).__qualname__}"


def digest(*parts: str) -> str:
    """A short name for several long ones."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def settings() -> str:
    """What ops read while they are traced, beside their operands."""
    return f"{_dtypes.get_default_dtype().name} {precision_key()}"


@functools.cache
def libraries() -> str:
    """The versions and settings of what compiles and runs programs."""
    versions = [jax.__version__, importlib.metadata.version("jaxlib"), np.__version__]
    environment = [os.environ.get(name, "") for name in ("XLA_FLAGS", "JAX_PLATFORMS")]
    return digest(sys.version, *versions, *environment)


@functools.cache
def here() -> str:
    """This version of torchlike with the libraries it traces with."""
    return digest(libraries(), importlib.metadata.version("optax"), *_sources())


@functools.cache
def machine(place: device) -> str:
    """The device that programs are compiled for."""
    found = jax_device(place)
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0)))) if _LINUX else ""
    return digest(found.device_kind, found.client.platform_version, _processor(), cores)


_LINUX = hasattr(os, "sched_getaffinity")


def _processor() -> str:
    """The processor and its instructions."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    lines = (line.partition(":") for line in text.split("\n\n")[0].splitlines())
    known = {name.strip(): value for name, _, value in lines}
    return known.get("model name", "") + known.get("flags", known.get("Features", ""))


def _sources() -> list[str]:
    """Each file of torchlike with its size and time."""
    found = []
    pending = [Path(__file__).parents[1]]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in ("__pycache__", "_torchvision"):
                        pending.append(Path(entry.path))
                else:
                    about = entry.stat()
                    found.append(f"{entry.path} {about.st_size} {about.st_mtime_ns}")
    return sorted(found)
