"""Programs that the same command used before, loaded while the script sets up.

A script imports more, makes its model and reads its data before its first step.
Meanwhile a thread loads from disk the programs of that command's last run, in the order
of their use, so that the first step finds them there. Small ones it also runs once, on
zeros: in its first run XLA plans each product and sum, and makes machine code for some
of them, which can take as long as ten runs. A command is a script as it is, with its
arguments; what it used is written when the process ends. Interactive sessions and
spawned processes have none.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from pathlib import Path

import jax
import numpy as np

from .. import _heap
from .._devices import CPU
from . import facts, host, launch, store
from .gate import gate
from .identity import digest, libraries, machine

_MOST = 64  # programs
_MANY = 8  # leave so much free memory on their way that it is worth giving back
_PATIENCE = 60.0  # seconds to wait for the thread; then the program is loaded anew
_SMALL = 160 << 20  # bytes: what takes more is not run for practice

_begun = False
_met = False  # whether there was an operation
_lock = threading.Lock()
_loading: dict[str, threading.Event] = {}  # names; set when it is there
_loaded: dict[str, store.Stored | None] = {}
_used: dict[str, None] = {}  # the first names in order


def begin() -> None:
    """While torchlike is imported: load what the last run used."""
    _begin(_file())


def note() -> None:
    """At the first operation: from now on note what is used, for the next run."""
    global _met
    if _met:
        return
    _met = True
    path = _file()
    if path is None or host.active:
        return
    atexit.register(_write, path, os.getpid())
    if not _begun:  # the script was not known while torchlike was imported
        _begin(path)


def _begin(path: Path | None) -> None:
    global _begun
    names = _read(path)
    if names:
        _begun = True
        threading.Thread(target=_load, args=(names,), name="programs").start()


def take(name: str) -> store.Stored | None:
    """The program of that name as ``store.load`` gives it, if it is being loaded."""
    with _lock:
        if len(_used) < _MOST:
            _used.setdefault(name)
        there = _loading.get(name)
    if there is None or not there.wait(_PATIENCE):
        return None
    return _loaded.pop(name, None)


def reset() -> None:
    """After a fork, in the child: nothing will come."""
    global _lock
    _lock = threading.Lock()
    _loading.clear()
    _loaded.clear()


def _load(names: list[str]) -> None:
    facts.calls.read()
    machine(CPU)
    for i, name in enumerate(names, 1):
        if i % _MANY == 0:
            _heap.give_back()
        if not threading.main_thread().is_alive():
            return
        with _lock:
            if name in _used:
                continue  # the script was quicker
            there = _loading[name] = threading.Event()
        try:
            with gate:
                found = _loaded[name] = store.load(name)
        finally:
            there.set()
        if found is not None and found.harmless and name not in _used:
            with gate:
                _run_on_zeros(found)
    _heap.give_back()


def _run_on_zeros(program: store.Stored) -> None:
    """The first run of a program, if it is small; it is over when this returns, as
    nothing may run while the process ends."""
    inputs = [np.zeros(a.shape, a.dtype) for a in program.call.args_info[0]]
    if program.scratch + sum(x.nbytes for x in inputs) > _SMALL:
        return
    try:
        jax.block_until_ready(program.call(*map(launch.place, inputs)))
    except Exception:  # if it is more than the zeros, the script will meet it
        return


def _file() -> Path | None:
    """The file for this command; None where it has none.

    While a module of ``python -m`` is being found, Python says "-m" for the script.
    """
    interactive = hasattr(sys, "ps1") or "IPython" in sys.modules
    spawned = "--multiprocessing-fork" in sys.orig_argv
    if interactive or spawned or not store.in_use():
        return None
    argv = sys.argv[1:] if sys.argv[:1] == ["-m"] else sys.argv
    try:
        script = Path(argv[0]).resolve()
        about = script.stat()
    except (OSError, IndexError):
        return None
    if script.is_dir():
        return None
    when = f"{about.st_size} {about.st_mtime_ns}"
    name = digest("command", libraries(), str(script), when, *argv[1:])
    return store.path_of(name, "used")


def _read(path: Path | None) -> list[str]:
    try:
        return [] if path is None else path.read_text().split()[:_MOST]
    except (OSError, ValueError):
        return []


def _write(path: Path, process: int) -> None:
    """For the next run; a child forked by the script writes nothing."""
    names = list(_used)
    if not names or names == _read(path) or os.getpid() != process:
        return
    try:
        store.write(path, "\n".join(names).encode())
    except OSError:
        return
