"""Compare one row of a table of ops with real PyTorch, in all of its forms."""

from __future__ import annotations

import numpy as np
import torch as theirs

import torchlike as ours

from .. import combinations
from ..combinations import TOLERANCE, kind, tensors
from .table import Cast, Dtype, Error, Given, Row


class Library:
    """PyTorch or torchlike behind one interface."""

    def __init__(self, module):
        self.module = module

    def argument(self, x, leaves: list):
        """Turn an entry of a row into what the library takes."""
        if isinstance(x, Cast):
            return self.tensor(x.array).to(getattr(self.module, x.dtype))
        if isinstance(x, Given):
            made = self.tensor(x.array)
            if x.grad:
                made.requires_grad_(True)
                leaves.append(made)
            return made
        if isinstance(x, Dtype):
            return getattr(self.module, x.name)
        if isinstance(x, (tuple, list)):
            return type(x)(self.argument(i, leaves) for i in x)
        if isinstance(x, dict):
            return {k: self.argument(v, leaves) for k, v in x.items()}
        return x

    def tensor(self, array: np.ndarray):
        """A tensor with the values of ``array``."""
        return self.module.from_numpy(array.copy())

    def find(self, name: str):
        """``add``, ``linalg.svd`` or ``Tensor.add``."""
        found = self.module
        for part in name.split("."):
            found = getattr(found, part)
        return found


THEIRS, OURS = Library(theirs), Library(ours)


def compare(got, want, what: str, loose: float = 1.0) -> None:
    """Values, shapes and dtypes of two results agree."""
    got, want = tensors(got), tensors(want)
    assert len(got) == len(want), f"{what}: {len(got)} results, not {len(want)}"
    for i, (a, b) in enumerate(zip(got, want, strict=True)):
        compare_one(a, b, f"{what}[{i}]" if len(want) > 1 else what, loose)


def compare_one(a, b, what: str, loose: float) -> None:
    if not isinstance(b, theirs.Tensor):
        assert type(a) is type(b) and a == b, f"{what}: {a!r}, not {b!r}"
        return
    assert str(a.dtype) == str(b.dtype), f"{what}: dtype {a.dtype}, not {b.dtype}"
    assert tuple(a.shape) == tuple(b.shape), f"{what}: shape {a.shape}, not {b.shape}"
    name = kind(b)
    a, b = host(a), host(b)
    if name not in TOLERANCE:
        np.testing.assert_array_equal(a, b, err_msg=what)
        return
    relative, absolute = (t * loose for t in TOLERANCE[name])
    np.testing.assert_allclose(a, b, relative, absolute, err_msg=what)


def host(tensor) -> np.ndarray:
    """The values as NumPy; half precision as float32."""
    tensor = tensor.detach().cpu()
    if str(tensor.dtype) in ("torch.bfloat16", "torch.float16"):
        tensor = tensor.float()
    if isinstance(tensor, theirs.Tensor):
        return tensor.numpy(force=True)
    return tensor.numpy()


def call(library: Library, case, name: str | None = None, **extra):
    """Call the row's op; return the results and the leaves."""
    leaves: list = []
    args = library.argument(case.args, leaves)
    kwargs = library.argument(case.kwargs, leaves)
    result = library.find(name or case.op)(*args, **kwargs, **extra)
    after = getattr(case, "after", None)
    return (after(result) if after else result), leaves


def check(case: Row) -> None:
    """All that the row asks for. Values are read last: they share one program."""
    found: list[tuple] = []
    want, _ = call(THEIRS, case)
    got, _ = call(OURS, case)
    found.append((got, want, "value"))
    if case.grad and any(_wants_gradient(t) for t in tensors(want)):
        found += check_gradients(case)
    if case.inplace:
        found += check_inplace(case)
    if case.out:
        found += check_out(case)
    for dtype in case.dtypes:
        found += check_dtype(case, dtype)
    for got, want, what in found:
        compare(got, want, what, case.loose)


def _wants_gradient(t) -> bool:
    return isinstance(t, theirs.Tensor) and t.requires_grad


def gradients(library: Library, case: Row, order: int) -> list[list]:
    """Gradients of fixed combinations of the results, of each order."""
    result, leaves = call(library, case)
    return combinations.gradients(library.module, result, leaves, order)


