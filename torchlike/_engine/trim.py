"""What XLA needs of a compiled program to run it on a CPU.

A serialized executable has the machine code, the sequence of calls into it ("thunks"),
the buffers, and the HLO module it was compiled from. The code of a step is 30 KB where
its module is 300 KB. Loading parses the module twice and writes it again, which is
most of the time loading takes, and of the memory a loaded program holds. But to run,
XLA asks the module for little: shapes of parameters and results, the buffer that each
result is in, constants, and the operations that YNNPACK builds anew (reductions, some
products). So a module of these alone is put in its place. What results and operands
are computed by is stood in for by custom calls without operands, which nothing calls.

All of this is XLA's own matter and differs between versions, and where XLA meets what
it does not expect it may end the process. So only programs of versions that were tried
are made smaller.
"""

from __future__ import annotations

import pickletools

import jaxlib

from . import wire

TRIED = frozenset({"0.10.2"})  # versions of jaxlib


class _Unknown(Exception):
    """The program holds what this module does not know."""


class _Serialized:  # numbers of fields
    EXECUTABLE = 1


class _Compiled:
    MODULE, BUFFERS, THUNKS = 1, 2, 6


class _Configured:
    MODULE = 1


class _Thunks:
    THUNK = 1
    YNNPACK = 21  # of a thunk
    INSTRUCTION = 2  # of that


class _Module:
    COMPUTATIONS, ENTRY, SCHEDULE, STACK_FRAMES = 3, 6, 7, 17


class _Computation:
    NAME, INSTRUCTIONS, SHAPE, ID, ROOT, FUSION, THREAD = 1, 2, 4, 5, 6, 7, 8
    RESULT = 2  # of the shape


class _Field:  # of an instruction
    NAME, OPCODE, SHAPE, METADATA = 1, 2, 3, 7
    PARAMETER, INDEX, TARGET = 9, 13, 28
    ID, OPERANDS, PREDECESSORS, CALLED, CONFIG = 35, 36, 37, 38, 43


class _Buffers:
    VALUES, ALLOCATIONS = 1, 3


class _Value:
    ID, WHERE = 1, 3
    INDEX, INSTRUCTION = 3, 4  # of where


class _Allocation:
    ASSIGNED = 9
    VALUE = 1  # of an assigned one


_TUPLE_SHAPES = 4  # of a shape
_YNNPACK = b"__ynn_fusion"
_YNNPACK_CALL = wire.message([wire.field(1, b"ynn-fusion")])
_LOCAL = 32  # bits of an instruction's id; above them is its computation's


def trimmed(payload: bytes) -> bytes:
    """What ``serialize_executable.serialize`` gives for a program of the CPU, with the
    least that can be loaded again; as it is where that is not known."""
    if jaxlib.__version__ not in TRIED:
        return payload
    try:
        return _with_executable(payload, _trimmed)
    except (_Unknown, ValueError, LookupError):
        return payload


def _with_executable(payload: bytes, change) -> bytes:
    """The pickle with another executable in it (and without frames, which are there
    for reading it in pieces)."""
    ops = list(pickletools.genops(payload))
    ends = [position for _, _, position in ops[1:]] + [len(payload)]
    out, before = bytearray(), None
    for (op, argument, begin), end in zip(ops, ends, strict=True):
        if before == "exec" and isinstance(argument, bytes):
            out += _pickled(change(argument))
        elif op.name != "FRAME":
            out += payload[begin:end]
        if op.name not in ("MEMOIZE", "BINPUT", "LONG_BINPUT"):
            before = argument
    return bytes(out)


def _pickled(data: bytes) -> bytes:
    """Bytes as a pickle has them."""
    return b"B" + len(data).to_bytes(4, "little") + data


