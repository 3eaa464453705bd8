"""Evaluate jaxprs with NumPy alone: no client, no compiler, no threads."""

from __future__ import annotations

import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from .rules import rule, rules


def evaluate(closed: ClosedJaxpr, *arguments) -> list[np.ndarray]:
    """The results of a closed jaxpr."""
    return _run(closed.jaxpr, [np.asarray(c) for c in closed.consts], arguments)


def _run(jaxpr: Jaxpr, constants, arguments) -> list[np.ndarray]:
    values = dict(zip(jaxpr.constvars, constants, strict=True))
    values.update(zip(jaxpr.invars, arguments, strict=True))

    def read(atom):
        if isinstance(atom, Literal):
            return np.asarray(atom.val, atom.aval.dtype)
        return values[atom]

    for eqn in jaxpr.eqns:
        outs = _apply(eqn, [read(atom) for atom in eqn.invars])
        for variable, out in zip(eqn.outvars, outs, strict=True):
            # NumPy's own promotion must not leak: the jaxpr says the dtype.
            values[variable] = np.asarray(out, variable.aval.dtype)
    return [read(atom) for atom in jaxpr.outvars]


def _apply(eqn, operands):
    function = rules.get(eqn.primitive.name)
    if function is None:
        raise NotImplementedError(
            f"torchlike: the operation '{eqn.primitive.name}' is not available in a "
            "forked process, such as a DataLoader worker on Linux. Start the workers "
            "afresh with DataLoader(…, multiprocessing_context='spawn')."
        )
    outs = function(*operands, **eqn.params)
    return outs if isinstance(outs, (tuple, list)) else (outs,)


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
    return _run(inner, [], operands)


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


@rule("scan")
def _scan(*operands, jaxpr, length, reverse, num_consts, num_carry, **_):
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
