"""Put a new file or directory at a path so that a kill leaves the old or the new.

The new one is built inside a hidden directory beside the path and moved over it in
one step: a plain rename where the system allows that, else an exchange of the two
(Linux ``renameat2``, macOS ``renamex_np``). Where neither works, the old one is
first moved into the hidden directory; ``recover`` finishes such a save if it was cut
off between the two moves. A lock, freed by the system when a process dies, tells
left-overs of killed saves from saves in progress.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import hashlib
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator

try:
    import fcntl
except ImportError:  # Windows: left-overs are kept, never guessed at
    fcntl = None

_OCCUPIED = {errno.ENOTEMPTY, errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.EACCES}
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # the same number is macOS's RENAME_SWAP


@contextlib.contextmanager
def staged(path: str) -> Iterator[str]:
    """Give the name to build at; on leaving, what was built there is at ``path``.

    An exception leaves ``path`` as it was.
    """
    path = os.path.realpath(path)
    recover(path)
    _sweep(path)
    with _workplace(path) as room:
        new = os.path.join(room, "new")
        yield new
        _sync(new)
        _install(new, path, os.path.join(room, "old"))
        _sync_one(os.path.dirname(path))


def recover(path: str) -> None:
    """Finish a save that was cut off while ``path`` was away; else do nothing."""
    path = os.path.realpath(path)
    for _ in range(100):
        if os.path.lexists(path):
            return
        rooms = [r for r in _rooms(path) if os.path.lexists(os.path.join(r, "old"))]
        if not rooms:
            return
        if not any(_finish(room, path) for room in rooms):
            time.sleep(0.01)  # seconds; a live save is between its two moves


def _finish(room: str, path: str) -> bool:
    with _locked(room) as mine:
        if mine and not os.path.lexists(path):
            with contextlib.suppress(FileNotFoundError):
                # "old" is moved here only once "new" is complete.
                os.rename(os.path.join(room, "new"), path)
        return mine


# ----- the hidden directory -----


def _prefix(path: str) -> str:
    name = os.path.basename(path)
    if len(os.fsencode(name)) > 200:  # a name has 255 bytes at most
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return f".{name}.saving-"


def _rooms(path: str) -> list[str]:
    parent, prefix = os.path.dirname(path), re.escape(_prefix(path))
    try:
        names = os.listdir(parent)
    except OSError:
        return []
    ours = re.compile(prefix + "[0-9a-f]{12}")
    return [os.path.join(parent, n) for n in names if ours.fullmatch(n)]


def _sweep(path: str) -> None:
    """Remove what killed saves to ``path`` left behind."""
    for room in _rooms(path):
        with _locked(room) as mine:
            if mine:
                shutil.rmtree(room, ignore_errors=True)


@contextlib.contextmanager
def _workplace(path: str) -> Iterator[str]:
    while True:
        room = os.path.join(os.path.dirname(path), _prefix(path) + secrets.token_hex(6))
        os.mkdir(room)
        with _locked(room) as mine:
            # Another save may have swept the room before it was locked.
            if not os.path.isdir(room) or not (mine or fcntl is None):
                continue
            try:
                yield room
            finally:
                shutil.rmtree(room, ignore_errors=True)
            return


@contextlib.contextmanager
def _locked(room: str) -> Iterator[bool]:
    if fcntl is None:
        yield False
        return
    try:
        handle = os.open(room, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = True
        except OSError:
            mine = False
        yield mine
    finally:
        os.close(handle)


# ----- moving -----


def _install(new: str, path: str, old: str) -> None:
    try:
        # Nothing there, a file over a file, a directory over an empty one.
        os.replace(new, path)
        return
    except OSError as error:
        if error.errno not in _OCCUPIED:
            raise
    if _exchange(new, path):
        return
    os.rename(path, old)
    os.rename(new, path)


def _exchange(a: str, b: str) -> bool:
    """Swap two paths in one step; False where the system or file system cannot."""
    swap = _exchange_call()
    return swap is not None and swap(os.fsencode(a), os.fsencode(b)) == 0


@functools.cache
def _exchange_call():
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            call = libc.renamex_np
            return lambda a, b: call(a, b, _RENAME_EXCHANGE)
        call = libc.renameat2
        return lambda a, b: call(_AT_FDCWD, a, _AT_FDCWD, b, _RENAME_EXCHANGE)
    except (OSError, AttributeError, TypeError):
        return None


def _sync(path: str) -> None:
    """Have the system write a file or tree out before its name becomes visible."""
    for folder, _, files in os.walk(path):
        for name in files:
            _sync_one(os.path.join(folder, name))
        _sync_one(folder)
    if os.path.isfile(path):
        _sync_one(path)


def _sync_one(path: str) -> None:
    with contextlib.suppress(OSError):  # not every system syncs directories
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