def _trimmed(executable: bytes) -> bytes:
    size, at = wire.varint(executable, 0)  # of a description by IFRT
    about = executable[: at + size]
    serialized = wire.fields(executable[at + size :])
    compiled = wire.fields(wire.first(serialized, _Serialized.EXECUTABLE))
    configured = wire.fields(wire.first(compiled, _Compiled.MODULE))
    module = _Whole(
        wire.fields(wire.first(configured, _Configured.MODULE)),
        wire.fields(wire.first(compiled, _Compiled.BUFFERS)),
    )
    least = _Least(module)
    configured = wire.replaced(configured, _Configured.MODULE, least.module())
    compiled = wire.replaced(compiled, _Compiled.MODULE, wire.message(configured))
    compiled = wire.replaced(compiled, _Compiled.BUFFERS, least.buffers())
    thunks = least.thunks(wire.first(compiled, _Compiled.THUNKS))
    compiled = wire.replaced(compiled, _Compiled.THUNKS, thunks)
    executable = wire.message(compiled)
    return about + wire.message(
        wire.replaced(serialized, _Serialized.EXECUTABLE, executable)
    )


class _Instruction:
    def __init__(self, data: bytes, computation: int):
        self.fields = wire.fields(data)
        self.computation = computation
        self.id: int = wire.first(self.fields, _Field.ID)
        self.opcode = wire.first(self.fields, _Field.OPCODE).decode()
        self.shape: bytes = wire.first(self.fields, _Field.SHAPE)
        self.operands = wire.numbers(self.fields, _Field.OPERANDS)
        self.called = wire.numbers(self.fields, _Field.CALLED)

    def built_anew(self) -> bool:
        """Whether loading builds the operation of the module."""
        return _YNNPACK in wire.first(self.fields, _Field.CONFIG, b"")


class _Whole:
    """A module as it was compiled, and its buffers."""

    def __init__(self, fields: list[wire.Field], buffers: list[wire.Field]):
        self.fields = fields
        self.entry: int = wire.first(fields, _Module.ENTRY)
        self.computations: dict[int, list[wire.Field]] = {}
        self.instructions: dict[int, _Instruction] = {}
        self.within: dict[int, list[_Instruction]] = {}  # of each computation
        self.callers: dict[int, _Instruction] = {}
        for data in wire.every(fields, _Module.COMPUTATIONS):
            computation = wire.fields(data)
            number = wire.first(computation, _Computation.ID)
            self.computations[number] = computation
            if wire.first(computation, _Computation.FUSION, 0):
                continue  # has no buffers
            self.within[number] = []
            for text in wire.every(computation, _Computation.INSTRUCTIONS):
                one = _Instruction(text, number)
                self.instructions[one.id] = one
                self.within[number].append(one)
                if one.opcode == "call":
                    self.callers[one.called[0]] = one
        self.allocations = [
            wire.fields(data) for data in wire.every(buffers, _Buffers.ALLOCATIONS)
        ]
        self.values: dict[tuple, list[wire.Field]] = {}
        for data in wire.every(buffers, _Buffers.VALUES):
            value = wire.fields(data)
            where = wire.fields(wire.first(value, _Value.WHERE))
            index = tuple(wire.numbers(where, _Value.INDEX))
            self.values[wire.first(where, _Value.INSTRUCTION), index] = value

    def root(self, computation: int) -> _Instruction:
        """What it computes."""
        number = wire.first(self.computations[computation], _Computation.ROOT)
        return self.instructions[number]

    def likeness(self, one: _Instruction) -> tuple:
        """What is equal for instructions that do the same."""
        shapes = tuple(self.instructions[i].shape for i in one.operands)
        return shapes, _anonymous(one.fields, {}), *map(self._inside, one.called)

    def _inside(self, computation: int) -> tuple:
        """A computation without names and numbers that are its own."""
        parts = self.computations[computation]
        inside = list(map(wire.fields, wire.every(parts, _Computation.INSTRUCTIONS)))
        places = {wire.first(f, _Field.ID): place for place, f in enumerate(inside)}
        called = [wire.numbers(f, _Field.CALLED) for f in inside]
        return (
            places[wire.first(parts, _Computation.ROOT)],
            tuple(_anonymous(f, places) for f in inside),
            tuple(self._inside(c) for numbers in called for c in numbers),
        )

    def origin(self, one: _Instruction, index: tuple[int, ...] = ()) -> tuple:
        """The instruction and index that define what is there in a result."""
        if (one.id, index) in self.values:
            return one.id, index
        operands = [self.instructions[i] for i in one.operands]
        match one.opcode:
            case "bitcast" | "opt-barrier" | "while":
                return self.origin(operands[0], index)
            case "get-tuple-element":
                inner = wire.first(one.fields, _Field.INDEX, 0)
                return self.origin(operands[0], (inner, *index))
            case "tuple":
                return self.origin(operands[index[0]], index[1:])
            case "call":
                return self.origin(self.root(one.called[0]), index)
            case "parameter" if one.computation in self.callers:
                caller = self.callers[one.computation]
                number = wire.first(one.fields, _Field.PARAMETER, 0)
                return self.origin(self.instructions[caller.operands[number]], index)
        raise _Unknown(one.opcode)


