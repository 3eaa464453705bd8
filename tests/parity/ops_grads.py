"""First and second gradients of an op, with fixed random cotangents."""

from __future__ import annotations

import torch as theirs

import torchlike as ours

from ..combinations import gradients, kind
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
    # PyTorch has no gradient for a view that was made without recording.
    made = [t for t, _ in translate_.made.values() if t.requires_grad]
    leaves = [t for t in made if not (t.is_leaf and t._is_view())]
    if not leaves:
        return []
    try:
        out = _evaluate(op.gradcheck_wrapper, op.op, sample, arguments)
        want = gradients(theirs, out, leaves, len(wanted), through=True)
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
    return gradients(ours, out, mine, orders, through=True)


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
            dtype = getattr(make, kind(reference))
            mine = make.zeros(tuple(reference.shape), dtype=dtype)
        if mine is not ...:
            filled.append(mine)
    return filled


def _only_zeros(mine):
    """A gradient where PyTorch has none: harmless if it is 0."""
    if not bool((mine.detach() == 0).all()):
        raise Missing("a gradient where PyTorch has none")
    return ...
