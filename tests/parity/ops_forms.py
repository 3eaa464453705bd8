"""Method, in-place, ``out=``, operator and alias forms of an op."""

from __future__ import annotations

import torch as theirs

import torchlike as ours

from . import exceptions
from .calls import Call
from .compare import Different
from .translate import Missing, Translator, function

_SEED = 42  # OpInfo seeds the plain form only


def calls(form, name, op, function_, dtype, sample, i, want) -> list[Call]:
    """The comparisons of one form on one sample."""
    return _FORMS[form](name, op, function_, dtype, sample, i, want)


def clone(x):
    """Tensors of their own in the same structure."""
    if isinstance(x, theirs.Tensor):
        return x.detach().clone()
    if isinstance(x, (tuple, list)) and not hasattr(x, "_fields"):
        return type(x)(clone(i) for i in x) if type(x) in (tuple, list) else x
    if isinstance(x, dict):
        return {k: clone(v) for k, v in x.items()}
    return x


def _variant(check, name, dtype, variant, sample, same=False, **kwargs) -> list[Call]:
    """Compare another function on the sample; ``same``: it returns its first one."""
    arguments = sample.input, sample.args, {**sample.kwargs, **kwargs}
    translate = Translator(exceptions.strided(name))
    given = translate(arguments)
    first, args, keywords = clone(arguments)
    theirs.manual_seed(_SEED)
    try:
        want = variant(first, *args, **keywords)
    except Exception:
        return []

    def make():
        first, args, kwargs = given if not same else Translator()(arguments)
        ours.manual_seed(_SEED)
        result = _found(variant)(first, *args, **kwargs)
        if same and result is not first:
            raise Different(f"{check}: the tensor itself is not returned")
        return result

    return [_call(check, name, dtype, make, want)]


_UNSEEN = (exceptions.undefined, exceptions.gauge, exceptions.ties)


def _found(variant):
    return function(variant)


def _call(check, name, dtype, make, want) -> Call:
    return Call(
        check,
        make,
        want,
        loose=exceptions.loose(name, dtype, check),
        values=not any(t(name) for t in _UNSEEN),
    )


def _method(name, op, function_, dtype, sample, i, want):
    if op.method_variant is None or not isinstance(sample.input, theirs.Tensor):
        return []
    return _variant("method", name, dtype, op.method_variant, sample)


def _inplace(name, op, function_, dtype, sample, i, want):
    if op.inplace_variant is None or not isinstance(sample.input, theirs.Tensor):
        return []
    return _variant("inplace", name, dtype, op.inplace_variant, sample, same=True)


def _operator(name, op, function_, dtype, sample, i, want):
    if sample.kwargs or len(sample.args) > 1 or i > 2:
        return []
    variants = (op.operator_variant, op.inplace_operator_variant)
    found = []
    for variant in filter(None, variants):
        same = variant is op.inplace_operator_variant
        found += _variant("operator", name, dtype, variant, sample, same=same)
    return found


def _alias(name, op, function_, dtype, sample, i, want):
    if i:
        return []
    found = []
    for alias in op.aliases:
        for variant in filter(None, (alias.op, alias.method_variant)):
            found += _variant("alias", name, dtype, variant, sample)
        if alias.inplace_variant:
            found += _variant(
                "alias", name, dtype, alias.inplace_variant, sample, same=True
            )
    return found


def _out(name, op, function_, dtype, sample, i, want):
    tensors = [want] if isinstance(want, theirs.Tensor) else want
    if not op.supports_out or not isinstance(tensors, (tuple, list)):
        return []
    if exceptions.gauge(name) or not all(isinstance(t, theirs.Tensor) for t in tensors):
        return []
    outs = [theirs.empty_like(t).fill_(0) for t in tensors]
    out = outs[0] if want is tensors[0] or tensors == [want] else tuple(outs)
    arguments = clone((sample.input, sample.args, sample.kwargs))
    first, args, kwargs = arguments
    try:
        op.op(first, *args, **kwargs, out=out)
    except Exception:
        return []

    def make():
        first, args, kwargs = Translator()((sample.input, sample.args, sample.kwargs))
        mine = [ours.zeros(tuple(t.shape), dtype=_dtype(t)) for t in outs]
        given = mine[0] if out is outs[0] else tuple(mine)
        result = function_(first, *args, **kwargs, out=given)
        results = [result] if isinstance(result, ours.Tensor) else result
        if not all(a is b for a, b in zip(results, mine, strict=True)):
            raise Different("out: the given tensors are not returned")
        return given

    return [_call("out", name, dtype, make, out)]


def _dtype(t):
    name = str(t.dtype).removeprefix("torch.")
    if not hasattr(ours, name):
        raise Missing(name)
    return getattr(ours, name)


_FORMS = {
    "method": _method,
    "inplace": _inplace,
    "operator": _operator,
    "alias": _alias,
    "out": _out,
}
