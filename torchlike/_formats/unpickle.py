"""A pickle machine that cannot run code: data opcodes and an allow-list of names.

PyTorch's checkpoints are pickles, and an ordinary unpickler calls whatever a file
names. This one knows the opcodes of protocol 2 that carry data, looks names up in a
table, and calls nothing that is not in it. Texts of refusals are PyTorch's.
"""

from __future__ import annotations

import collections
import pickle
import struct
import warnings
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

_BLOCKED_MODULES = ("sys", "os", "posix", "nt")
_OLD_MODULES = {"__builtin__": "builtins"}  # Python 2's names, used by protocol 2
_DICTS = (dict, collections.OrderedDict, collections.Counter)
_DAMAGE = (IndexError, KeyError, TypeError, AttributeError, ValueError, struct.error)


def refused_global(path: str) -> str:
    """PyTorch's text for a name that is not on the allow-list."""
    path = path.removeprefix("builtins.")
    return (
        f"Unsupported global: GLOBAL {path} was not an allowed global by default. "
        f"Please use `torch.serialization.add_safe_globals([{path}])` or the "
        f"`torch.serialization.safe_globals([{path}])` context manager to allowlist "
        "this global if you trust this class/function."
    )


class Passing(Exception):
    """Carries an exception of the user's own function out of an unpickler."""

    def __init__(self, error: Exception):
        super().__init__(str(error))
        self.error = error


