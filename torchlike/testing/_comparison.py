"""``assert_close``: what differs, where, and by how much, in PyTorch's words."""

from __future__ import annotations

import cmath
from collections.abc import Mapping, Sequence

import numpy as np

from .. import _dtypes
from .._engine import realise
from .._ops.from_data import as_tensor
from .._ops.sparse_values import COO, CSR, is_sparse
from .._size import Size
from ..autograd.variable import TensorBase, wrap

_TOLERANCES = {
    _dtypes.float16: (1e-3, 1e-5),
    _dtypes.bfloat16: (1.6e-2, 1e-5),
    _dtypes.float32: (1.3e-6, 1e-5),
    _dtypes.float64: (1e-7, 1e-7),
    _dtypes.complex64: (1.3e-6, 1e-5),
    _dtypes.complex128: (1e-7, 1e-7),
}


class _Options:
    def __init__(self, rtol, atol, **flags):
        if (rtol is None) != (atol is None):
            name = "rtol" if rtol is None else "atol"
            raise ValueError(
                "Both 'rtol' and 'atol' must be either specified or omitted, but got "
                f"no {name}."
            )
        self.rtol, self.atol = rtol, atol
        self.__dict__.update(flags)

    def tolerances(self, *dtypes) -> tuple[float, float]:
        """Those given, or the larger defaults of the dtypes."""
        if self.rtol is not None:
            return self.rtol, self.atol
        pairs = [_TOLERANCES.get(d, (0.0, 0.0)) for d in dtypes]
        return max(p[0] for p in pairs), max(p[1] for p in pairs)


class _Mismatch(Exception):
    def __init__(self, text: str, path=(), kind=AssertionError):
        self.text, self.path, self.kind = text, path, kind


def assert_close(
    actual,
    expected,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg=None,
) -> None:
    """Raise ``AssertionError`` unless |actual - expected| <= atol + rtol·|expected|.

    Containers are compared item by item. ``msg`` replaces the text, or makes a new one.

    **Source** https://pytorch.org/docs/stable/testing.html
    """
    options = _Options(
        rtol,
        atol,
        equal_nan=equal_nan,
        device=check_device,
        dtype=check_dtype,
        layout=check_layout,
        stride=check_stride,
        subclasses=allow_subclasses,
    )
    try:
        _compare(actual, expected, options, ())
    except _Mismatch as found:
        text = found.text
        if found.path:
            where = "".join(f"[{p!r}]" for p in found.path)
            text += f"\n\nThe failure occurred for item {where}"
        if msg is not None:
            text = msg(text) if callable(msg) else msg
        raise found.kind(text) from None


def _is_sequence(x) -> bool:
    return isinstance(x, Sequence) and not isinstance(x, (str, bytes))


def _compare(actual, expected, options, path) -> None:
    if _is_sequence(actual) and _is_sequence(expected):
        if len(actual) != len(expected):
            raise _Mismatch(
                f"The length of the sequences mismatch: {len(actual)} != "
                f"{len(expected)}",
                path,
            )
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            _compare(a, e, options, (*path, i))
    elif isinstance(actual, Mapping) and isinstance(expected, Mapping):
        _compare_keys(actual, expected, path)
        for key in sorted(actual, key=str):
            _compare(actual[key], expected[key], options, (*path, key))
    else:
        _compare_leaves(actual, expected, options, path)


def _compare_keys(actual, expected, path) -> None:
    missing, additional = set(expected) - set(actual), set(actual) - set(expected)
    if missing or additional:
        raise _Mismatch(
            "The keys of the mappings do not match:\n"
            f"Missing keys in the actual mapping: {sorted(missing, key=str)}\n"
            f"Additional keys in the actual mapping: {sorted(additional, key=str)}",
            path,
        )


_BOOLS = (bool, np.bool_)
_ARRAYS = (TensorBase, np.ndarray)  # one kind is not compared with the other
_NUMBERS = (int, float, complex, np.number)


