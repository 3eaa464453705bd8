"""Compiled programs on disk, found by what was recorded.

JAX's own cache is asked for a program that has been traced and lowered already, which
takes as long as several steps of PyTorch. Here the name of a program is made of the
recorded ops, so that a process whose program was compiled before traces nothing.
Where the user has chosen a folder for JAX's cache, that one serves: XLA cannot write
again what it has read from there.
"""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import jax
from jax.experimental import serialize_executable

from .. import _config
from .form import Form
from .identity import Nameless, describe, digest, here, machine, settings

_WORTH = 0.03  # seconds of tracing and compiling; quicker programs are not kept


def name_of(form: Form) -> str | None:
    """The name of its program; None where it has none."""
    if _config.cache_folder is None or jax.config.jax_compilation_cache_dir:
        return None
    numbers = tuple(form.n_scalars.values())
    about = (form.live, form.inputs, sorted(form.donated), numbers)
    try:
        ops = [describe((s.first_out, s.op, s.static, s.args)) for s in form.steps]
        return digest(here(), machine(form.place), settings(), describe(about), *ops)
    except Nameless:
        return None


def find(name: str | None, n_inputs: int, n_outputs: int):
    """The program of that name, ready to be called; None if there is none."""
    if name is None:
        return None
    path = _path(name)
    try:
        payload = pickle.loads(path.read_bytes())
        os.utime(path)
        return serialize_executable.deserialize_and_load(
            payload, _tree(((0,) * n_inputs, {})), _tree([0] * n_outputs)
        )
    except FileNotFoundError:
        return None
    except Exception:  # written by another JAX, cut short: compile it again
        path.unlink(missing_ok=True)
        return None


def keep(name: str | None, compiled, seconds: float) -> None:
    """Write a program that took ``seconds`` to make."""
    if name is None or seconds < _WORTH:
        return
    path = _path(name)
    new = path.with_suffix(f".{os.getpid()}")
    try:
        payload, _, _ = serialize_executable.serialize(compiled)
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(pickle.dumps(payload))
        new.replace(path)
    except Exception:  # a full disk, or a program that cannot be written
        new.unlink(missing_ok=True)


def _tree(example):
    return jax.tree_util.tree_structure(example)


def _path(name: str) -> Path:
    return _config.cache_folder / f"{name}.program"
