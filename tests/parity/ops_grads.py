"""First and second gradients of an op, with fixed random cotangents."""

from __future__ import annotations

import numpy as np
import torch as theirs

import torchlike as ours

from . import exceptions, translate
from .calls import Call, rows, settle
from .results import Options
from .translate import Missing, Translator

DTYPES = ("float64", "complex128")


def checks(op, dtype: str, options: Options) -> list[str]:
    """``grads`` and ``second``, where OpInfo says they exist."""
    exists = dtype in DTYPES and op.supports_autograd
    if not exists or getattr(theirs, dtype) not in op.backward_dtypes:
        return []
    names = ["grads", "second"] if op.supports_gradgrad else ["grads"]
    return [n for n in names if options.wants(n)]


def run(name, op, function_, dtype, options, samples):
    """The rows of both checks."""
    wanted = checks(op, dtype, options)
    if not wanted:
        return []
    calls = []
    for sample in samples(op, dtype, options.samples, requires_grad=True):
        calls += _calls(name, op, function_, dtype, sample, wanted)
    settle(calls)
    return rows(name, dtype, calls)


def _calls(name, op, function_, dtype, sample, wanted) -> list[Call]:
    translate_ = Translator(exceptions.strided(name))
    arguments = sample.input, sample.args, sample.kwargs
    given = translate_(arguments)
    leaves = [t for t, _ in translate_.made.values() if t.requires_grad]
    if not leaves:
        return []
    try:
        out = _evaluate(op.gradcheck_wrapper, op.op, sample, arguments)
        want = _gradients(_Theirs, out, leaves, len(wanted))
    except Exception:
        return []
    if not want or not want[0]:
        return []
    state: dict = {}

    def make(order):
        def get():
            if "found" not in state:
                state["found"] = _ours(
                    op, function_, sample, given, translate_, leaves, len(wanted)
                )
            return _fill(state["found"], want, order)

        return get

    return [
        Call(
            check,
            make(i),
            _fill(want, want, i),
            loose=exceptions.loose(name, dtype, check),
        )
        for i, check in enumerate(("grads", "second"))
        if check in wanted and i < len(want)
    ]


def _evaluate(wrapper, f, sample, arguments, process=None):
    first, args, kwargs = arguments
    result = wrapper(f, first, *args, **kwargs)
    return (process or sample.output_process_fn_grad)(result)


def _ours(op, function_, sample, given, translate_, leaves, orders):
    wrapper = translate.function(op.gradcheck_wrapper)
    process = translate.function(sample.output_process_fn_grad)
    mine = [translate_.made[id(t)][1] for t in leaves]
    out = _evaluate(wrapper, function_, sample, given, process)
    return _gradients(_Ours, out, mine, orders)


class _Theirs:
    library = theirs

    @staticmethod
    def tensor(array):
        return theirs.from_numpy(array).requires_grad_()


class _Ours:
    library = ours

    @staticmethod
    def tensor(array):
        return ours.from_numpy(array).requires_grad_()


def _flat(x) -> list:
    if isinstance(x, (tuple, list)):
        return [t for item in x for t in _flat(item)]
    return [x]


def _gradients(side, out, leaves, orders: int) -> list[list]:
    """Gradients of fixed combinations of the results, of each order."""
    level = _differentiable(_flat(out))
    sources, found = list(leaves), []
    for step in range(orders):
        if not level:
            break
        cotangents = [
            side.tensor(_weights(tuple(t.shape), str(t.dtype), 7 * step + i))
            for i, t in level.items()
        ]
        gradients = side.library.autograd.grad(
            list(level.values()),
            sources,
            cotangents,
            create_graph=step + 1 < orders,
            allow_unused=True,
        )
        found.append(list(gradients))
        level = _differentiable(gradients)
        sources += cotangents
    return found


def _differentiable(found) -> dict[int, object]:
    return {i: t for i, t in enumerate(found) if getattr(t, "requires_grad", False)}


def _weights(shape, dtype: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(100 + seed)
    made = rng.normal(size=shape)
    if "complex" in dtype:
        made = made + 1j * rng.normal(size=shape)
    return np.asarray(made, dtype.removeprefix("torch."))


def _fill(found, want, order):
    """Gradients of one order: no gradient and zeros are the same."""
    if order >= len(found):
        found = [*found, *[[None] * len(w) for w in want[len(found) :]]]
    filled = []
    for mine, reference in zip(found[order], want[order], strict=True):
        if reference is None and mine is None:
            continue
        if reference is None:
            mine = _only_zeros(mine)
        if mine is None:
            make = ours if found is not want else theirs
            kind = str(reference.dtype).removeprefix("torch.")
            mine = make.zeros(tuple(reference.shape), dtype=getattr(make, kind))
        if mine is not ...:
            filled.append(mine)
    return filled


def _only_zeros(mine):
    """A gradient where PyTorch has none: harmless if it is 0."""
    if not bool((mine.detach() == 0).all()):
        raise Missing("a gradient where PyTorch has none")
    return ...
