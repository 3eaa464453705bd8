"""Sequences of different lengths in one batch: padded, or packed."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable

import numpy as np

from ... import _dtypes
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
    sorted by length. Made by ``pack_padded_sequence`` and ``pack_sequence``.
    """

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

    def _with(self, data, device=None):
        indices = [
            t if t is None or device is None else t.to(device)
            for t in (self.sorted_indices, self.unsorted_indices)
        ]
        return type(self)(data, self.batch_sizes, *indices)

    def to(self, *args, **kwargs):
        """The same sequences with other dtype or device."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else self._with(data, data.device)

    def cuda(self, *args, **kwargs):
        """The same sequences on a GPU."""
        data = self.data.cuda(*args, **kwargs)
        return self._with(data, data.device)

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

    @property
    def is_cuda(self) -> bool:
        """Whether the data are on a GPU."""
        return self.data.is_cuda

    def is_pinned(self) -> bool:
        """Whether the data are pinned."""
        return self.data.is_pinned()


def invert_permutation(permutation):
    """The permutation that undoes ``permutation``."""
    return None if permutation is None else permutation.argsort()


def _host(lengths) -> np.ndarray:
    return np.asarray(lengths.tolist() if isinstance(lengths, Tensor) else lengths)


def _index(rows: np.ndarray, like):
    return torch.tensor(rows.astype(np.int64), device=like.device)


def pack_padded_sequence(
    input, lengths, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack a padded batch (T, N, *), or (N, T, *) with ``batch_first``."""
    lengths, sorted_indices = _host(lengths).astype(np.int64), None
    batch_dim = 0 if batch_first else 1
    if not enforce_sorted:
        order = np.argsort(-lengths, kind="stable")
        lengths, sorted_indices = lengths[order], _index(order, input)
        input = input.index_select(batch_dim, sorted_indices)
    _check_lengths(input, lengths, batch_dim)
    steps = np.arange(lengths.max())[:, None]
    time, batch = np.nonzero(steps < lengths)
    rows = batch * input.size(1) + time if batch_first else time * input.size(1) + batch
    data = input.reshape(-1, *input.shape[2:]).index_select(0, _index(rows, input))
    batch_sizes = torch.tensor((steps < lengths).sum(1))
    return PackedSequence(data, batch_sizes, sorted_indices, None)


def _check_lengths(input, lengths, batch_dim: int) -> None:
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
    if (np.diff(lengths) > 0).any():
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
    sizes, data = _host(sequence.batch_sizes), sequence.data
    longest = len(sizes)
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence "
            f"in input, but got total_length={total_length} and max sequence length "
            f"being {longest}"
        )
    filled = np.arange(sizes[0]) < sizes[:, None]
    rows = np.full((total_length or longest, sizes[0]), data.size(0))
    rows[:longest][filled] = np.arange(data.size(0))
    padding = torch.full(
        (1, *data.shape[1:]), padding_value, dtype=data.dtype, device=data.device
    )
    rows = rows.T if batch_first else rows
    padded = torch.cat([data, padding]).index_select(0, _index(rows.reshape(-1), data))
    padded = padded.reshape(*rows.shape, *data.shape[1:])
    lengths = torch.tensor(filled.sum(0))
    unsorted = sequence.unsorted_indices
    if unsorted is None:
        return padded, lengths
    padded = padded.index_select(0 if batch_first else 1, unsorted)
    return padded, lengths[unsorted.cpu()]


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
