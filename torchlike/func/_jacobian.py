"""Jacobians and Hessians, a row or a column for each basis vector, all at once."""

from __future__ import annotations

import functools

from .._ops import creation, views
from ..autograd.grad_mode import mode
from ..autograd.levels import GradLevel
from ._forward import jvp
from ._reverse import (
    _check_outputs,
    _split_aux,
    _variables,
    check_argnums,
    lowered,
    pull,
    replaced,
)
from ._tree import flatten, unflatten
from ._vmap import vmap


def _shape(tensor) -> tuple[int, ...]:
    return tuple(tensor._value().aval.shape)


def _basis(tensor):
    """The unit vectors of the space ``tensor`` lives in: (N, *shape)."""
    value, n = tensor._value(), tensor.numel()
    eye = creation.eye(n, dtype=value.aval.dtype, device=value.device)
    return views.reshape(eye, (n, *value.aval.shape))


def jacrev(
    func, argnums=0, *, has_aux=False, chunk_size=None, _preallocate_and_copy=False
):
    """The Jacobian of ``func`` by reverse mode, a row for each output element.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.jacrev.html
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        numbers = check_argnums(argnums, args)
        with GradLevel() as level:
            mode.enabled = True
            leaves, spec = _variables(level, tuple(args[n] for n in numbers))
            inputs = replaced(args, numbers, unflatten(spec, leaves))
            output, aux = _split_aux("jacrev", func(*inputs, **kwargs), has_aux)
            _check_outputs("jacrev(f, ...)(*args)", output)
        outs, out_spec = flatten(output)
        rows = [_rows(level, out, leaves, chunk_size) for out in outs]
        rows = [unflatten(spec, r) for r in rows]
        if not isinstance(argnums, tuple):
            rows = [r[0] for r in rows]
        result = unflatten(out_spec, rows)
        return (result, lowered(level, aux)) if has_aux else result

    return wrapper


def _rows(level, out, leaves, chunk_size) -> list:
    """The derivatives of one output with respect to each leaf."""
    one = vmap(lambda c: pull(level, [out], leaves, [c]), chunk_size=chunk_size)
    rows = one(_basis(level.content(out)))
    return [
        views.reshape(r, _shape(out) + _shape(leaf))
        for r, leaf in zip(rows, leaves, strict=True)
    ]


def jacfwd(func, argnums=0, has_aux=False, *, randomness="error"):
    """The Jacobian of ``func`` by forward mode, a column for each input element.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.jacfwd.html
    """

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        numbers = check_argnums(argnums, args)
        primals, spec = flatten(tuple(args[n] for n in numbers))

        def push(*tangents):
            def chosen(*new):
                inputs = replaced(args, numbers, unflatten(spec, new))
                return func(*inputs, **kwargs)

            out = jvp(chosen, tuple(primals), tangents, has_aux=has_aux)
            return out[1:] if has_aux else out[1]

        columns = [
            _columns(push, primals, i, has_aux, randomness) for i in range(len(primals))
        ]
        parts = [c[0] if has_aux else c for c in columns]
        aux = columns[0][1] if has_aux else None
        flat = [flatten(p)[0] for p in parts]
        out_spec = flatten(parts[0])[1]
        rows = [unflatten(spec, list(r)) for r in zip(*flat, strict=True)]
        if not isinstance(argnums, tuple):
            rows = [r[0] for r in rows]
        result = unflatten(out_spec, rows)
        return (result, aux) if has_aux else result

    return wrapper


def _columns(push, primals, i: int, has_aux: bool, randomness: str):
    """The derivatives of every output with respect to primal ``i``."""
    basis = _basis(primals[i])
    still = [p * 0 for p in primals]

    def one(tangent):
        return push(*replaced(still, (i,), (tangent,)))

    n = basis._value().aval.shape[0]
    if n == 0:
        raise RuntimeError("jacfwd: an input without elements has no derivatives")
    out_dims = (-1, None) if has_aux else -1
    columns = vmap(one, out_dims=out_dims, randomness=randomness)(basis)
    derivative, aux = columns if has_aux else (columns, None)
    leaves, spec = flatten(derivative)
    shaped = [views.reshape(c, _shape(c)[:-1] + _shape(primals[i])) for c in leaves]
    shaped = unflatten(spec, shaped)
    return (shaped, aux) if has_aux else shaped


def hessian(func, argnums=0):
    """The second derivatives of ``func``, forward over reverse.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.hessian.html
    """
    return jacfwd(jacrev(func, argnums), argnums)
