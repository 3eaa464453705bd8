"""Whether operations are recorded on the autograd graph, per thread."""

from __future__ import annotations

import functools
import threading

from .._engine.record import here


class _Mode(threading.local):
    inference = False
    _node_hook = None

    def __init__(self):
        self.enabled = True  # C looks for these among the thread's own
        self._levels: tuple = ()

    @property
    def levels(self) -> tuple:
        """Those of vmap, grad and jvp (see ``levels``)."""
        return self._levels

    @levels.setter
    def levels(self, levels: tuple) -> None:
        self._levels = levels
        self._allow_short_way()

    @property
    def node_hook(self):
        """Sees every node made and may replace it (see ``saved``)."""
        return self._node_hook

    @node_hook.setter
    def node_hook(self, hook) -> None:
        self._node_hook = hook
        self._allow_short_way()

    def _allow_short_way(self) -> None:
        here.allow_short_way(not self._levels and self._node_hook is None)


mode = _Mode()


def is_grad_enabled() -> bool:
    """Whether new operations join the graph."""
    return mode.enabled


def is_inference_mode_enabled() -> bool:
    """Whether ``inference_mode`` is active."""
    return mode.inference


class _Switch:
    """A context manager and decorator that sets the grad mode and restores it."""

    _enabled = True
    _inference: bool | None = None

    def __init__(self):
        self._saved: list[tuple[bool, bool]] = []

    def __enter__(self):
        self._saved.append((mode.enabled, mode.inference))
        mode.enabled = self._enabled
        if self._inference is not None:
            mode.inference = self._inference
        return None

    def __exit__(self, *exc):
        mode.enabled, mode.inference = self._saved.pop()

    def clone(self):
        return type(self)()

    def __call__(self, function):
        if isinstance(function, type):
            raise RuntimeError(
                "Decorating classes is not supported; decorate their methods instead"
            )
        if _is_generator(function):
            return _wrap_generator(self.clone, function)

        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            with self.clone():
                return function(*args, **kwargs)

        return wrapper


def _is_generator(function) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & 0x20)


def _wrap_generator(context, function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        generator = function(*args, **kwargs)
        send, argument = generator.send, None
        while True:
            with context():
                try:
                    item = send(argument)
                except StopIteration as stop:
                    return stop.value
            try:
                send, argument = generator.send, (yield item)
            except GeneratorExit:
                with context():
                    generator.close()
                raise
            except BaseException as error:
                send, argument = generator.throw, error

    return wrapper


class _NoParens(_Switch):
    """Also usable as ``@no_grad`` without parentheses."""

    def __new__(cls, function=None):
        if function is None:
            return super().__new__(cls)
        return cls()(function)

    def __init__(self, function=None):
        super().__init__()


class no_grad(_NoParens):
    """Operations inside do not join the autograd graph."""

    _enabled = False


class enable_grad(_NoParens):
    """Operations inside join the autograd graph again."""

    _enabled = True


class inference_mode(_Switch):
    """``no_grad`` whose results can never join a graph."""

    _enabled = False
    _inference = True

    def __new__(cls, mode=True):
        if callable(mode):
            return cls()(mode)
        return super().__new__(cls)

    def __init__(self, mode: bool = True):
        super().__init__()
        self.mode = mode
        self._enabled = not mode
        self._inference = bool(mode)

    def clone(self):
        return inference_mode(self.mode)


class set_grad_enabled(_Switch):
    """Set the mode at once; as a context manager, restore it at the end."""

    def __init__(self, mode: bool):
        super().__init__()
        self.mode = self._enabled = bool(mode)
        self._previous = _current().enabled
        _current().enabled = self.mode

    def __enter__(self):
        self._saved.append((self._previous, mode.inference))
        mode.enabled = self.mode

    def __call__(self, function):
        mode.enabled = self._previous
        return super().__call__(function)

    def clone(self):
        copy = set_grad_enabled.__new__(set_grad_enabled)
        _Switch.__init__(copy)
        copy.mode = copy._enabled = self.mode
        copy._previous = mode.enabled
        return copy

    def __str__(self):
        return f"{type(self).__name__}(mode={self.mode})"


def _current() -> _Mode:
    return mode
