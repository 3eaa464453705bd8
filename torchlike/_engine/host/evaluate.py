"""Evaluate jaxprs with NumPy alone: no client, no compiler, no threads."""

from __future__ import annotations

import weakref

import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr

from .plan import Plan
from .rules import rule

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


# ----- control flow -----
@rule("platform_index")
def _platform_index(*, platforms, **_):
    """The branch of a ``cond`` for CPUs; that of all others has None."""
    for i, names in enumerate(platforms):
        if names is None or "cpu" in names:
            return np.int32(i)
    raise NotImplementedError("an operation of other platforms on the host")


@rule("custom_linear_solve")
def _linear_solve(*operands, const_lengths, jaxprs, **_):
    skipped = const_lengths.matvec + const_lengths.vecmat
    constants = operands[skipped : skipped + const_lengths.solve]
    rhs = operands[sum(const_lengths) :]
    return evaluate(jaxprs.solve, *constants, *rhs)


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