def check_gradients(case: Row) -> list[tuple]:
    order = 2 if case.second else 1
    want, got = (gradients(library, case, order) for library in (THEIRS, OURS))
    found = []
    for step in range(order):
        # One may know that there is no gradient where the other has zeros.
        first = want[step] if step < len(want) else [None] * len(want[0])
        second = got[step] if step < len(got) else [None] * len(first)
        for i, (b, a) in enumerate(zip(first, second, strict=True)):
            what = f"gradient {i} of order {step + 1}"
            if a is None and b is not None:
                a = OURS.tensor(np.zeros(tuple(b.shape), kind(b)))
            if b is None and a is not None:
                b = THEIRS.tensor(np.zeros(tuple(a.shape), kind(a)))
            if b is not None:
                found.append((a, b, what))
    return found


def _unlike_method(case) -> bool:
    first = case.args[0] if case.args else None
    return case.op.count(".") > 0 or not isinstance(first, (Given, Cast))


def check_inplace(case: Row) -> list[tuple]:
    """``x.op_(…)`` where PyTorch has it."""
    name = f"Tensor.{case.op}_"
    if _unlike_method(case) or not hasattr(theirs.Tensor, case.op + "_"):
        return []
    plain = without_gradients(case)
    try:
        want, _ = call(THEIRS, plain, name)
    except Exception as error:
        check_raises(plain, error, name, words=0)
        return []
    leaves: list = []
    args = OURS.argument(plain.args, leaves)
    result = OURS.find(name)(*args, **OURS.argument(plain.kwargs, leaves))
    assert result is args[0], f"{name} did not return its tensor"
    return [(result, want, name)]


def without_gradients(case: Row) -> Row:
    """The same row with leaves that need no gradient."""
    values = dict(vars(case))
    values["args"] = _plain(case.args)
    values["kwargs"] = {k: _plain(v) for k, v in case.kwargs.items()}
    return Row(**values)


def _plain(x):
    if isinstance(x, Given):
        return Given(x.array, False)
    if isinstance(x, (tuple, list)):
        return type(x)(_plain(i) for i in x)
    return x


def check_out(case: Row) -> list[tuple]:
    """``out=`` where PyTorch has it."""
    plain = without_gradients(case)
    want, _ = call(THEIRS, plain)
    if case.after or not all(isinstance(t, theirs.Tensor) for t in tensors(want)):
        return []
    outs = {lib: _empties(lib, want) for lib in (THEIRS, OURS)}
    try:
        call(THEIRS, plain, out=outs[THEIRS])
    except (TypeError, RuntimeError):
        return []  # no such form
    call(OURS, plain, out=outs[OURS])
    return [(outs[OURS], outs[THEIRS], "out=")]


def _empties(library: Library, want):
    made = [
        library.tensor(np.zeros(tuple(t.shape))).to(
            getattr(library.module, str(t.dtype).removeprefix("torch."))
        )
        for t in tensors(want)
    ]
    return tuple(made) if isinstance(want, (tuple, list)) else made[0]


def check_dtype(case: Row, dtype: str) -> list[tuple]:
    """The values (or the error) in another dtype."""
    cast = in_dtype(case, dtype)
    try:
        want, _ = call(THEIRS, cast)
    except Exception as error:
        check_raises(cast, error, words=1000)
        return []
    got, _ = call(OURS, cast)
    return [(got, want, dtype)]


def in_dtype(case: Row, dtype: str) -> Row:
    """The row with its floating-point tensors in another dtype."""
    values = dict(vars(case))
    values["args"] = _cast(case.args, dtype)
    values["kwargs"] = {k: _cast(v, dtype) for k, v in case.kwargs.items()}
    return Row(**values)


def _cast(x, dtype: str):
    if isinstance(x, Given):
        return Cast(x.array, dtype) if x.grad else x
    if isinstance(x, (tuple, list)):
        return type(x)(_cast(i, dtype) for i in x)
    return x


def check_error(case: Error) -> None:
    """PyTorch's exception, by type and first line."""
    try:
        call(THEIRS, case)
    except Exception as error:
        check_raises(case, error, words=case.words)
    else:
        raise AssertionError("PyTorch does not refuse this")


def check_raises(case, want: Exception, name=None, *, words: int) -> None:
    try:
        result, _ = call(OURS, case, name)
    except Exception as error:
        got = error
    else:
        raise AssertionError(f"not refused, but {result}; PyTorch: {want!r}")
    kinds = (type(want).__name__, type(got).__name__)
    assert isinstance(got, type(want).__mro__[0]), f"{kinds}: {got}"
    if not words or "invalid combination of arguments" in str(want):
        return
    first, second = (str(e).split("\n")[0].split()[:words] for e in (want, got))
    assert second == first, f"{' '.join(second)!r}, not {' '.join(first)!r}"
