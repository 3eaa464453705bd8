"""Compare a result of torchlike with PyTorch's: type, dtype, shape, values."""

from __future__ import annotations

import numbers

import numpy as np
import torch as theirs

import torchlike as ours

from ..combinations import TOLERANCE
from . import translate


class Different(AssertionError):
    """A result is not PyTorch's."""


def compare(got, want, what: str = "result", loose=None, values: bool = True) -> None:
    """Raise ``Different`` if ``got`` is not what PyTorch gives.

    ``loose`` is a (relative, absolute) tolerance instead of the usual one, whose
    absolute part is scaled by the tensor's largest value (at least one); with
    ``values`` false only types, dtypes and shapes are compared.
    """
    if isinstance(want, theirs.Tensor):
        if not isinstance(got, ours.Tensor):
            raise Different(f"{what}: {type(got).__name__}, not a tensor")
        _tensors(got, want, what, loose, values)
    elif isinstance(want, (tuple, list)):
        _sequences(got, want, what, loose, values)
    elif isinstance(want, dict):
        _sequences(list(got.values()), list(want.values()), what, loose, values)
    elif isinstance(want, (theirs.dtype, theirs.device, theirs.layout)):
        if str(got) != str(want):
            raise Different(f"{what}: {got}, not {want}")
    elif isinstance(want, numbers.Number) and not isinstance(want, bool):
        _numbers(got, want, what, loose, values)
    elif type(got).__name__ != type(want).__name__ or (values and got != want):
        raise Different(f"{what}: {got!r}, not {want!r}"[:300])


def _sequences(got, want, what, loose, values):
    if not isinstance(got, (tuple, list)):
        raise Different(f"{what}: {type(got).__name__}, not a {type(want).__name__}")
    if len(got) != len(want):
        raise Different(f"{what}: {len(got)} results, not {len(want)}")
    names = getattr(want, "_fields", None)
    if names is None and hasattr(want, "n_fields"):  # PyTorch's named results
        names = [f for f in dir(want) if f in dir(got) and not f.startswith("_")]
        names = None if names else ["the fields' names"]
    if names and not all(hasattr(got, n) for n in names):
        raise Different(f"{what}: no fields {', '.join(names)}")
    for i, (a, b) in enumerate(zip(got, want, strict=True)):
        compare(a, b, f"{what}[{i}]", loose, values)


def _numbers(got, want, what, loose, values):
    if type(got) is not type(want):
        raise Different(f"{what}: {got!r}, not {want!r}"[:300])
    if values:
        kind = {float: "float64", complex: "complex128"}.get(type(want), "int64")
        _arrays(np.asarray(got), np.asarray(want), kind, what, loose)


def _tensors(got, want, what, loose, values):
    kind = str(want.dtype).removeprefix("torch.")
    if str(got.dtype) != str(want.dtype):
        raise Different(f"{what}: dtype {got.dtype}, not {want.dtype}")
    if tuple(got.shape) != tuple(want.shape):
        raise Different(f"{what}: shape {tuple(got.shape)}, not {tuple(want.shape)}")
    if str(got.layout) != str(want.layout):
        raise Different(f"{what}: layout {got.layout}, not {want.layout}")
    if want.layout is not theirs.strided:
        got, want = got.to_dense(), want.to_dense()
    if values:
        _arrays(host(got), translate.array(want), kind, what, loose)


def host(tensor) -> np.ndarray:
    """The values of one of our tensors."""
    tensor = tensor.detach()
    if tensor.dtype is ours.bfloat16:
        return np.asarray(tensor.float().numpy())
    return np.asarray(tensor.numpy())


def _arrays(got, want, kind: str, what: str, loose) -> None:
    if kind not in TOLERANCE:
        wrong = got != want
    else:
        wrong = ~_close(got, want, loose or TOLERANCE[kind])
    if not np.any(wrong):
        return
    where = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f" at {where}" if where else ""
    raise Different(
        f"{what}: {got[where]!s}, not {want[where]!s}{place} of {kind}"
        f"{list(want.shape)} ({int(np.sum(wrong))} of {want.size} differ)"
    )


def _close(got, want, tolerance) -> np.ndarray:
    wide = np.complex128 if want.dtype.kind == "c" else np.float64
    got, want = got.astype(wide), want.astype(wide)
    relative, absolute = tolerance
    with np.errstate(all="ignore"):
        sizes = np.abs(want)
        finite = sizes[np.isfinite(sizes)]
        scale = max(1.0, float(finite.max())) if finite.size else 1.0
        near = np.abs(got - want) <= relative * sizes + absolute * scale
        return near & np.isfinite(sizes) | _same_special(got, want)


def _same_special(got, want) -> np.ndarray:
    """Equal, or not numbers in the same parts."""
    if want.dtype.kind != "c":
        return (got == want) | (np.isnan(got) & np.isnan(want))
    parts = [_same_special(getattr(got, p), getattr(want, p)) for p in ("real", "imag")]
    return parts[0] & parts[1]
