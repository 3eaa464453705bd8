"""OptimizerInfo: every optimizer of PyTorch's own table of tests and every option set.

| check | compares |
| --- | --- |
| steps | the parameters after 20 steps |
| state | names, dtypes and contents of ``state_dict`` after them |
| from_torch, to_torch | 10 steps, the state handed over, 10 more on the other side |
| groups | 20 steps with two groups of parameters |
| flags | 20 steps with ``foreach``, ``fused``, ``capturable`` and ``differentiable`` |
| differentiable | gradients that flow through three steps |
| errors | the exception's type, and the start of its message |
"""

from __future__ import annotations

import copy
import functools
import inspect
import re
import warnings
from collections.abc import Iterator

import jax
import numpy as np
import torch as theirs
from torch.testing._internal.common_optimizers import optim_db

import torchlike as ours

from . import translate
from .compare import Different, compare
from .rebuild import rebuild
from .results import Options, Row, occurrences
from .tally import Tally

DTYPES = ("float32", "float64", "complex64", "complex128")
STEPS = 20
SHAPES = ((3, 4), (5,), (), (2, 3, 2))
FLAGS = ("foreach", "fused", "capturable", "differentiable")
SCRATCH = ("al",)  # where LBFGS keeps the products of a step until it ends
TOLERANCE = {"64": (1e-5, 1e-8), "32": (1e-4, 1e-5)}


@functools.cache
def entries() -> dict:
    """All OptimizerInfos by name, such as ``Adam``."""
    return {info.optim_cls.__name__: info for info in optim_db}


def names() -> list[str]:
    """The names of all entries."""
    return sorted(entries())


def _dtypes(info) -> tuple[str, ...]:
    complex_too = info.supports_complex and not info.only_supports_sparse_grads
    return DTYPES if complex_too else DTYPES[:2]


def listed() -> dict[str, int]:
    """How many entries have each dtype."""
    return occurrences(d for info in optim_db for d in _dtypes(info))


def run(name: str, options: Options) -> Iterator[Row]:
    """The rows of one entry."""
    info = entries()[name]
    for dtype in _dtypes(info):
        if options.dtypes and dtype not in options.dtypes:
            continue
        tally = Tally(name, dtype)
        for sample in info.optim_inputs_func(device="cpu"):
            for check, function in CHECKS.items():
                if options.wants(check) and _applies(info, check):
                    call = functools.partial(function, info, sample.kwargs, dtype)
                    tally.add(check, sample.desc, call)
        yield from tally.rows.values()
    if options.wants("errors"):
        yield from _errors(name, info)
    jax.clear_caches()


def _applies(info, check: str) -> bool:
    return check != "groups" or info.supports_param_groups


class Side:
    """One library's optimizer over the same parameters, stepping on given gradients."""

    def __init__(self, library, info, kwargs, dtype, groups=False):
        self.library, self.dtype = library, dtype
        self.rows = info.only_supports_sparse_grads
        name = info.optim_cls.__name__
        flat = name in ("Muon", "SparseAdam")
        self.shapes = ((3, 4), (5, 2)) if flat else SHAPES
        self.rng = np.random.default_rng(0)
        self.params = [self._draw(s).requires_grad_() for s in self.shapes]
        self.closure = name == "LBFGS"
        # What is differentiated through is no leaf.
        if kwargs.get("differentiable"):
            self.params = [p.clone() for p in self.params]
        given = kwargs if library is theirs else rebuild(kwargs)
        listed = self.params
        if groups:
            listed = [{"params": listed[:1]}, {"params": listed[1:], "lr": 0.02}]
        self.optimizer = getattr(library.optim, name)(listed, **given)

    def _draw(self, shape):
        drawn = self.rng.standard_normal(shape)
        if self.dtype.startswith("complex"):
            drawn = drawn + 1j * self.rng.standard_normal(shape)
        drawn = np.asarray(drawn, self.dtype)
        return self.library.from_numpy(drawn.copy())

    def _grad(self, shape):
        grad = self._draw(shape)
        if not self.rows:
            return grad
        where = np.sort(self.rng.choice(shape[0], 2, replace=False))[None]
        where = self.library.from_numpy(where.astype(np.int64))
        return self.library.sparse_coo_tensor(where, grad[where[0]], tuple(shape))

    def steps(self, count: int) -> None:
        """Step on gradients that are the same on both sides."""
        for _ in range(count):
            grads = [self._grad(s) for s in self.shapes]
            for p, grad in zip(self.params, grads, strict=True):
                p.grad = grad
            self.optimizer.step(*([self._loss] if self.closure else []))

    def _loss(self):
        """A closure: the sum of |p - 1|^2 / (i + 1) over the parameters."""
        self.optimizer.zero_grad()
        parts = ((p - 1).abs().square().sum() for p in self.params)
        loss = sum(x / (i + 1) for i, x in enumerate(parts))
        loss.backward()
        return loss


def _sides(info, kwargs, dtype, **options) -> list[Side]:
    return [Side(lib, info, dict(kwargs), dtype, **options) for lib in (ours, theirs)]


def _stepped(info, kwargs, dtype, **options) -> list[Side]:
    both = _sides(info, kwargs, dtype, **options)
    for side in both:
        side.steps(STEPS)
    return both


def _same(got, want, dtype: str, what: str) -> None:
    precise = dtype in ("float64", "complex128")
    compare(got, want, what, loose=TOLERANCE["64" if precise else "32"])


def _steps(info, kwargs, dtype) -> None:
    got, want = _stepped(info, kwargs, dtype)
    _same(got.params, want.params, dtype, "parameter")


def _groups(info, kwargs, dtype) -> None:
    got, want = _stepped(info, kwargs, dtype, groups=True)
    _same(got.params, want.params, dtype, "parameter")


