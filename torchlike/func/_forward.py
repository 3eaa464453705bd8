"""Forward mode as functions: ``jvp``, ``linearize``."""

from __future__ import annotations

from ..autograd.forward import DualLevel
from ..autograd.variable import TensorBase, wrap
from ._reverse import _split_aux, lowered, vjp, zeros
from ._tree import flatten, tree_map, unflatten

_JVP = "jvp(f, primals, tangents)"


def jvp(func, primals, tangents, *, strict=False, has_aux=False):
    """The value of ``func`` and its derivative in the direction of ``tangents``.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.jvp.html
    """
    if not isinstance(primals, tuple):
        raise RuntimeError(
            f"{_JVP}: Expected primals to be a tuple. E.g. it should be valid to call "
            "f(*primals)."
        )
    given, spec = flatten(primals)
    pushed, tangent_spec = flatten(tangents)
    if spec != tangent_spec:
        raise RuntimeError(
            f"{_JVP}: Expected primals and tangents to have the same python structure. "
            "For example, if primals is a tuple of 3 tensors, tangents also must be. "
            f"Got primals with structure {spec} and tangents with structure "
            f"{tangent_spec}"
        )
    _check("primals", given)
    _check("tangents", pushed)
    with DualLevel() as level:
        inputs = [wrap(level.hold(x, t)) for x, t in zip(given, pushed, strict=True)]
        output = func(*unflatten(spec, inputs))
        output, aux = _split_aux(_JVP, output, has_aux)
        for out in flatten(output)[0]:
            if not isinstance(out, TensorBase):
                raise RuntimeError(
                    f"{_JVP}: expected f(*args) to return only tensors, got "
                    f"unsupported type {type(out)}"
                )
    result = lowered(level, output)
    derivative = tree_map(lambda out: _tangent(level, out, strict), output)
    return (
        (result, derivative, lowered(level, aux))
        if has_aux
        else (
            result,
            derivative,
        )
    )


def _check(name: str, leaves) -> None:
    for x in leaves:
        if not isinstance(x, TensorBase):
            raise RuntimeError(
                f"{_JVP}: Expected {name} to only contain Tensors, got {type(x)}"
            )


def _tangent(level, out, strict: bool):
    value = out._value()
    if level.holds(value) and value.tag is not None:
        return value.tag
    if strict:
        raise RuntimeError(
            "jvp(f, primals, tangents, strict=True): The output of f is independent of "
            "the inputs. This is not allowed with strict=True."
        )
    return zeros(level.content(out))


def linearize(func, *primals):
    """The value of ``func`` and its derivative at ``primals`` as a linear function.

    ``func`` runs once: the derivative is the transpose of its ``vjp``.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.linearize.html
    """
    output, pull_back = vjp(func, *primals)
    _, push = vjp(pull_back, tree_map(zeros, output))
    expected = flatten(primals)[1]

    def jvp_fn(*tangents):
        spec = flatten(tangents)[1]
        if spec != expected:
            raise RuntimeError(
                f"Expected the tangents {spec} to have the same argspec as the primals "
                f"{expected}"
            )
        (derivative,) = push(tangents)
        return derivative

    return output, jvp_fn
