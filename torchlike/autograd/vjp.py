"""Derivative ops: made from an op by ``jax.vjp``, recorded like any other op."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .. import _dtypes
from .._engine import Aval, Number, cold, facts, infer
from .._engine.identity import describe
from .._engine.infer import fill, structs
from .._engine.state import Constant

_NUMBERS = (float, int, complex)
_MAX_PLANS = 20_000


class VjpOp:
    """Gradients of ``base`` with respect to the operands ``wrt``.

    Its operands are what ``saved`` lists, then one cotangent for each output in
    ``given``. What is not saved is known not to matter. A place beyond the operands of
    ``base`` is that of a result: of an op with a rule ``by_result``.
    """

    differentiable = True
    view = None
    to_float = False

    def __init__(self, base, signature, wrt, saved, given):
        self.base = base
        self.signature = signature
        self.wrt = wrt
        self.saved = saved
        self.given = given
        self.name = base.name + "_backward"
        self.rule = base.by_result if saved == (len(signature),) else None
        self._stable: str | None = None
        equal = len(set(signature)) == 1 and wrt == tuple(range(len(signature)))
        # whether its gradients are parts of one array, all alike
        self.splits = bool(getattr(base, "joined", None)) and equal and not saved

    def grad_name(self) -> str:
        return self.base.grad_name() + "Backward"

    def __repr__(self) -> str:
        return f"<{self.name} of {self.wrt}>"

    def stable_name(self) -> str:
        """Its name in every process."""
        if self._stable is None:
            parts = (self.base, self.signature, self.wrt, self.saved, self.given)
            self._stable = f"vjp {describe(parts)}"
        return self._stable

    def run(self, operands, static):
        if self.rule is not None:
            return [self._by_result(*operands, static)]
        primals = self._primals(operands)
        cotangents = operands[len(self.saved) :]
        where = self.wrt

        def forward(*chosen):
            filled = list(primals)
            for i, x in zip(where, chosen, strict=True):
                filled[i] = x
            outs = self.base.run(filled, static)
            return [outs[i] for i in self.given]

        _, pull = jax.vjp(forward, *(primals[i] for i in where))
        # PyTorch's gradient of a complex tensor is the conjugate of JAX's.
        return [_conj(g) for g in pull([_conj(c) for c in cotangents])]

    def _by_result(self, result, cotangent, static):
        gradient = self.rule(result, _conj(cotangent), *static)
        return _conj(gradient.astype(self.signature[self.wrt[0]].dtype.numpy_dtype))

    def split(self, operands, static):
        """The gradients in one array, along its first dimension (see ``splits``)."""
        one = self.signature[0]
        stack = jnp.zeros((len(self.wrt), *one.shape), one.dtype.numpy_dtype)
        _, pull = jax.vjp(lambda x: self.base.join(x, static), stack)
        (cotangent,) = operands
        (gradients,) = pull(_conj(cotangent))
        return _conj(gradients)

    def _primals(self, operands):
        known = dict(zip(self.saved, operands, strict=False))
        return [
            known[i] if i in known else _placeholder(s)
            for i, s in enumerate(self.signature)
        ]


def _conj(x):
    return jnp.conj(x) if jnp.issubdtype(x.dtype, jnp.complexfloating) else x


def _placeholder(s):
    if isinstance(s, Aval):
        return jnp.zeros(s.shape, s.dtype.numpy_dtype)
    if s in _NUMBERS:
        return Number(s, jnp.ones((), _dtypes.as_dtype(s).numpy_dtype))
    return s.value if isinstance(s, Constant) else s


class Plan:
    """How to differentiate one kind of call: what to save and which ops to record."""

    __slots__ = ("base", "static", "signature", "wrt", "saved", "outs", "_ops")

    def __init__(self, base, static, signature, wrt):
        self.base = base
        self.static = static
        self.signature = signature
        self.wrt = wrt
        self.outs = infer(base, static, signature)
        self._ops: dict[tuple, VjpOp] = {}
        if getattr(base, "by_result", None) is not None:
            self.saved = (len(signature),)
            return
        name = facts.name_of("saved", base, static, signature, wrt)
        self.saved = facts.calls.find(name)
        if self.saved is None and cold.recent:
            self.saved = self._arrays()  # to look for more takes longer than to run it
        elif self.saved is None:
            self.saved = self._find_saved()
            facts.calls.keep(name, self.saved)

    def grad_name(self) -> str:
        """PyTorch's name of the node; it may depend on the arguments of the call."""
        rule = getattr(self.base, "grad_rule", None)
        if rule is None:
            return self.base.grad_name()
        return rule(dict(zip(self.base.static, self.static, strict=False)), self)

    def op(self, given: tuple[int, ...]) -> VjpOp:
        """The op to record when the outputs ``given`` have a cotangent."""
        found = self._ops.get(given)
        if found is None:
            found = self._ops[given] = VjpOp(
                self.base, self.signature, self.wrt, self.saved, given
            )
        return found

    def _arrays(self) -> tuple[int, ...]:
        """The places of arrays and numbers."""
        return tuple(
            i
            for i, s in enumerate(self.signature)
            if isinstance(s, Aval) or s in _NUMBERS
        )

    def _find_saved(self) -> tuple[int, ...]:
        candidates = self._arrays()
        given = differentiable_outputs(self.outs)
        everything = VjpOp(self.base, self.signature, self.wrt, candidates, given)
        kinds = [self.signature[i] for i in candidates]
        kinds += [self.outs[i] for i in given]

        def call(*arrays):
            return everything.run(fill(kinds, iter(arrays)), self.static)

        jaxpr = jax.make_jaxpr(call)(*structs(kinds)).jaxpr
        used = _used_inputs(jaxpr, [True] * len(jaxpr.outvars))
        return tuple(i for i, u in zip(candidates, used, strict=False) if u)


def differentiable_outputs(outs) -> tuple[int, ...]:
    """Which outputs can have a gradient."""
    return tuple(i for i, a in enumerate(outs) if a.dtype.category >= 2)


def _used_inputs(jaxpr, wanted: list[bool]) -> list[bool]:
    """Which inputs of ``jaxpr`` its wanted outputs depend on."""
    live = {
        id(v) for v, w in zip(jaxpr.outvars, wanted, strict=True) if w and _is_var(v)
    }
    for eqn in reversed(jaxpr.eqns):
        outs = [id(v) in live for v in eqn.outvars]
        if not any(outs):
            continue
        inner = eqn.params.get("jaxpr") if eqn.primitive.name in _CALLS else None
        used = _used_inputs(inner.jaxpr, outs) if inner is not None else None
        for i, v in enumerate(eqn.invars):
            if _is_var(v) and (used is None or used[i]):
                live.add(id(v))
    return [id(v) in live for v in jaxpr.invars]


_CALLS = frozenset({"jit", "pjit", "closed_call", "remat", "checkpoint"})


def _is_var(v) -> bool:
    return not hasattr(v, "val")


_plans: dict[tuple, Plan] = {}


def plan(op, static, signature, wrt: tuple[int, ...]) -> Plan:
    """The plan for this kind of call, made once."""
    key = (op, static, signature, wrt, _dtypes.get_default_dtype())
    found = _plans.get(key)
    if found is None:
        if len(_plans) >= _MAX_PLANS:
            _plans.clear()
        found = _plans[key] = Plan(op, static, signature, wrt)
    return found