def _compare_leaves(actual, expected, options, path) -> None:
    pair = (actual, expected)
    if any(x is None for x in pair):
        if actual is not expected:
            raise _Mismatch(f"None mismatch: {actual} is not {expected}", path)
    elif all(isinstance(x, _BOOLS) for x in pair):
        if bool(actual) is not bool(expected):
            raise _Mismatch(f"Booleans mismatch: {actual} is not {expected}", path)
    elif all(isinstance(x, _NUMBERS) for x in pair):
        _compare_numbers(actual, expected, options, path)
    elif any(all(isinstance(x, kind) for x in pair) for kind in _ARRAYS):
        _compare_tensors(*map(as_tensor, pair), options, path)
    else:
        raise _Mismatch(
            "No comparison pair was able to handle inputs of type "
            f"{_kind(actual)} and {_kind(expected)}.",
            path,
            TypeError,
        )


def _kind(x) -> str:
    return str(type(x)).replace("torchlike._tensor.", "torch.")


def _number(x):
    return x.item() if isinstance(x, np.number) else x


def _compare_numbers(actual, expected, options, path) -> None:
    actual, expected = _number(actual), _number(expected)
    if options.dtype and type(actual) is not type(expected):
        raise _Mismatch(
            f"The (d)types do not match: {type(actual)} != {type(expected)}.", path
        )
    kinds = [_dtypes.as_dtype(type(x)) for x in (actual, expected)]
    wide = {_dtypes.float32: _dtypes.float64, _dtypes.complex64: _dtypes.complex128}
    rtol, atol = options.tolerances(*(wide.get(k, k) for k in kinds))
    if options.equal_nan and cmath.isnan(actual) and cmath.isnan(expected):
        return
    if actual == expected:
        return
    difference = abs(actual - expected)
    close = cmath.isfinite(difference) and difference <= atol + rtol * abs(expected)
    if close:
        return
    relative = float("inf") if expected == 0 else difference / abs(expected)
    equality = rtol == 0 and atol == 0
    limits = ("", "") if equality else _limits(rtol, atol)
    raise _Mismatch(
        f"Scalars are not {'equal' if equality else 'close'}!\n\n"
        f"Expected {expected} but got {actual}.\n"
        f"Absolute difference: {difference}{limits[1]}\n"
        f"Relative difference: {relative}{limits[0]}",
        path,
    )


def _limits(rtol, atol) -> tuple[str, str]:
    return f" (up to {rtol} allowed)", f" (up to {atol} allowed)"


def _compare_tensors(actual, expected, options, path) -> None:
    _compare_facts(actual, expected, options, path)
    if is_sparse(actual._value()) and is_sparse(expected._value()):
        _compare_sparse(actual, expected, options, path)
        return
    rtol, atol = options.tolerances(actual.dtype, expected.dtype)
    _compare_values(actual, expected, rtol, atol, options, path, "Tensor-likes")


def _compare_facts(actual, expected, options, path) -> None:
    facts = [("shape", Size(actual.shape), Size(expected.shape), True)]
    facts += [
        ("layout", actual.layout, expected.layout, options.layout),
        ("device", repr(actual.device), repr(expected.device), options.device),
        ("dtype", actual.dtype, expected.dtype, options.dtype),
    ]
    if options.stride:
        facts.append(("stride()", actual.stride(), expected.stride(), True))
    for name, a, e, wanted in facts:
        if wanted and a != e:
            a, e = (f"torch.Size({list(x)})" if name == "shape" else x for x in (a, e))
            raise _Mismatch(
                f"The values for attribute '{name}' do not match: {a} != {e}.", path
            )


