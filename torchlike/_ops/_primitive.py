"""Operations of our own below JAX's: what each is elsewhere, and on the host.

A primitive has a plain form, of JAX's own operations, which serves on every platform;
who makes it tells its derivatives and what CPUs have in its place.
"""

from __future__ import annotations

import functools

import jax
from jax.extend.core import Primitive
from jax.interpreters import mlir

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
        structs = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in xs]
        closed = jax.make_jaxpr(functools.partial(plain, **params))(*structs)
        return evaluate(closed, *xs)

    return made