class SafeUnpickler:
    """Reads one pickle from ``file``; ``load`` gives its object.

    ``allowed`` maps full names to what stands for them; callables in it may be
    called. ``trusted`` are names the user vouches for. ``persistent_load`` gets the
    identifiers of storages.
    """

    def __init__(
        self,
        file: BinaryIO,
        allowed: Mapping[str, Any],
        trusted: Mapping[str, Any],
        persistent_load: Callable[[Any], Any],
        encoding: str = "utf-8",
    ):
        self.file = file
        self.names = {**trusted, **allowed}
        self.callable_ids = {id(v) for v in self.names.values() if callable(v)}
        self.trusted_types = tuple(v for v in trusted.values() if isinstance(v, type))
        self.persistent_load = persistent_load
        self.encoding = encoding
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def load(self) -> Any:
        try:
            return self._run()
        except _DAMAGE as error:
            raise pickle.UnpicklingError(
                f"the pickle is damaged ({type(error).__name__}: {error})"
            ) from error

    def _run(self) -> Any:
        while True:
            code = self._read(1)
            if code == pickle.STOP:
                return self.stack.pop()
            action = self.actions.get(code)
            if action is None:
                raise pickle.UnpicklingError(f"Unsupported operand {code[0]}")
            action(self)

    # ----- reading arguments -----

    def _read(self, count: int) -> bytes:
        data = self.file.read(count)
        if len(data) < count:
            raise EOFError("Ran out of input")
        return data

    def _unpack(self, form: str) -> Any:
        return struct.unpack(form, self._read(struct.calcsize(form)))[0]

    def _line(self) -> str:
        line = self.file.readline()
        if not line.endswith(b"\n"):
            raise EOFError("Ran out of input")
        return line[:-1].decode()

    def _since_mark(self) -> list[Any]:
        items = self.stack
        self.stack = self.marks.pop()
        return items

    # ----- names and calls -----

    def _global(self) -> None:
        module, name = self._line(), self._line()
        module = _OLD_MODULES.get(module, module)
        path = f"{module}.{name}"
        if module in _BLOCKED_MODULES:
            raise pickle.UnpicklingError(
                f"Trying to load unsupported GLOBAL {path} whose module {module} is "
                "blocked."
            )
        if path not in self.names:
            raise pickle.UnpicklingError(refused_global(path))
        self.stack.append(self.names[path])

    def _reduce(self) -> None:
        arguments = self.stack.pop()
        function = self.stack[-1]
        if id(function) not in self.callable_ids:
            raise pickle.UnpicklingError(
                f"Trying to call reduce for unrecognized function {function!r}"
            )
        self.stack[-1] = self._call(function, arguments)

    def _newobj(self) -> None:
        arguments = self.stack.pop()
        cls = self.stack[-1]
        if not isinstance(cls, type) or id(cls) not in self.callable_ids:
            raise pickle.UnpicklingError(
                "Can only create new object for nn.Parameter or classes allowlisted "
                f"via `add_safe_globals` but got {cls!r}"
            )
        self.stack[-1] = self._call(cls.__new__, (cls, *arguments))

    def _call(self, function: Callable, arguments: tuple) -> Any:
        if type(arguments) is not tuple:
            raise pickle.UnpicklingError("arguments of a call must be a tuple")
        return function(*arguments)

    def _build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if type(target) is collections.OrderedDict:
            target.__dict__.update(state)
        elif type(target) in self.trusted_types:
            _set_state(target, state)
        else:
            raise pickle.UnpicklingError(
                "Can only build Tensor, Parameter, OrderedDict or types allowlisted "
                f"via `add_safe_globals`, but got {type(target)}"
            )

    def _storage(self) -> None:
        identifier = self.stack.pop()
        if type(identifier) is not tuple or identifier[:1] not in (
            ("storage",),
            (b"storage",),
        ):
            raise pickle.UnpicklingError(
                "Only persistent_load of storage is allowed, but got "
                f"{type(identifier)}"
            )
        self.stack.append(self.persistent_load(identifier))

    # ----- containers -----

    def _mark(self) -> None:
        self.marks.append(self.stack)
        self.stack = []

    def _tuple(self) -> None:
        items = tuple(self._since_mark())
        self.stack.append(items)

    def _short_tuple(self, count: int) -> None:
        if len(self.stack) < count:
            raise IndexError("tuple of too few items")
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def _extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not list:
            raise pickle.UnpicklingError(
                f"Can only append to lists, but got {type(target)}"
            )
        target.extend(items)

    def _set_items(self, items: list[Any], name: str) -> None:
        target = self.stack[-1]
        if type(target) not in _DICTS:
            raise pickle.UnpicklingError(
                f"Can only {name} for dict, collections.OrderedDict, "
                f"collections.Counter, but got {type(target)}"
            )
        for i in range(0, len(items), 2):
            target[items[i]] = items[i + 1]

    def _set_item(self) -> None:
        pair = [self.stack.pop(), self.stack.pop()][::-1]
        self._set_items(pair, "SETITEM")

    # ----- plain values -----

    def _old_text(self) -> None:
        data = self._read(self._unpack("B"))
        plain = self.encoding == "bytes"
        self.stack.append(data if plain else data.decode(self.encoding))

    def _text(self) -> None:
        data = self._read(self._unpack("<I"))
        self.stack.append(data.decode("utf-8", "surrogatepass"))

    def _long(self) -> None:
        self.stack.append(pickle.decode_long(self._read(self._unpack("B"))))

    def _protocol(self) -> None:
        protocol = self._unpack("B")
        if protocol != 2:
            warnings.warn(
                f"Detected pickle protocol {protocol} in the checkpoint, which was not "
                "the default pickle protocol used by `torch.load` (2). The "
                "weights_only Unpickler might not support all instructions implemented "
                "by this protocol.",
                stacklevel=2,
            )

    def _push(self, value: Any) -> None:
        self.stack.append(value)

    def _remember(self, place: int) -> None:
        self.memo[place] = self.stack[-1]

    # ----- what each opcode does -----

    actions: dict[bytes, Callable[[Any], Any]] = {
        pickle.PROTO: _protocol,
        pickle.GLOBAL: _global,
        pickle.REDUCE: _reduce,
        pickle.NEWOBJ: _newobj,
        pickle.BUILD: _build,
        pickle.BINPERSID: _storage,
        pickle.MARK: _mark,
        pickle.TUPLE: _tuple,
        pickle.TUPLE1: lambda m: m._short_tuple(1),
        pickle.TUPLE2: lambda m: m._short_tuple(2),
        pickle.TUPLE3: lambda m: m._short_tuple(3),
        pickle.EMPTY_TUPLE: lambda m: m._push(()),
        pickle.EMPTY_LIST: lambda m: m._push([]),
        pickle.EMPTY_DICT: lambda m: m._push({}),
        pickle.EMPTY_SET: lambda m: m._push(set()),
        pickle.APPEND: lambda m: m._extend([m.stack.pop()]),
        pickle.APPENDS: lambda m: m._extend(m._since_mark()),
        pickle.SETITEM: _set_item,
        pickle.SETITEMS: lambda m: m._set_items(m._since_mark(), "SETITEMS"),
        pickle.NONE: lambda m: m._push(None),
        pickle.NEWTRUE: lambda m: m._push(True),
        pickle.NEWFALSE: lambda m: m._push(False),
        pickle.BININT: lambda m: m._push(m._unpack("<i")),
        pickle.BININT1: lambda m: m._push(m._unpack("B")),
        pickle.BININT2: lambda m: m._push(m._unpack("<H")),
        pickle.BINFLOAT: lambda m: m._push(m._unpack(">d")),
        pickle.LONG1: _long,
        pickle.BINUNICODE: _text,
        pickle.SHORT_BINSTRING: _old_text,
        pickle.BINGET: lambda m: m._push(m.memo[m._unpack("B")]),
        pickle.LONG_BINGET: lambda m: m._push(m.memo[m._unpack("<I")]),
        pickle.BINPUT: lambda m: m._remember(m._unpack("B")),
        pickle.LONG_BINPUT: lambda m: m._remember(m._unpack("<I")),
    }


def _set_state(target: Any, state: Any) -> None:
    """What unpickling does for an object of a class the user vouches for."""
    if hasattr(target, "__setstate__"):
        target.__setstate__(state)
        return
    slots = None
    if isinstance(state, tuple) and len(state) == 2:
        state, slots = state
    if state:
        target.__dict__.update(state)
    for name, value in (slots or {}).items():
        setattr(target, name, value)
