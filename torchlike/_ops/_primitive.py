"""Operations of our own below JAX's: what each is elsewhere, and on the host.

A primitive has a plain form, of JAX's own operations, which serves on every platform;
who makes it tells its derivatives and what CPUs have in its place.
"""

from __future__ import annotations

import functools

import jax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from .._engine.host.evaluate import evaluate
from .._engine.host.rules import rule


def primitive(name: str, plain, several: bool = False) -> Primitive:
    """A primitive that is ``plain``; ``several``: that returns a sequence."""
    made = Primitive(f"torchlike_{name}")
    made.multiple_results = several
    made.def_impl(
        lambda *xs, **params: jax.jit(functools.partial(made.bind, **params))(*xs)
    )
    mlir.register_lowering(made, mlir.lower_fun(plain, multiple_results=several))

    @rule(made.name)
    def on_host(*xs, **params):
        closed = jax.make_jaxpr(functools.partial(plain, **params))(*map(struct, xs))
        return evaluate(closed, *xs)

    return made


def several(name: str, plain) -> Primitive:
    """A primitive with several results, which is ``plain`` where it is derived or
    mapped as well."""
    made = primitive(name, plain, several=True)

    def derived(primals, tangents, **params):
        tangents = [ad.instantiate_zeros(t) for t in tangents]
        called = functools.partial(plain, **params)
        return jax.jvp(called, tuple(primals), tuple(tangents))

    def mapped(operands, dims, **params):
        outs = jax.vmap(functools.partial(plain, **params), dims)(*operands)
        return outs, (0,) * len(outs)

    def shapes(*xs, **params):
        outs = jax.eval_shape(functools.partial(plain, **params), *map(struct, xs))
        return [jax.core.ShapedArray(x.shape, x.dtype) for x in outs]

    made.def_abstract_eval(shapes)
    ad.primitive_jvps[made] = derived
    batching.primitive_batchers[made] = mapped
    return made


def struct(x) -> jax.ShapeDtypeStruct:
    """Shape and dtype of an array."""
    return jax.ShapeDtypeStruct(x.shape, x.dtype)
