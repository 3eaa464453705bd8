"""PyTorch's text of a tensor, character for character, from a NumPy array.

The text is built in three steps: choose one number format for all the shown values,
lay the values out in brackets and lines, add what the numbers do not say.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math

import numpy as np

from . import _dtypes


@dataclasses.dataclass
class _Options:
    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}
_options = _Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors print; ``profile`` is ``default``, ``short`` or ``full``.

    ``precision`` counts digits after the point, ``threshold`` the elements beyond
    which a tensor is summarised to ``edgeitems`` at each end, ``linewidth``
    characters. ``sci_mode`` is set on every call: left out, it is chosen by value.
    """
    chosen = dict(_PROFILES.get(profile, {}))
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    chosen.update((name, value) for name, value in given.items() if value is not None)
    for name, value in chosen.items():
        setattr(_options, name, value)
    _options.sci_mode = sci_mode


def get_printoptions() -> dict:
    """The current options, as keywords for :func:`set_printoptions`."""
    return dataclasses.asdict(_options)


@contextlib.contextmanager
def printoptions(**kwargs):
    """Set print options inside a ``with`` block."""
    before = get_printoptions()
    set_printoptions(**kwargs)
    try:
        yield
    finally:
        set_printoptions(**before)


# ----- one number format for all shown values -----


class _Plain:
    """Integers and booleans: Python's text, right-aligned."""

    def __init__(self, shown: np.ndarray):
        self.width = max((len(str(v)) for v in shown.ravel().tolist()), default=1)

    def text(self, value) -> str:
        return str(value).rjust(self.width)


class _Float:
    """Fixed-point, whole-number or scientific form, chosen from the shown values.

    Zeros and non-finite values have no say; the width is that of the widest of the
    others, so ``nan`` and ``inf`` may stick out.
    """

    def __init__(self, shown: np.ndarray):
        values = shown.ravel().astype(np.float64)
        values = values[np.isfinite(values) & (values != 0)]
        self.width, self.whole, self.scientific = 1, True, False
        if values.size:
            self.whole = bool((values == np.ceil(values)).all())
            self.scientific = _wants_scientific(np.abs(values))
            self.width = max(1, *(len(self._raw(v)) for v in values.tolist()))

    def _raw(self, value: float) -> str:
        if self.scientific:
            return f"{value:.{_options.precision}e}"
        if self.whole:
            return f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"
        return f"{value:.{_options.precision}f}"

    def text(self, value: float) -> str:
        return self._raw(value).rjust(self.width)


def _wants_scientific(magnitudes: np.ndarray) -> bool:
    if _options.sci_mode is not None:
        return _options.sci_mode
    low, high = magnitudes.min(), magnitudes.max()
    with np.errstate(over="ignore"):
        return bool(high / low > 1000 or high > 1e8 or low < 1e-4)


class _Complex:
    """Real and imaginary parts, each with a format of its own."""

    def __init__(self, shown: np.ndarray):
        self.real, self.imag = _Float(shown.real), _Float(shown.imag)
        self.width = self.real.width + self.imag.width + 1

    def text(self, value: complex) -> str:
        imag = self.imag.text(value.imag).lstrip() + "j"
        sign = "" if imag[0] in "+-" else "+"
        return self.real.text(value.real) + sign + imag


def _format_for(shown: np.ndarray, dtype: _dtypes.dtype):
    if dtype.is_complex:
        return _Complex(shown)
    return (_Float if dtype.is_floating_point else _Plain)(shown)


# ----- layout -----


def _is_cut(size: int) -> bool:
    return size > 2 * _options.edgeitems


def _edges(array: np.ndarray) -> np.ndarray:
    """Keep what a summary shows: the edge items of each long dimension."""
    n = _options.edgeitems
    if n == 0:
        return array[:0] if array.ndim > 1 else array
    for axis, size in enumerate(array.shape):
        if _is_cut(size):
            ends = np.r_[0:n, size - n : size]
            array = np.take(array, ends, axis=axis)
    return array


