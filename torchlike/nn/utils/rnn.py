"""Sequences of different lengths in one batch: padded, or packed."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable

import jax
import numpy as np

from ... import _dtypes
from ..._ops import packing
from ..._ops._host import known
from ..._tensor import Tensor
from ...autograd.variable import of_array
from .. import _torch as torch

_Fields = namedtuple(
    "PackedSequence",
    ["data", "batch_sizes", "sorted_indices", "unsorted_indices"],
)


class PackedSequence(_Fields):
    """The steps of all sequences, the longest first, laid end to end by time.

    ``batch_sizes[t]`` sequences reach step t; ``sorted_indices`` is how the batch was
    sorted by length. Made by ``pack_padded_sequence`` and ``pack_sequence``, and then
    held padded: ``data``, whose shape is another for nearly every batch, is made when
    it is asked for. Layers go from padded to padded, by one program for all batches.
    """

    _steps = _lengths = _packed = None
    _version = 0  # of the data that the steps are

    def __new__(
        cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None
    ):
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        if batch_sizes is None:
            if not (isinstance(data, (list, tuple)) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        elif batch_sizes.device.type != "cpu":
            raise ValueError(
                "batch_sizes should always be on CPU. Instances of PackedSequence "
                "should never be created manually. They should be instantiated by "
                "functions like pack_sequence and pack_padded_sequences in "
                "nn.utils.rnn. https://pytorch.org/docs/stable/nn.html"
                "#torch.nn.utils.rnn.pack_sequence"
            )
        fields = (data, batch_sizes, sorted_indices, unsorted_indices)
        return super().__new__(cls, *fields)

    @classmethod
    def _of_steps(cls, steps, lengths, *others):
        self = cls._make((None, *others))
        self._steps, self._lengths = steps, lengths
        return self

    @property
    def data(self):
        """The packed data (L, *)."""
        given = super().__getitem__(0)
        if given is not None:
            return given
        if self._packed is None:
            sizes = self.batch_sizes.to(self._steps.device)
            total = int(_host(self.batch_sizes).sum())
            self._packed = packing.pack(self._steps, sizes, self.sorted_indices, total)
        return self._packed

    def _padded(self) -> tuple:
        """The steps (T, N, *) and the lengths (N), the batch in its own order."""
        given = super().__getitem__(0)
        data = self._packed if given is None else given
        if self._steps is None or data is not None and data._version != self._version:
            sizes, order = _host(self.batch_sizes), self.unsorted_indices
            there, n = self.batch_sizes.to(data.device), int(sizes[0])
            steps = packing.unpack(data, there, n)
            lengths = (np.arange(n) < sizes[:, None]).sum(0)
            if order is not None:
                steps = steps.index_select(1, order)
                lengths = lengths[_host(order)]
            self._steps, self._lengths = steps, _index(lengths, steps)
            self._version = data._version
        return self._steps, self._lengths

    def _others(self) -> tuple:
        """The fields but the data."""
        return self.batch_sizes, self.sorted_indices, self.unsorted_indices

    def _with_steps(self, steps):
        """Other steps of the same sequences."""
        return self._of_steps(steps, self._lengths, *self._others())

    def __getitem__(self, key):
        if isinstance(key, slice):
            return tuple(self)[key]
        if key in (0, -4):
            return self.data
        return super().__getitem__(key)

    def __iter__(self):
        return map(self.__getitem__, range(4))

    def __repr__(self) -> str:
        pairs = zip(self._fields, self, strict=True)
        return f"{type(self).__name__}({', '.join(f'{n}={x!r}' for n, x in pairs)})"

    def __getstate__(self):
        return None  # the fields are all that is copied and stored

    def _mapped(self, function):
        """The same sequences with their data mapped."""
        steps, lengths = self._padded()
        new = function(steps)
        if new is steps:
            return self
        sizes, *indices = self._others()
        there = (None if t is None else t.to(new.device) for t in indices)
        return self._of_steps(new, lengths.to(new.device), sizes, *there)

    def to(self, *args, **kwargs):
        """The same sequences with other dtype or device."""
        return self._mapped(lambda t: t.to(*args, **kwargs))

    def cuda(self, *args, **kwargs):
        """The same sequences on a GPU."""
        return self._mapped(lambda t: t.cuda(*args, **kwargs))

    def cpu(self):
        """The same sequences in main memory."""
        return self.to("cpu")

    def pin_memory(self):
        """Pin every tensor."""
        indices = (self.sorted_indices, self.unsorted_indices)
        pinned = [None if t is None else t.pin_memory() for t in indices]
        return type(self)(self.data.pin_memory(), self.batch_sizes, *pinned)

    def double(self):
        """The data as float64."""
        return self.to(dtype=_dtypes.float64)

    def float(self):
        """The data as float32."""
        return self.to(dtype=_dtypes.float32)

    def half(self):
        """The data as float16."""
        return self.to(dtype=_dtypes.float16)

    def long(self):
        """The data as int64."""
        return self.to(dtype=_dtypes.int64)

    def int(self):
        """The data as int32."""
        return self.to(dtype=_dtypes.int32)

    def short(self):
        """The data as int16."""
        return self.to(dtype=_dtypes.int16)

    def char(self):
        """The data as int8."""
        return self.to(dtype=_dtypes.int8)

    def byte(self):
        """The data as uint8."""
        return self.to(dtype=_dtypes.uint8)

    @property
    def is_cuda(self) -> bool:
        """Whether the data are on a GPU."""
        return self._padded()[0].is_cuda

    def is_pinned(self) -> bool:
        """Whether the data are pinned."""
        return self.data.is_pinned()


# A named tuple would be taken apart without regard to what ``data`` is.
jax.tree_util.register_pytree_node(
    PackedSequence,
    lambda packed: (tuple(packed), None),
    lambda _, fields: PackedSequence._make(fields),
)


def invert_permutation(permutation):
    """The permutation that undoes ``permutation``."""
    return None if permutation is None else permutation.argsort()


def _host(numbers) -> np.ndarray:
    return np.asarray(numbers.tolist() if isinstance(numbers, Tensor) else numbers)


def _index(numbers: np.ndarray, like):
    return torch.tensor(numbers.astype(np.int64), device=like.device)


def pack_padded_sequence(
    input, lengths, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack a padded batch (T, N, *), or (N, T, *) with ``batch_first``."""
    lengths, order = _host(lengths).astype(np.int64), None
    _check_lengths(input, lengths, 0 if batch_first else 1, enforce_sorted)
    indices = (None, None)
    if not enforce_sorted:
        order = np.argsort(-lengths, kind="stable")
        indices = (_index(order, input), _index(order.argsort(), input))
    longest = int(lengths.max())
    there = _index(lengths, input)
    steps = packing.steps_of(input, there, longest, batch_first)
    batch_sizes = torch.tensor((np.arange(longest)[:, None] < lengths).sum(1))
    return PackedSequence._of_steps(steps, there, batch_sizes, *indices)


