"""Reverse mode as functions: ``grad``, ``grad_and_value``, ``vjp``."""

from __future__ import annotations

import functools

from ..autograd.engine import Backward, filled
from ..autograd.grad_mode import mode
from ..autograd.graph import edge_of
from ..autograd.levels import GradLevel
from ..autograd.variable import TensorBase
from ._tree import flatten, map_tensors, unflatten


def pull(level: GradLevel, outputs, leaves, cotangents) -> list:
    """Gradients of ``leaves`` (tensors of ``level``), as tensors of the level below.

    ``outputs`` are tensors of the level, ``cotangents`` of the one below.
    """
    captures = {(leaf, 0): i for i, leaf in enumerate(leaves)}
    with level:
        roots = []
        for out, cotangent in zip(outputs, cotangents, strict=True):
            out._value()
            if isinstance(out, TensorBase) and (edge := edge_of(out)) is not None:
                roots.append((*edge, level.lift(cotangent)))
        level.pulling, saved = True, level.pulling
        try:
            found = Backward(False, True, captures).run(roots)
        finally:
            level.pulling = saved
    return [
        level.content(found[i]) if i in found else zeros(leaf)
        for i, leaf in enumerate(leaves)
    ]


def zeros(tensor):
    """Zeros of the same shape and dtype."""
    value = tensor._value()
    return filled(value.aval, value.device, 0)


def ones(tensor):
    """Ones of the same shape and dtype."""
    value = tensor._value()
    return filled(value.aval, value.device, 1)


def _variables(level, tree) -> tuple[list, object]:
    """The tensors of a tree as leaves of ``level``."""

    def variable(x):
        if not isinstance(x, TensorBase):
            raise ValueError(
                f"Thing passed to transform API must be Tensor, got {type(x)}"
            )
        return level.lift(x, x._value().aval.dtype.category >= 2)

    leaves, spec = flatten(tree)
    return [variable(x) for x in leaves], spec


def check_argnums(argnums, args) -> tuple[int, ...]:
    """The numbers of the differentiated arguments, counted from the front."""
    if isinstance(argnums, tuple):
        if not argnums:
            raise RuntimeError("argnums must be non-empty")
        wrapped = tuple(_argnum(n, args) for n in argnums)
        if len(set(wrapped)) != len(wrapped):
            raise RuntimeError(f"argnums elements must be unique, got {argnums}")
        return wrapped
    if not isinstance(argnums, int):
        raise RuntimeError(
            f"argnums must be int or Tuple[int, ...], got: {type(argnums)}"
        )
    return (_argnum(argnums, args),)


def _argnum(n, args) -> int:
    if not isinstance(n, int):
        raise RuntimeError(f"argnum must be int, got: {type(n)}")
    if not -len(args) <= n < len(args):
        raise RuntimeError(f"Got argnum={n}, but only {len(args)} positional inputs")
    return n % len(args)


def replaced(args, numbers, new) -> list:
    """``args`` with other ones at ``numbers``."""
    args = list(args)
    for n, x in zip(numbers, new, strict=True):
        args[n] = x
    return args


def lifted(level, tree):
    """The tensors of a tree as constants of ``level``."""
    return map_tensors(level.lift, tree)


def lowered(level, tree):
    """The tensors of a tree as tensors of the level below."""
    return map_tensors(level.content, tree)


def grad_and_value(func, argnums=0, has_aux=False):
    """A function that gives the gradient of ``func`` and its value.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.grad_and_value.html
    """

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        numbers = check_argnums(argnums, args)
        with GradLevel() as level:
            mode.enabled = True
            chosen = tuple(args[n] for n in numbers)
            leaves, spec = _variables(level, chosen)
            inputs = replaced(args, numbers, unflatten(spec, leaves))
            output = func(*inputs, **kwargs)
            output, aux = _split_aux("grad_and_value(f)(*args)", output, has_aux)
            _check_scalar(output)
        grads = pull(level, [output], leaves, [ones(output)])
        grads = unflatten(spec, grads)
        grads = grads if isinstance(argnums, tuple) else grads[0]
        value = level.content(output)
        return (grads, (value, lowered(level, aux))) if has_aux else (grads, value)

    return wrapper


def _split_aux(where: str, output, has_aux: bool):
    if not has_aux:
        return output, None
    if not isinstance(output, tuple) or len(output) != 2:
        raise RuntimeError(
            f"{where}: output of function f should be a tuple: (output, aux) if "
            "has_aux is True"
        )
    return output


def _check_scalar(output) -> None:
    where = "grad_and_value(f)(*args): Expected f(*args) to return a "
    if not isinstance(output, TensorBase):
        raise RuntimeError(f"{where}Tensor, got {type(output)}")
    if output.dim():
        raise RuntimeError(
            f"{where}scalar Tensor, got tensor with {output.dim()} dims. Maybe you "
            "wanted to use the vjp or jacrev APIs instead?"
        )


def grad(func, argnums=0, has_aux=False):
    """A function that gives the gradient of ``func``, which returns a scalar.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.grad.html
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        grads, value = both(*args, **kwargs)
        return (grads, value[1]) if has_aux else grads

    return wrapper


def vjp(func, *primals, has_aux=False):
    """The value of ``func`` and a function from cotangents to gradients.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.vjp.html
    """
    with GradLevel() as level:
        mode.enabled = True
        leaves, spec = _variables(level, primals)
        output = func(*unflatten(spec, leaves))
        output, aux = _split_aux("vjp(f, *primals)", output, has_aux)
        _check_outputs("vjp(f, *primals)", output)
    outs, out_spec = flatten(output)

    def vjp_fn(cotangents, retain_graph=True, create_graph=None):
        given, given_spec = flatten(cotangents)
        if given_spec != out_spec:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree "
                f"structure of outputs to the function. cotangents: {given_spec}, "
                f"primal output: {out_spec}"
            )
        return unflatten(spec, pull(level, outs, leaves, given))

    result = lowered(level, output)
    return (result, vjp_fn, lowered(level, aux)) if has_aux else (result, vjp_fn)


def _check_outputs(where: str, output) -> None:
    outs = flatten(output)[0]
    if not outs:
        raise RuntimeError(
            f"{where}: Expected f to be a function that has non-empty output (got "
            f"output = {output})"
        )
    for out in outs:
        if not isinstance(out, TensorBase):
            raise RuntimeError(
                f"{where}: expected f(*primals) to return only tensors, got "
                f"unsupported type {type(out)}"
            )
