"""Evaluate jaxprs with NumPy alone: no client, no compiler, no threads."""

from __future__ import annotations

import weakref

import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from .rules import rule, rules


class Plan:
    """A jaxpr made ready to run: values live in a list, constants are in place."""

    __slots__ = ("template", "inputs", "steps", "outputs")

    def __init__(self, jaxpr: Jaxpr, constants):
        self.template: list = []
        places: dict = {}

        def place(atom, value=None) -> int:
            if isinstance(atom, Literal):
                self.template.append(np.asarray(atom.val, atom.aval.dtype))
                return len(self.template) - 1
            if atom not in places:
                places[atom] = len(self.template)
                self.template.append(value)
            return places[atom]

        for variable, constant in zip(jaxpr.constvars, constants, strict=True):
            place(variable, np.asarray(constant))
        self.inputs = [place(v) for v in jaxpr.invars]
        self.steps = [
            (
                _rule_of(eqn),
                eqn.params,
                [place(a) for a in eqn.invars],
                [(place(v), np.dtype(v.aval.dtype)) for v in eqn.outvars],
            )
            for eqn in jaxpr.eqns
        ]
        self.outputs = [place(a) for a in jaxpr.outvars]

    def run(self, arguments) -> list[np.ndarray]:
        """The results for these arguments."""
        values = self.template.copy()
        for where, argument in zip(self.inputs, arguments, strict=True):
            values[where] = argument
        for function, params, operands, results in self.steps:
            outs = function(*[values[i] for i in operands], **params)
            if not isinstance(outs, (tuple, list)):
                outs = (outs,)
            for (where, dtype), out in zip(results, outs, strict=True):
                # NumPy's own promotion must not leak: the jaxpr says the dtype.
                values[where] = np.asarray(out, dtype)
        return [values[i] for i in self.outputs]


_plans: weakref.WeakKeyDictionary[Jaxpr, Plan] = weakref.WeakKeyDictionary()


def evaluate(closed: ClosedJaxpr, *arguments) -> list[np.ndarray]:
    """The results of a closed jaxpr."""
    return _plan(closed.jaxpr, closed.consts).run(arguments)


def _plan(jaxpr: Jaxpr, constants) -> Plan:
    if constants:  # another closure of the same jaxpr may hold others
        return Plan(jaxpr, constants)
    found = _plans.get(jaxpr)
    if found is None:
        found = _plans[jaxpr] = Plan(jaxpr, ())
    return found


def _rule_of(eqn):
    function = rules.get(eqn.primitive.name)
    if function is None:
        raise NotImplementedError(
            f"torchlike: the operation '{eqn.primitive.name}' is not available in a "
            "forked process, such as a DataLoader worker on Linux. Start the workers "
            "afresh with DataLoader(…, multiprocessing_context='spawn')."
        )
    return function


# ----- calls: the jaxpr is one of the parameters -----
def _inner(params) -> ClosedJaxpr:
    for name in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if name in params:
            return params[name]
    raise NotImplementedError(f"a call with parameters {sorted(params)}")


@rule("jit", "pjit", "closed_call", "core_call", "remat", "checkpoint", "remat2")
@rule("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr", "custom_lin")
def _call(*operands, **params):
    inner = _inner(params)
    if isinstance(inner, ClosedJaxpr):
        return evaluate(inner, *operands)
    return _plan(inner, ()).run(operands)


@rule("custom_linear_solve")
def _linear_solve(*operands, const_lengths, jaxprs, **_):
    skipped = const_lengths.matvec + const_lengths.vecmat
    constants = operands[skipped : skipped + const_lengths.solve]
    rhs = operands[sum(const_lengths) :]
    return evaluate(jaxprs.solve, *constants, *rhs)


# ----- control flow -----
@rule("cond")
def _cond(which, *operands, branches, **_):
    chosen = min(max(int(which), 0), len(branches) - 1)
    return evaluate(branches[chosen], *operands)


@rule("while")
def _while(*operands, cond_jaxpr, cond_nconsts, body_jaxpr, body_nconsts, **_):
    cond_consts = operands[:cond_nconsts]
    body_consts = operands[cond_nconsts : cond_nconsts + body_nconsts]
    carry = operands[cond_nconsts + body_nconsts :]
    while evaluate(cond_jaxpr, *cond_consts, *carry)[0]:
        carry = evaluate(body_jaxpr, *body_consts, *carry)
    return carry


def _scan_counts(num_consts=None, num_carry=None, ft_in=None, **_) -> tuple[int, int]:
    """How many constants and carries a scan has; JAX 0.12 tells it by trees."""
    if ft_in is None:
        return num_consts, num_carry
    constants, carry, _ = map(len, ft_in.elts)
    return constants, carry


@rule("scan")
def _scan(*operands, jaxpr, length, reverse, **parameters):
    num_consts, num_carry = _scan_counts(**parameters)
    first = num_consts + num_carry
    constants, carry = operands[:num_consts], list(operands[num_consts:first])
    sequences = operands[first:]
    avals = jaxpr.out_avals[num_carry:]
    stacks = [np.empty((length, *a.shape), a.dtype) for a in avals]
    for i in range(length)[:: -1 if reverse else 1]:
        outs = evaluate(jaxpr, *constants, *carry, *(s[i] for s in sequences))
        carry = outs[:num_carry]
        for stack, out in zip(stacks, outs[num_carry:], strict=True):
            stack[i] = out
    return carry + stacks
