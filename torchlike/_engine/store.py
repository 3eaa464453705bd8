"""Compiled programs on disk, found by what was recorded.

JAX's own cache is asked for a program that has been traced and lowered already, which
takes as long as several steps of PyTorch. Here the name of a program is made of the
recorded ops, so that a process whose program was compiled before traces nothing. What
that name leads to is the program's second name, made of its text: after an update of
torchlike, or for other ops that come to the same, it is traced again but not compiled.
Where the user has chosen a folder for JAX's cache, that one serves: XLA cannot write
again what it has read from there.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import pickle
import re
from pathlib import Path

import jax
import jax.numpy as jnp
from jax.experimental import serialize_executable

from .. import _config, _kernels
from .._devices import CPU, jax_device
from . import trim
from .form import Form
from .identity import Nameless, describe, digest, here, libraries, machine, settings

_CALL = re.compile(r"custom_call\s*@(\w+)")
_LAPACK = "lapack-"
_LAYOUT = "2"  # of the files: raised when it changes, or what is left out of programs
# A loop that counts to a number: lax.scan, lax.fori_loop.
_COUNTED = re.compile(
    r"cond \{\s*"
    r"(?:%\w+ = stablehlo\.constant [^\n]*\s*)+"
    r"(%\w+) = stablehlo\.compare +LT, %iterArg\w*, %c\w*, [^\n]*\s*"
    r"stablehlo\.return \1 "
)


@dataclasses.dataclass(frozen=True)
class Stored:
    """A program from disk: what calls it, the bytes of scratch memory it needs, and
    whether it ends and changes nothing, whatever its arguments are."""

    call: jax.stages.Compiled
    scratch: int
    harmless: bool


def in_use() -> bool:
    """Whether programs are kept here."""
    return _config.cache_folder is not None and not jax.config.jax_compilation_cache_dir


def name_of(form: Form) -> str | None:
    """The name of its program; None where it has none."""
    if not in_use():
        return None
    numbers = tuple(form.n_scalars.values())
    about = (form.live, form.inputs, form.taken, form.donated(), numbers)
    try:
        names = {op: describe(op) for op in {s.op for s in form.steps}}
        ops = [
            f"{s.first_out} {names[s.op]} {describe(s.static)} {describe(s.args)}"
            for s in form.steps
        ]
        return digest(here(), machine(form.place), settings(), describe(about), *ops)
    except Nameless:
        return None


def find(name: str | None) -> str | None:
    """The second name of the program of that first name; None if there is none."""
    if name is None:
        return None
    try:
        path = path_of(name, "name")
        second = path.read_text()
        os.utime(path)
        return second
    except (OSError, ValueError):
        return None


def text_name(text: str, name: str | None, place) -> str | None:
    """The second name of a program that has a first one, made of its text.

    None for one that calls back into this process. The name tells whether it calls
    LAPACK's functions.
    """
    if name is None:
        return None
    calls = _CALL.findall(text)
    if any("callback" in call for call in calls):
        return None
    mark = _LAPACK if any(call.startswith("lapack_") for call in calls) else ""
    return mark + digest(_LAYOUT, libraries(), machine(place), text)


@functools.cache
def _prepare_lapack() -> None:
    """JAX looks up LAPACK's functions when it first lowers an operation with them."""
    one = jax.ShapeDtypeStruct((1, 1), jnp.float32)
    with jax.default_device(jax_device(CPU)):
        jax.jit(jnp.linalg.cholesky).lower(one)


def load(second: str) -> Stored | None:
    """The program of that second name; None if there is none."""
    path = path_of(second, "program")
    try:
        payload, arguments, results, *about = pickle.loads(path.read_bytes())
        os.utime(path)
        if second.startswith(_LAPACK):
            _prepare_lapack()
        call = serialize_executable.deserialize_and_load(
            payload, _tree(((0,) * arguments, {})), _tree([0] * results)
        )
        return Stored(call, *about)
    except FileNotFoundError:
        return None
    except Exception:  # written by another JAX, cut short: compile it again
        path.unlink(missing_ok=True)
        return None


def keep(name, second: str | None, form: Form, text: str, compiled, scratch) -> None:
    """Write a program under both names."""
    if second is None:
        return
    try:
        payload, _, _ = serialize_executable.serialize(compiled)
        if form.place.type == "cpu":
            payload = trim.trimmed(payload)
        sizes = len(form.structs()), len(form.live)
        harmless = form.place.type == "cpu" and _is_harmless(text)
        about = payload, *sizes, scratch, harmless
        write(path_of(second, "program"), pickle.dumps(about))
        keep_name(name, second)
    except Exception:  # a full disk, or a program that cannot be written
        return


def _is_harmless(text: str) -> bool:
    """Whether all loops of a program are counted, and no functions called but ours."""
    ours = _kernels.target("")
    return text.count("stablehlo.while") == len(_COUNTED.findall(text)) and all(
        call.startswith(ours) for call in _CALL.findall(text)
    )


def keep_name(name: str, second: str) -> None:
    """Write what the first name leads to."""
    try:
        write(path_of(name, "name"), second.encode())
    except OSError:
        return


def write(path: Path, data: bytes) -> None:
    """All of it or nothing: other processes may be reading."""
    new = path.with_suffix(f".{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _tree(example):
    return jax.tree_util.tree_structure(example)


def path_of(name: str, kind: str) -> Path:
    """The file of that name and kind."""
    return _config.cache_folder / f"{name}.{kind}"