def _row(array: np.ndarray, indent: int, summarise: bool, form) -> str:
    if summarise and not _options.edgeitems:
        items = ["..."]
    elif summarise and _is_cut(len(array)):
        n = _options.edgeitems
        items = [form.text(v) for v in array[:n].tolist()]
        items.append(" ...")
        items += [form.text(v) for v in array[-n:].tolist()]
    else:
        items = [form.text(v) for v in array.tolist()]
    per_line = max(1, math.floor((_options.linewidth - indent) / (form.width + 2)))
    lines = [", ".join(items[i : i + per_line]) for i in range(0, len(items), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _block(array: np.ndarray, indent: int, summarise: bool, form) -> str:
    if array.ndim == 0:
        return form.text(array.item())
    if array.ndim == 1:
        return _row(array, indent, summarise, form)
    n = _options.edgeitems
    cut = summarise and _is_cut(len(array))
    shown = [*array[:n], *array[len(array) - n :]] if cut else array
    parts = [_block(part, indent + 1, summarise, form) for part in shown]
    if cut:
        parts.insert(n, "...")
    gap = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(parts) + "]"


def _contents(array: np.ndarray, dtype: _dtypes.dtype, indent: int) -> str:
    if array.size == 0:
        return "[]"
    if dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        # ml_dtypes scalars print in their own way; float32 holds each of them exactly.
        array = array.astype(np.float32)
    summarise = array.size > _options.threshold
    form = _format_for(_edges(array) if summarise else array, dtype)
    return _block(array, indent, summarise, form)


# ----- what the numbers do not say -----


def _shape_and_type(
    shape: tuple[int, ...], dtype: _dtypes.dtype, is_meta: bool
) -> list[str]:
    """``size=`` and ``dtype=`` where the text alone would not give them back."""
    default = _dtypes.get_default_dtype()
    untyped = is_meta or 0 in shape
    obvious = [default]
    if not untyped:
        wide = default is _dtypes.float64
        obvious.append(_dtypes.complex128 if wide else _dtypes.complex64)
        obvious += [_dtypes.int64, _dtypes.bool_]
    notes = []
    if (
        is_meta
        or (0 in shape and len(shape) != 1)
        or not (untyped or _options.edgeitems)
    ):
        notes.append(f"size={tuple(shape)}")
    if dtype not in obvious:
        notes.append(f"dtype={dtype}")
    return notes


def _with_notes(text: str, notes: list[str], indent: int) -> str:
    """Add the notes, each on the last line where it still fits."""
    used = len(text) - text.rfind("\n") + 1
    for note in notes:
        if used + len(note) + 2 > _options.linewidth:
            text += ",\n" + " " * indent + note
            used = indent + len(note)
        else:
            text += ", " + note
            used += len(note) + 2
    return text + ")"


def tensor_text(
    array: np.ndarray | None,
    *,
    dtype: _dtypes.dtype,
    device: str = "cpu",
    requires_grad: bool = False,
    grad_fn_name: str | None = None,
    is_parameter: bool = False,
    shape: tuple[int, ...] | None = None,
    type_name: str = "tensor",
) -> str:
    """The text PyTorch prints for a tensor with these values.

    ``array`` is not read for the ``meta`` device, where ``shape`` is given instead.
    ``device`` is shown unless it is the CPU. ``type_name`` names a subclass.
    """
    is_meta = device == "meta"
    shape = tuple(array.shape if shape is None else shape)
    prefix = type_name + "("
    notes = [] if device == "cpu" else [f"device='{device}'"]
    notes += _shape_and_type(shape, dtype, is_meta)
    if grad_fn_name is not None:
        notes.append(f"grad_fn=<{grad_fn_name}>")
    elif requires_grad:
        notes.append("requires_grad=True")
    body = "..." if is_meta else _contents(array, dtype, len(prefix))
    text = _with_notes(prefix + body, notes, len(prefix))
    return f"Parameter containing:\n{text}" if is_parameter else text