def _check_lengths(input, lengths, batch_dim: int, in_order: bool) -> None:
    if len(lengths) != input.size(batch_dim):
        raise RuntimeError(
            "Expected `len(lengths)` to be equal to batch_size, but got "
            f"{len(lengths)} (batch_size={input.size(batch_dim)})"
        )
    if (lengths <= 0).any():
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in "
            "'lengths' that is <= 0"
        )
    if in_order and (np.diff(lengths) > 0).any():
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` "
            "is True. You can pass `enforce_sorted=False` to pack_padded_sequence "
            "and/or pack_sequence to sidestep this requirement if you do not need ONNX "
            "exportability."
        )


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
):
    """Undo ``pack_padded_sequence``: the padded batch and the lengths."""
    longest = len(sequence.batch_sizes)
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence "
            f"in input, but got total_length={total_length} and max sequence length "
            f"being {longest}"
        )
    steps, lengths = sequence._padded()
    total = longest if total_length is None else total_length
    padded = packing.pad_steps(steps, lengths, total, batch_first, padding_value)
    return padded, torch.tensor(lengths.tolist())


def pad_sequence(
    sequences,
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
):
    """Stack sequences (L_i, *) of different lengths, filled with ``padding_value``."""
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            "pad_sequence: Expected iterable for input sequences, but got arg of type: "
            f"{type(sequences)}"
        )
    sequences = tuple(sequences)
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(
            f"Expected padding_side to be one of left or right, but got {padding_side}."
        )
    longest = max(s.size(0) for s in sequences)
    _check_fits(padding_value, sequences[0].dtype)
    arrays = [known(s) for s in sequences]
    if _fit_together(arrays, padding_value):
        return of_array(
            _padded(arrays, longest, batch_first, padding_value, padding_side)
        )
    padded = [_pad(s, longest, padding_value, padding_side) for s in sequences]
    return torch.stack(padded, 0 if batch_first else 1)


def _check_fits(value, dtype) -> None:
    """PyTorch's error for a value beyond an integer dtype."""
    if dtype.category != 1 or not isinstance(value, (int, float)):
        return
    info = np.iinfo(dtype.numpy_dtype)
    if not info.min <= value <= info.max:
        raise RuntimeError(
            f"value cannot be converted to type {dtype.name}_t without overflow"
        )


def _fit_together(arrays: list, value) -> bool:
    """Whether they are known and alike, and NumPy converts the value as PyTorch does.

    Recorded, sentences of every length would be programs of their own.
    """
    first = arrays[0]
    if first is None or not isinstance(value, (int, float)):
        return False
    if first.dtype.kind in "iu" and value != int(value):
        return False
    return all(
        a is not None and a.dtype == first.dtype and a.shape[1:] == first.shape[1:]
        for a in arrays
    )


def _padded(arrays, longest: int, batch_first: bool, value, side: str) -> np.ndarray:
    shape = len(arrays), longest, *arrays[0].shape[1:]
    result = np.full(shape, value, arrays[0].dtype)
    for row, array in zip(result, arrays, strict=True):
        start = 0 if side == "right" else longest - len(array)
        row[start : start + len(array)] = array
    return result if batch_first else np.ascontiguousarray(result.swapaxes(0, 1))


def _pad(sequence, length: int, value: float, side: str):
    missing = length - sequence.size(0)
    if not missing:
        return sequence
    fill = torch.full(
        (missing, *sequence.shape[1:]),
        value,
        dtype=sequence.dtype,
        device=sequence.device,
    )
    parts = [sequence, fill]
    return torch.cat(parts if side == "right" else parts[::-1])


def unpad_sequence(padded_sequences, lengths, batch_first: bool = False) -> list:
    """Undo ``pad_sequence``: a list of sequences."""
    dim = 0 if batch_first else 1
    return [
        padded_sequences.select(dim, i)[: int(n)] for i, n in enumerate(_host(lengths))
    ]


def pack_sequence(sequences, enforce_sorted: bool = True) -> PackedSequence:
    """Pack a list of sequences (L_i, *)."""
    lengths = [s.size(0) for s in sequences]
    padded = pad_sequence(sequences)
    return pack_padded_sequence(padded, lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list:
    """Undo ``pack_sequence``: a list of sequences."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
