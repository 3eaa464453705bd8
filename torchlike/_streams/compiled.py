"""Programs of XLA that draw, compiled once they have had enough to do.

Each has one shape, is tried once beside NumPy before it is used, and is left alone in
forked processes, where XLA cannot run. Whoever asks falls back on NumPy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import jax
import numpy as np

from torchlike._devices import CPU, jax_device
from torchlike._engine import host
from torchlike._engine.gate import gate

_compiling = threading.Lock()


class Compiled:
    """``function`` for arguments like ``examples``, from ``after`` numbers on.

    ``agrees(program)`` says whether its results are right on this machine.
    """

    def __init__(
        self, function: Callable, examples: tuple, after: int, agrees: Callable
    ):
        self._function, self._examples = function, examples
        self._after, self._agrees = after, agrees
        self._asked = 0
        self._wrong = False
        self._program = None

    def ready(self, count: int) -> bool:
        """Whether ``count`` numbers should be made here; compiles when that pays."""
        if self._wrong or host.active:
            return False
        self._asked += count
        if self._program is None and self._asked >= self._after:
            self.compile()
        return self._program is not None

    def __call__(self, *arguments):
        with gate:
            return self._program(*arguments)

    def compile(self) -> bool:
        """Now, if it is not yet; whether its results are right on this machine."""
        with _compiling:
            if self._program is None and not self._wrong:
                shapes = [_struct(x) for x in self._examples]
                with gate, jax.default_device(jax_device(CPU)):
                    program = jax.jit(self._function).lower(*shapes).compile()
                self._wrong = not self._agrees(program)
                self._program = None if self._wrong else program
        return not self._wrong


def _struct(example) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(np.shape(example), np.asarray(example).dtype)
