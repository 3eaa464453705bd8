"""Forward mode: values with a tangent, and ops that push tangents along."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .._engine import describe
from .levels import Level, run


class PushedOp:
    """The tangents of the inexact results of ``base``.

    Its operands are those of ``base``, then the tangents of those in ``dual``.
    """

    differentiable = True
    view = None
    to_float = False

    def __init__(self, base, dual: tuple[bool, ...]):
        self.base = base
        self.dual = dual
        self.name = base.name + "_jvp"

    def grad_name(self) -> str:
        return self.base.grad_name()

    def __repr__(self) -> str:
        return f"<jvp of {self.base!r}>"

    def stable_name(self) -> str:
        """Its name in every process."""
        return f"jvp {describe((self.base, self.dual))}"

    def run(self, operands, static) -> list:
        n = len(self.dual)
        primals, tangents = operands[:n], operands[n:]

        def forward(*chosen):
            chosen = iter(chosen)
            filled = [
                next(chosen) if d else x
                for x, d in zip(primals, self.dual, strict=True)
            ]
            return [jnp.asarray(y) for y in self.base.run(filled, static)]

        chosen = [x for x, d in zip(primals, self.dual, strict=True) if d]
        outs, pushed = jax.jvp(forward, chosen, list(tangents))
        pairs = zip(outs, pushed, strict=True)
        return [t for y, t in pairs if jnp.issubdtype(y.dtype, jnp.inexact)]


def pushed_op(base, dual: tuple[bool, ...]) -> PushedOp:
    """The one ``PushedOp`` of its kind."""
    table = base.__dict__.setdefault("_pushed", {})
    found = table.get(dual)
    if found is None:
        found = table.setdefault(dual, PushedOp(base, dual))
    return found


class DualLevel(Level):
    """A ``jvp``; the tag of a value is its tangent, a tensor of the level below."""

    def process(self, op, static, operands, place) -> list:
        """Run an op and push the tangents along."""
        dual = tuple(self.holds(x) and x.tag is not None for x in operands)
        with self.below():
            contents = self.contents(operands)
            results = run(op, static, contents, place)
            if not (any(dual) and op.differentiable):
                return [self.hold(r) for r in results]
            tangents = [x.tag for x, d in zip(operands, dual, strict=True) if d]
            pushed = pushed_op(op, dual)
            derived = iter(run(pushed, static, [*contents, *tangents], place))
        inexact = [r._value().aval.dtype.category >= 2 for r in results]
        return [
            self.hold(r, next(derived) if ok else None)
            for r, ok in zip(results, inexact, strict=True)
        ]
