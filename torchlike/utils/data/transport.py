"""How messages travel between a loader and its workers.

One duplex pipe a worker. A message is a pickle whose array buffers go beside it:
short ones in the same bytes, long ones in an anonymous memory file whose descriptor
is passed along. The receiver maps that memory, so arrays arrive without a copy.
Nothing has a name in the file system: whatever way a process ends, the kernel frees
the memory with the last descriptor or mapping.
"""

from __future__ import annotations

import io
import mmap
import os
import pickle
import socket
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler

from . import _tensors

_INLINE_LIMIT = 1 << 15  # bytes; below this a copy is cheaper than a mapping
_HAS_MEMORY_FILES = hasattr(os, "memfd_create") and hasattr(socket, "send_fds")


class _Pickler(ForkingPickler):
    """Pickles tensors as their host arrays."""

    def reducer_override(self, obj):
        if isinstance(obj, _tensors.Tensor):
            reduced = _tensors.reduce_tensor(obj)
            if reduced is not None:
                return reduced
        return NotImplemented


def _dump(message) -> tuple[bytes, list[memoryview]]:
    buffers: list[pickle.PickleBuffer] = []
    file = io.BytesIO()
    _Pickler(file, pickle.HIGHEST_PROTOCOL, True, buffers.append).dump(message)
    return file.getvalue(), [b.raw() for b in buffers]


def _offsets(sizes: list[int]) -> tuple[list[int], int]:
    """Where aligned buffers of ``sizes`` bytes begin, and the bytes of them all."""
    starts, end = [], 0
    for size in sizes:
        starts.append(end)
        end += -(-size // _tensors.ALIGNMENT) * _tensors.ALIGNMENT
    return starts, end


class Channel:
    """One end of a pipe between a loader and a worker. Only the worker's end sends
    memory files; ``send`` and ``receive`` may be called from different threads."""

    def __init__(self, connection: Connection):
        self.connection = connection
        self._socket: socket.socket | None = None

    def __getstate__(self):
        return self.connection

    def __setstate__(self, connection):
        self.__init__(connection)

    def fileno(self) -> int:
        """For ``multiprocessing.connection.wait``."""
        return self.connection.fileno()

    def send(self, message) -> None:
        """Send; an error while pickling leaves the pipe as it was."""
        body, buffers = _dump(message)
        sizes = [b.nbytes for b in buffers]
        if _HAS_MEMORY_FILES and sum(sizes) > _INLINE_LIMIT:
            self._send_shared(body, buffers, sizes)
        else:
            inline = [bytes(b) for b in buffers]
            self.connection.send_bytes(pickle.dumps((body, inline)))

    def receive(self):
        """The next message; EOFError or OSError when the other end is gone."""
        body, extra = pickle.loads(self.connection.recv_bytes())
        if extra and type(extra[0]) is int:
            buffers = self._receive_shared(extra)
        else:
            buffers = [bytearray(b) for b in extra]  # arrays must be writable
        return pickle.loads(body, buffers=buffers)

    def _send_shared(self, body: bytes, buffers: list, sizes: list[int]) -> None:
        starts, total = _offsets(sizes)
        file = os.memfd_create("torchlike-batch", os.MFD_CLOEXEC)
        try:
            os.truncate(file, total)
            for start, buffer in zip(starts, buffers, strict=True):
                _write(file, buffer, start)
            self.connection.send_bytes(pickle.dumps((body, sizes)))
            socket.send_fds(self._descriptor_socket(), [b"f"], [file])
        finally:
            os.close(file)

    def _receive_shared(self, sizes: list[int]) -> list[memoryview]:
        starts, total = _offsets(sizes)
        _, files, _, _ = socket.recv_fds(self._descriptor_socket(), 1, 1)
        if not files:
            raise EOFError("the worker ended while it sent a batch")
        try:
            memory = memoryview(mmap.mmap(files[0], total))
        finally:
            os.close(files[0])
        return [memory[a : a + n] for a, n in zip(starts, sizes, strict=True)]

    def _descriptor_socket(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.socket(fileno=os.dup(self.connection.fileno()))
        return self._socket

    def close(self) -> None:
        """Close this end; the other end sees the end of the file."""
        self.connection.close()
        if self._socket is not None:
            self._socket.close()


def _write(file: int, buffer: memoryview, start: int) -> None:
    rest = buffer.cast("B") if buffer.format != "B" else buffer
    while rest.nbytes:
        written = os.pwrite(file, rest, start)
        rest, start = rest[written:], start + written
