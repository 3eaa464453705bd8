"""Protocol buffers without their descriptions: fields of a message by their numbers.

The wire format is https://protobuf.dev/programming-guides/encoding/: a field is a key
(its number and kind), and a number or bytes, which may be a message in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

NUMBER, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # kinds
_SIZES = {FIXED64: 8, FIXED32: 4}

Field = tuple[int, int, "int | bytes"]  # number, kind, value


def fields(data: bytes) -> list[Field]:
    """The fields of a message; a ValueError or IndexError if it is none."""
    found, at = [], 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == NUMBER:
            value, at = varint(data, at)
        else:
            size = _SIZES.get(kind)
            if kind == BYTES:
                size, at = varint(data, at)
            if size is None or at + size > len(data):
                raise ValueError(f"no field of kind {kind} at {at}")
            value, at = data[at : at + size], at + size
        found.append((number, kind, value))
    return found


def message(parts: Iterable[Field]) -> bytes:
    """The message of these fields."""
    out = bytearray()
    for number, kind, value in parts:
        out += encoded(number << 3 | kind)
        if kind == NUMBER:
            out += encoded(value)
            continue
        if kind == BYTES:
            out += encoded(len(value))
        out += value
    return bytes(out)


def field(number: int, value: int | bytes) -> Field:
    """A field of that number."""
    return number, NUMBER if isinstance(value, int) else BYTES, value


def first(parts: list[Field], number: int, *default):
    """The value of the first such field; the default, or a LookupError, without one."""
    for found, _, value in parts:
        if found == number:
            return value
    if default:
        return default[0]
    raise LookupError(f"no field {number}")


def every(parts: list[Field], number: int) -> Iterator[int | bytes]:
    """The values of all such fields."""
    return (v for n, _, v in parts if n == number)


def numbers(parts: list[Field], number: int) -> list[int]:
    """A repeated field of numbers, one by one or packed."""
    found = []
    for value in every(parts, number):
        if isinstance(value, int):
            found.append(value)
            continue
        at = 0
        while at < len(value):
            one, at = varint(value, at)
            found.append(one)
    return found


def packed(number: int, values: Iterable[int]) -> Field:
    """A repeated field of numbers."""
    return number, BYTES, b"".join(map(encoded, values))


def without(parts: Iterable[Field], *left_out: int) -> list[Field]:
    """The fields of other numbers."""
    return [part for part in parts if part[0] not in left_out]


def replaced(parts: Iterable[Field], number: int, value: int | bytes) -> list[Field]:
    """The fields with another value for those of that number.

    If there is none, it was zero, which is left out: then it is added.
    """
    parts = list(parts)
    if all(n != number for n, _, _ in parts):
        return [*parts, field(number, value)]
    return [field(n, value) if n == number else (n, k, v) for n, k, v in parts]


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at that place, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def encoded(value: int) -> bytes:
    """A number as ``varint`` reads it."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