def _state(info, kwargs, dtype) -> None:
    got, want = (s.optimizer.state_dict() for s in _stepped(info, kwargs, dtype))
    options = [list(state["param_groups"][0]) for state in (got, want)]
    if options[0] != options[1]:
        raise Different(f"options {options[0]}, not {options[1]}")
    if list(got["state"]) != list(want["state"]):
        raise Different(f"state {list(got['state'])}, not {list(want['state'])}")
    for i, entry in want["state"].items():
        mine = got["state"][i]
        entry = {k: v for k, v in entry.items() if k not in SCRATCH}
        if set(mine) != set(entry):
            raise Different(f"state {i} {list(mine)}, not {list(entry)}")
        for name, value in entry.items():
            _same(mine[name], value, dtype, f"state {i} {name}")


def _from_torch(info, kwargs, dtype) -> None:
    got, want = _sides(info, kwargs, dtype)
    want.steps(STEPS // 2)
    _hand_over(want, got, rebuild)
    _go_on(got, want, dtype)


def _to_torch(info, kwargs, dtype) -> None:
    got, want = _sides(info, kwargs, dtype)
    got.steps(STEPS // 2)
    _hand_over(got, want, _to_theirs)
    _go_on(got, want, dtype)


def _hand_over(source: Side, target: Side, convert) -> None:
    state = convert(copy.deepcopy(source.optimizer.state_dict()))
    target.optimizer.load_state_dict(state)
    with target.library.no_grad():
        for p, q in zip(target.params, source.params, strict=True):
            p.copy_(convert(q.detach()))


def _go_on(got: Side, want: Side, dtype: str) -> None:
    for side in (got, want):
        side.rng = np.random.default_rng(1)
        side.steps(STEPS // 2)
    _same(got.params, want.params, dtype, "parameter")


def _to_theirs(item):
    if isinstance(item, ours.Tensor):
        made = theirs.from_numpy(np.array(item.detach().numpy()))
        return made.to(getattr(theirs, str(item.dtype).rpartition(".")[2]))
    if isinstance(item, dict):
        return {k: _to_theirs(v) for k, v in item.items()}
    if isinstance(item, (list, tuple)):
        return type(item)(map(_to_theirs, item))
    return item


def _flags(info, kwargs, dtype) -> None:
    """Ours with each flag beside PyTorch's without."""
    known = inspect.signature(info.optim_cls).parameters
    tensor_lr = any(isinstance(v, theirs.Tensor) for v in kwargs.values())
    want = Side(theirs, info, dict(kwargs), dtype)
    want.steps(STEPS)
    for flag in FLAGS:
        if flag not in known or (flag == "foreach" and tensor_lr):
            continue
        got = Side(ours, info, {**kwargs, flag: True}, dtype)
        with ours.no_grad():
            got.steps(STEPS)
        _same(got.params, want.params, dtype, f"{flag}: parameter")


def _differentiable(info, kwargs, dtype) -> None:
    """The derivative of the stepped parameters by the first ones and the gradients."""
    if "differentiable" not in info.supported_impls:
        return
    got, want = _sides(info, {**kwargs, "differentiable": True}, dtype)
    try:
        want = _derivative(info, kwargs, want)
    except RuntimeError:
        return  # PyTorch's own step overwrites what its backward needs
    got = _derivative(info, kwargs, got)
    # PyTorch corrects biases in the single precision of ``step`` here.
    compare(got, want, "derivative", loose=(1e-4, 1e-6))


def _derivative(info, kwargs, side: Side) -> list:
    starts = [p.detach().requires_grad_() for p in side.params]
    grads = [side._grad(s).requires_grad_() for s in side.shapes]
    params = [s.clone() for s in starts]
    options = kwargs if side.library is theirs else rebuild(kwargs)
    made = getattr(side.library.optim, info.optim_cls.__name__)
    optimizer = made(params, **{**options, "differentiable": True})
    for _ in range(3):
        for p, g in zip(params, grads, strict=True):
            p.grad = g * g.abs()
        optimizer.step()
    sum((p.abs() ** 2).sum() for p in params).backward()
    return [x.grad for x in (*starts, *grads)]


CHECKS = {
    "steps": _steps,
    "state": _state,
    "from_torch": _from_torch,
    "to_torch": _to_torch,
    "groups": _groups,
    "flags": _flags,
    "differentiable": _differentiable,
}


def _errors(name: str, info) -> Iterator[Row]:
    tally = Tally(name, "")
    for error in info.optim_error_inputs_func(device="cpu", dtype=theirs.float32):
        tally.add("errors", error.optimizer_error_input.desc, _Raises(info, error))
    yield from tally.rows.values()


class _Raises:
    """A call that must raise what PyTorch raises."""

    def __init__(self, info, error):
        self.info, self.error = info, error

    def __call__(self) -> None:
        sample = self.error.optimizer_error_input
        params = sample.params
        if params is None:
            params = [theirs.nn.Parameter(theirs.ones(2, 3))]
        cls = getattr(ours.optim, self.info.optim_cls.__name__)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                # A tensor met twice is one tensor.
                given = translate.Translator()(params)
                made = cls(given, **rebuild(sample.kwargs))
                if self.error.error_on.name == "STEP_ERROR":
                    for p in made.param_groups[0]["params"]:
                        p.grad = p.detach().clone()
                    made.step()
        except Exception as raised:
            if not isinstance(raised, self.error.error_type):
                raise Different(f"{sample.desc}: {raised!r}") from None
            if not re.search(self.error.error_regex, str(raised)):
                raise Different(f"{sample.desc}: {raised}") from None
            return
        raise Different(f"{sample.desc}: nothing raised")