class _Least:
    """The module and buffers that are left of it."""

    def __init__(self, whole: _Whole):
        self.whole = whole
        self._next = 1 + max(i & ((1 << _LOCAL) - 1) for i in whole.instructions)
        self._next_value = 1 + max(_id(value) for value in whole.values.values())
        self._values: list[list[wire.Field]] = []
        self._kept: set[int] = set()  # ids of values
        self._copies: dict[int, list[int]] = {}  # further ids of what has that one
        self._fused: set[int] = set()  # computations
        self._same: dict[int, int] = {}  # instructions that are built once
        self._entry = list(self._parameters())
        self._entry += self._constants()
        self._entry += self._built_anew(whole.entry)
        self._others = self._other_computations()
        self._root()

    def module(self) -> bytes:
        """It as a message."""
        whole = self.whole
        parts = wire.without(
            whole.fields,
            _Module.COMPUTATIONS,
            _Module.SCHEDULE,
            _Module.STACK_FRAMES,
        )
        for number, computation in whole.computations.items():
            if number in self._fused:
                parts.append(wire.field(_Module.COMPUTATIONS, _plain(computation)))
        parts += [wire.field(_Module.COMPUTATIONS, data) for data in self._others]
        entry = wire.without(
            whole.computations[whole.entry],
            _Computation.INSTRUCTIONS,
            _Computation.ROOT,
        )
        entry.append(wire.field(_Computation.ROOT, self._entry_root))
        entry += [wire.field(_Computation.INSTRUCTIONS, data) for data in self._entry]
        return wire.message(
            [*parts, wire.field(_Module.COMPUTATIONS, wire.message(entry))]
        )

    def buffers(self) -> bytes:
        """Its buffers as a message; those inside it stay, without what is in them."""
        parts = [
            wire.field(_Buffers.VALUES, wire.message(value)) for value in self._values
        ]
        for allocation in self.whole.allocations:
            kept = []
            for number, kind, value in allocation:
                if number != _Allocation.ASSIGNED:
                    kept.append((number, kind, value))
                    continue
                assigned = wire.fields(value)
                name = wire.first(assigned, _Allocation.VALUE, 0)
                if name in self._kept:
                    kept.append((number, kind, value))
                for copy in self._copies.get(name, ()):
                    changed = wire.replaced(assigned, _Allocation.VALUE, copy)
                    kept.append(wire.field(number, wire.message(changed)))
            parts.append(wire.field(_Buffers.ALLOCATIONS, wire.message(kept)))
        return wire.message(parts)

    def thunks(self, thunks: bytes) -> bytes:
        """The calls; of those that do the same each asks for the first one's
        operation."""
        if thunks.count(_YNNPACK_CALL) != len(self._same):
            raise _Unknown("an operation that is built anew")
        parts = []
        for number, kind, value in wire.fields(thunks):
            if number == _Thunks.THUNK:
                thunk = wire.fields(value)
                about = wire.first(thunk, _Thunks.YNNPACK, None)
                if about is not None:
                    about = wire.fields(about)
                    one = self._same[wire.first(about, _Thunks.INSTRUCTION)]
                    about = wire.replaced(about, _Thunks.INSTRUCTION, one)
                    about = wire.message(about)
                    value = wire.message(wire.replaced(thunk, _Thunks.YNNPACK, about))
            parts.append((number, kind, value))
        return wire.message(parts)

    def _new_id(self, computation: int) -> int:
        self._next += 1
        return computation << _LOCAL | self._next

    def _stand_in(self, number: int, shape: bytes) -> bytes:
        return wire.message(
            [
                wire.field(_Field.NAME, b"left_out.%d" % number),
                wire.field(_Field.OPCODE, b"custom-call"),
                wire.field(_Field.SHAPE, shape),
                wire.field(_Field.TARGET, b"left_out"),
                wire.field(_Field.ID, number),
            ]
        )

    def _keep(self, value: list[wire.Field], instruction: int) -> None:
        """The value, defined by that instruction, and what it is assigned to."""
        self._kept.add(_id(value))
        where = wire.message([wire.field(_Value.INSTRUCTION, instruction)])
        self._values.append(wire.replaced(value, _Value.WHERE, where))

    def _parameters(self):
        for one in self.whole.within[self.whole.entry]:
            if one.opcode != "parameter":
                continue
            yield _bare(one.fields)
            if (one.id, ()) not in self.whole.values:
                raise _Unknown("a parameter without a buffer")
            self._keep(self.whole.values[one.id, ()], one.id)

    def _constants(self):
        for one in self.whole.instructions.values():
            value = self.whole.values.get((one.id, ()))
            if one.opcode == "constant" and value is not None:
                number = self._new_id(self.whole.entry)
                yield _bare(wire.replaced(one.fields, _Field.ID, number))
                self._keep(value, number)

    def _built_anew(self, computation: int):
        """Those of a computation, after what stands in for their operands."""
        standing: dict[int, int] = {}
        alike: dict[tuple, int] = {}
        for one in self.whole.within.get(computation, ()):
            if not one.built_anew():
                continue
            self._same[one.id] = one.id
            if computation == self.whole.entry:  # layers have the same
                other = alike.setdefault(self.whole.likeness(one), one.id)
                self._same[one.id] = other
                if other != one.id:
                    continue
            operands = []
            for operand in (self.whole.instructions[i] for i in one.operands):
                if operand.opcode == "parameter" and computation == self.whole.entry:
                    operands.append(operand.id)
                    continue
                if operand.id not in standing:
                    standing[operand.id] = number = self._new_id(computation)
                    yield self._stand_in(number, operand.shape)
                operands.append(standing[operand.id])
            self._take_fused(one.called)
            yield _bare(one.fields, operands)

    def _take_fused(self, called: list[int]) -> None:
        """Those computations, with what they call."""
        for number in called:
            if number in self._fused:
                continue
            self._fused.add(number)
            inside = self.whole.computations[number]
            for data in wire.every(inside, _Computation.INSTRUCTIONS):
                self._take_fused(wire.numbers(wire.fields(data), _Field.CALLED))

    def _other_computations(self) -> list[bytes]:
        """Those that have operations to be built anew, as bodies of loops do."""
        found = []
        for number, computation in self.whole.computations.items():
            if number == self.whole.entry:
                continue
            instructions = list(self._built_anew(number))
            if not instructions:
                continue
            last = wire.fields(instructions[-1])
            shape = wire.field(_Computation.RESULT, wire.first(last, _Field.SHAPE))
            kept = [
                wire.field(n, v)
                for n, _, v in computation
                if n in (_Computation.NAME, _Computation.ID, _Computation.THREAD)
            ]
            kept += [wire.field(_Computation.INSTRUCTIONS, i) for i in instructions]
            kept.append(wire.field(_Computation.SHAPE, wire.message([shape])))
            kept.append(wire.field(_Computation.ROOT, wire.first(last, _Field.ID)))
            found.append(wire.message(kept))
        return found

    def _root(self) -> None:
        root = self.whole.root(self.whole.entry)
        results = list(self._results(root))
        if results and results[0][1] == ():
            self._entry_root = self._new_id(self.whole.entry)
            self._result(*results[0], self._entry_root)
            return
        self._entry_root = root.id
        operands = []
        standing: dict[tuple, int] = {}
        for shape, index in results:
            origin = self.whole.origin(root, index)
            source = self.whole.instructions[origin[0]]
            if source.opcode == "parameter" and source.computation == self.whole.entry:
                operands.append(source.id)
                continue
            if origin not in standing:
                standing[origin] = number = self._new_id(self.whole.entry)
                self._result(shape, index, number)
            operands.append(standing[origin])
        self._entry.append(_tuple(root, operands))
        self._keep(self.whole.values[root.id, ()], root.id)

    def _results(self, root: _Instruction):
        """The shapes of the results and their places in the root."""
        shapes = list(wire.every(wire.fields(root.shape), _TUPLE_SHAPES))
        if not shapes and root.opcode != "tuple":
            yield root.shape, ()
        for place, shape in enumerate(shapes):
            yield shape, (place,)

    def _result(self, shape: bytes, index: tuple, number: int) -> None:
        """What stands in for a result, in the buffer of its origin."""
        root = self.whole.root(self.whole.entry)
        value = self.whole.values[self.whole.origin(root, index)]
        self._entry.append(self._stand_in(number, shape))
        self._next_value += 1
        self._copies.setdefault(_id(value), []).append(self._next_value)
        self._keep(wire.replaced(value, _Value.ID, self._next_value), number)


