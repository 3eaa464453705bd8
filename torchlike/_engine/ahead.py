"""Programs that the same command used before, loaded while the script sets up.

A script makes its model and reads its data before its first step. Meanwhile a thread
loads from disk the programs of that command's last run, in the order of their use, so
that the first step finds them there. A command is a script as it is, with its
arguments; what it used is written when the process ends. Interactive sessions and
spawned processes have none.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from pathlib import Path

from . import host, store
from .gate import gate
from .identity import digest, libraries

_MOST = 64  # programs
_PATIENCE = 60.0  # seconds to wait for the thread; then the program is loaded anew

_begun = False
_lock = threading.Lock()
_loading: dict[str, threading.Event] = {}  # names; set when it is there
_loaded: dict[str, tuple | None] = {}
_used: dict[str, None] = {}  # the first names in order


def begin() -> None:
    """At the first operation: load what the last run used."""
    global _begun
    if _begun:
        return
    _begun = True
    path = _path()
    if path is None or host.active:
        return
    before = _read(path)
    atexit.register(_write, path, before, os.getpid())
    if before:
        threading.Thread(target=_load, args=(before,), name="programs").start()


def take(name: str) -> tuple | None:
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
    for name in names:
        if not threading.main_thread().is_alive():
            return
        with _lock:
            if name in _used:
                continue  # the script was quicker
            there = _loading[name] = threading.Event()
        try:
            with gate:
                _loaded[name] = store.load(name)
        finally:
            there.set()


def _path() -> Path | None:
    """The file for this command; None where it has none."""
    interactive = hasattr(sys, "ps1") or "IPython" in sys.modules
    spawned = "--multiprocessing-fork" in sys.orig_argv
    if interactive or spawned or not store.in_use():
        return None
    try:
        script = Path(sys.argv[0]).resolve()
        about = script.stat()
    except (OSError, IndexError):
        return None
    if script.is_dir():
        return None
    when = f"{about.st_size} {about.st_mtime_ns}"
    name = digest("command", libraries(), str(script), when, *sys.argv[1:])
    return store.path_of(name, "used")


def _read(path: Path) -> list[str]:
    try:
        return path.read_text().split()[:_MOST]
    except (OSError, ValueError):
        return []


def _write(path: Path, before: list[str], process: int) -> None:
    """For the next run; a child forked by the script writes nothing."""
    names = list(_used)
    if not names or names == before or os.getpid() != process:
        return
    try:
        store.write(path, "\n".join(names).encode())
    except OSError:
        return