def _compare_sparse(actual, expected, options, path) -> None:
    if actual._nnz() != expected._nnz():
        layout = "COO" if actual._value().level is COO else "CSR"
        raise _Mismatch(
            f"The number of specified values in sparse {layout} tensors does not "
            f"match: {actual._nnz()} != {expected._nnz()}",
            path,
        )
    if actual._value().level is COO:
        name, parts = "Sparse COO", ["indices"]
        pairs = [(actual._indices(), expected._indices())]
    else:
        rows = actual._value().level is CSR
        name = "Sparse CSR" if rows else "Sparse CSC"
        parts = ["crow_indices", "col_indices"] if rows else []
        parts = parts or ["ccol_indices", "row_indices"]
        pairs = [(getattr(actual, p)(), getattr(expected, p)()) for p in parts]
    for part, (a, e) in zip(parts, pairs, strict=True):
        _compare_values(a, e, 0, 0, options, path, f"{name} {part}")
    rtol, atol = options.tolerances(actual.dtype, expected.dtype)
    a, e = (wrap(t._value().content.values) for t in (actual, expected))
    _compare_values(a, e, rtol, atol, options, path, f"{name} values")


def _array(tensor) -> np.ndarray:
    array = np.asarray(realise(tensor._value(), "assert_close").array)
    if tensor.dtype.category < 2:
        return array.astype(np.int64)
    return array


def _compare_values(actual, expected, rtol, atol, options, path, name) -> None:
    a, e = _array(actual), _array(expected)
    if a.dtype != e.dtype:
        wide = np.promote_types(a.dtype, e.dtype)
        a, e = a.astype(wide), e.astype(wide)
    with np.errstate(all="ignore"):
        difference = np.abs(a - e)
        close = (a == e) | (
            np.isfinite(difference) & (difference <= _bound(e, rtol, atol))
        )
        if options.equal_nan:
            close |= np.isnan(a) & np.isnan(e)
        if close.all():
            return
        relative = difference / np.abs(e)
        if relative.dtype == np.float64 and a.dtype == np.int64:
            relative = (difference.astype(np.float32) / np.abs(e)).astype(np.float32)
    text = _report(close, difference, relative, a, e, rtol, atol, name)
    raise _Mismatch(text, path)


def _bound(expected, rtol, atol):
    return atol + np.abs(expected).astype(np.float64) * rtol


def _report(close, difference, relative, a, e, rtol, atol, name) -> str:
    equality = rtol == 0 and atol == 0
    limits = ("", "") if equality else _limits(rtol, atol)
    if not close.shape:
        return (
            f"Scalars are not {'equal' if equality else 'close'}!\n\n"
            f"Expected {e.item()} but got {a.item()}.\n"
            f"Absolute difference: {difference.item()}{limits[1]}\n"
            f"Relative difference: {relative.item()}{limits[0]}"
        )
    bad, n = int((~close).sum()), close.size
    lines = [
        f"{name} are not {'equal' if equality else 'close'}!",
        "",
        f"Mismatched elements: {bad} / {n} ({bad / n:.1%})",
    ]
    for kind, values, limit in (
        ("absolute", difference, limits[1]),
        ("relative", relative, limits[0]),
    ):
        shown = np.where(close, 0, values)
        place = tuple(int(i) for i in np.unravel_index(np.argmax(shown), shown.shape))
        lines.append(
            f"Greatest {kind} difference: {shown[place].item()} at index {place}{limit}"
        )
    return "\n".join(lines)


def assert_allclose(
    actual, expected, rtol=None, atol=None, equal_nan=True, msg=""
) -> None:
    """The older form of ``assert_close``; dtypes and strides do not matter."""
    if not isinstance(actual, TensorBase):
        actual = as_tensor(actual)
    if not isinstance(expected, TensorBase):
        expected = as_tensor(expected, dtype=actual.dtype)
    if rtol is None and atol is None:
        pairs = {_dtypes.float32: (1e-4, 1e-5), _dtypes.float64: (1e-5, 1e-8)}
        rtol, atol = pairs.get(actual.dtype, (0.0, 0.0))
    assert_close(
        actual,
        expected,
        rtol=rtol,
        atol=atol,
        equal_nan=equal_nan,
        check_device=True,
        check_dtype=False,
        check_stride=False,
        msg=msg or None,
    )