def _id(value: list[wire.Field]) -> int:
    return wire.first(value, _Value.ID, 0)


def _tuple(root: _Instruction, operands: list[int]) -> bytes:
    """The root, which may be a call with several results, as what joins these."""
    return wire.message(
        [
            wire.field(_Field.NAME, wire.first(root.fields, _Field.NAME)),
            wire.field(_Field.OPCODE, b"tuple"),
            wire.field(_Field.SHAPE, root.shape),
            wire.field(_Field.ID, root.id),
            wire.packed(_Field.OPERANDS, operands),
        ]
    )


def _anonymous(fields: list[wire.Field], places: dict[int, int]) -> tuple:
    """An instruction without its names, its operands by their places."""
    left_out = _Field.NAME, _Field.METADATA, _Field.ID, _Field.OPERANDS, _Field.CALLED
    operands = wire.numbers(fields, _Field.OPERANDS) if places else ()
    named = tuple(places[i] for i in operands)
    return named, wire.message(wire.without(fields, *left_out, _Field.PREDECESSORS))


def _plain(computation: list[wire.Field]) -> bytes:
    """A computation whose instructions do not tell where they came from."""
    parts = []
    for number, kind, value in computation:
        if number == _Computation.INSTRUCTIONS:
            value = wire.message(wire.without(wire.fields(value), _Field.METADATA))
        parts.append((number, kind, value))
    return wire.message(parts)


def _bare(fields: list[wire.Field], operands: list[int] | None = None) -> bytes:
    """An instruction with those operands, and without where it came from."""
    kept = wire.without(fields, _Field.METADATA, _Field.OPERANDS, _Field.PREDECESSORS)
    if operands is not None:
        kept.append(wire.packed(_Field.OPERANDS, operands))
    return wire.message(kept)
