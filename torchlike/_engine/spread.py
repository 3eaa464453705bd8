"""A loop of which a part is done for all iterations at once.

``lax.scan`` runs its body as it is, once an iteration. But what an iteration computes
without what the loop carries, such as the product of an input with a weight, can be
computed for all of them together, as one larger product before the loop; and a sum over
the iterations of products, as the gradient of a weight, is one larger product after it.
What is left inside is what has to wait for the iteration before; of a loop that only
sums up, nothing.

The body is laid open as a list of steps. Each of its values is

- invariant: the same in each iteration;
- free: made of what comes from outside for each iteration;
- bound: made of what the loop carries.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections import Counter
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from .host.plan import CALLS, inner

_HEAVY = frozenset({"dot_general", "conv_general_dilated"})
_ADDS = frozenset({"add", "add_any"})
_LINEAR = frozenset({"transpose", "reshape", "neg", "reduce_sum", "squeeze"})
_MOST = 64 << 20  # bytes that all iterations together may take
_INVARIANT, _FREE, _BOUND = range(3)


@dataclasses.dataclass(frozen=True, eq=False)
class _Step:
    """An equation; operands are the numbers of values, or literals."""

    eqn: JaxprEqn
    operands: list
    results: list[int]

    @property
    def name(self) -> str:
        return self.eqn.primitive.name

    def reads(self) -> list[int]:
        return [x for x in self.operands if type(x) is int]

    def run(self, operands: list) -> list:
        """The results for these operands."""
        eqn = self.eqn
        with eqn.ctx.manager:
            found = eqn.primitive.bind(*operands, **eqn.params)
        return list(found) if eqn.primitive.multiple_results else [found]


@dataclasses.dataclass(frozen=True)
class _Sum:
    """What is added to a carried value: the sum over the iterations of ``inmost``.

    That is a product of two values, or a value; ``outer`` are the linear steps that are
    done to the sum.
    """

    inmost: _Step | int
    outer: list[_Step]

    def parts(self) -> list[int]:
        """The values that are needed of all iterations."""
        return [self.inmost] if type(self.inmost) is int else self.inmost.reads()


class _Body:
    """The body of a loop, laid open."""

    def __init__(self, closed: ClosedJaxpr, carried: int):
        self.avals: list = []
        self.steps: list[_Step] = []
        self.constants: dict[int, object] = {}
        inputs = [self._new(v.aval) for v in closed.jaxpr.invars]
        outs = self._lay_open(closed.jaxpr, closed.consts, inputs)
        self.carried, self.each = inputs[:carried], inputs[carried:]
        self.after, self.stacked = outs[:carried], outs[carried:]
        self.maker = {v: s for s in self.steps for v in s.results}
        self.readers = {v: s for s in self.steps for v in s.reads()}  # the last ones
        self.uses = Counter(v for s in self.steps for v in s.reads())
        self.uses.update(v for v in outs if type(v) is int)
        self.kinds = self._kinds()

    def _new(self, aval) -> int:
        self.avals.append(aval)
        return len(self.avals) - 1

    def _lay_open(self, jaxpr: Jaxpr, constants, inputs: list) -> list:
        """Add the equations of a jaxpr and of those it calls; its results."""
        places = dict(zip(jaxpr.invars, inputs, strict=True))
        for variable, value in zip(jaxpr.constvars, constants, strict=True):
            places[variable] = self._new(variable.aval)
            self.constants[places[variable]] = value

        def place(atom):
            return atom if isinstance(atom, Literal) else places[atom]

        for eqn in jaxpr.eqns:
            operands = [place(a) for a in eqn.invars]
            if eqn.primitive.name in CALLS:
                called = inner(eqn.params)
                consts = getattr(called, "consts", ())
                called = getattr(called, "jaxpr", called)
                results = self._lay_open(called, consts, operands)
            else:
                results = [self._new(v.aval) for v in eqn.outvars]
                self.steps.append(_Step(eqn, operands, results))
            places.update(zip(eqn.outvars, results, strict=True))
        return [place(a) for a in jaxpr.outvars]

    def _kinds(self) -> dict[int, int]:
        kinds = dict.fromkeys(self.constants, _INVARIANT)
        kinds |= dict.fromkeys(self.each, _FREE) | dict.fromkeys(self.carried, _BOUND)
        for step in self.steps:
            kind = max([kinds[v] for v in step.reads()], default=_INVARIANT)
            kinds |= dict.fromkeys(step.results, kind)
        return kinds

    def is_free(self, value) -> bool:
        return type(value) is int and self.kinds[value] == _FREE

    def bytes(self, values) -> int:
        """Of the values in one iteration."""
        avals = [self.avals[v] for v in values]
        return sum(math.prod(a.shape) * a.dtype.itemsize for a in avals)

    def needed(self, wanted, there) -> list[_Step]:
        """The steps that make what is wanted of what is there."""
        missing = {v for v in wanted if type(v) is int} - there
        steps = []
        for step in reversed(self.steps):
            if not missing.isdisjoint(step.results):
                steps.append(step)
                missing.update(v for v in step.reads() if v not in there)
        return steps[::-1]

    def terms(self, j: int) -> list[int] | None:
        """What is added to the carried value ``j``, if nothing else is done with it."""
        value, end, terms = self.carried[j], self.after[j], []
        while value != end:
            step = self.readers.get(value)
            if step is None or self.uses[value] != 1 or step.name not in _ADDS:
                return None
            if len(step.reads()) != 2:
                return None
            terms += [v for v in step.reads() if v != value]
            (value,) = step.results
        return terms if terms and self.uses[end] == 1 else None

    def sum_of(self, value: int) -> _Sum:
        """The sum of a value over the iterations, taken as far inside as it can be."""
        outer = []
        while True:
            step = self.maker.get(value)
            if step is None or self.uses[value] != 1:
                return _Sum(value, outer[::-1])
            if step.name == "dot_general" and all(
                self.kinds.get(v) != _INVARIANT for v in step.reads()
            ):
                return _Sum(step, outer[::-1])
            if step.name not in _LINEAR or len(step.reads()) != 1:
                return _Sum(value, outer[::-1])
            outer.append(step)
            (value,) = step.reads()


def scan(body: Callable, first: list, each: list, count: int, unroll: int) -> tuple:
    """``lax.scan(body, first, each, count, unroll=unroll)``."""
    plan = _plan(body, first, each, count)
    if plan is not None:
        with contextlib.suppress(NotImplementedError):  # an operation without a batch
            return plan.run(first, each, count, unroll)
    return lax.scan(body, first, each, count, unroll=unroll)


def _plan(body: Callable, first, each, count: int) -> _Plan | None:
    """What to do before, in and after the loop; None where it is best as it is."""
    one = [jax.ShapeDtypeStruct(x.shape[1:], x.dtype) for x in each]
    closed = jax.make_jaxpr(body)(first, one)
    if closed.effects:  # of which the order matters
        return None
    laid = _Body(closed, len(first))
    plan = _Plan(laid, _sums(laid))
    if not plan.gains or laid.bytes(plan.everywhere()) * count > _MOST:
        return None
    return plan


def _sums(body: _Body) -> dict[int, list[_Sum]]:
    """The carried values that are sums which can be taken after the loop.

    Those of products; and those of values that are there for all iterations anyway.
    """
    found = {}
    for j in range(len(body.carried)):
        terms = body.terms(j)
        if terms is not None and all(body.kinds[v] != _INVARIANT for v in terms):
            found[j] = [body.sum_of(v) for v in terms]
    there = {
        v
        for sums in found.values()
        if all(type(s.inmost) is not int for s in sums)
        for s in sums
        for v in s.parts()
    }
    return {
        j: sums
        for j, sums in found.items()
        if all(
            type(s.inmost) is not int or s.inmost in there or body.is_free(s.inmost)
            for s in sums
        )
    }


class _Plan:
    """What is computed where.

    ``together`` are the steps done for all iterations at once; ``inside`` those that
    are left in the loop.
    """

    def __init__(self, body: _Body, sums: dict[int, list[_Sum]]):
        self.body, self.sums = body, sums
        self.invariant = [
            s for s in body.steps if body.kinds[s.results[0]] == _INVARIANT
        ]
        parts = [v for found in sums.values() for s in found for v in s.parts()]
        # Carried to the end, but not from iteration to iteration: the last one's.
        self.lasts = [
            j
            for j, (v, out) in enumerate(zip(body.carried, body.after, strict=True))
            if body.uses[v] == 0 and body.is_free(out)
        ]
        products = [
            s.inmost for f in sums.values() for s in f if type(s.inmost) is not int
        ]
        heavy = [
            s.results[0]
            for s in body.steps
            if s.name in _HEAVY and body.is_free(s.results[0]) and s not in products
        ]
        wanted = [v for v in parts if body.is_free(v)] + heavy
        wanted += [v for v in body.stacked if body.is_free(v)] if wanted else []
        wanted += [body.after[j] for j in self.lasts] if wanted else []
        known = {v for v in body.kinds if body.kinds[v] == _INVARIANT}
        self.together = body.needed(wanted, known | set(body.each))
        self.spread = {v for s in self.together for v in s.results} | set(body.each)
        if not wanted:
            self.lasts = []
        gone = {*sums, *self.lasts}
        self.carried = [j for j in range(len(body.carried)) if j not in gone]
        self.stacked = [v for v in body.stacked if not self._is_spread(v)]
        self.kept = [v for v in dict.fromkeys(parts) if v not in self.spread]
        ends = [body.after[j] for j in self.carried] + self.stacked + self.kept
        starts = known | self.spread | {body.carried[j] for j in self.carried}
        self.inside = body.needed(ends, starts)
        reads = {v for s in self.inside for v in s.reads()}
        reads.update(v for v in ends if type(v) is int)
        self.taken = [v for v in sorted(self.spread) if v in reads]
        self.gains = bool(heavy or products)

    def _is_spread(self, value) -> bool:
        return type(value) is int and value in self.spread

    def everywhere(self) -> set[int]:
        """The values that are there of all iterations, beside those from outside."""
        return (self.spread | set(self.kept)) - set(self.body.each)

    def run(self, first: list, each: list, count: int, unroll: int) -> tuple:
        """What ``lax.scan`` gives."""
        body = self.body
        known = dict(body.constants)
        _run(self.invariant, known)
        spread = dict(zip(body.each, each, strict=True))
        spread |= self._all_at_once(known, spread)
        carried, stacked = self._loop(known, spread, first, count, unroll)
        there = spread | dict(zip(self.kept, stacked[len(self.stacked) :], strict=True))
        for j in self.lasts:
            carried[j] = spread[body.after[j]][-1]
        for j, sums in self.sums.items():
            carried[j] = first[j]
            for found in sums:
                carried[j] = carried[j] + _total(found, there)
        stacks = iter(stacked)
        outs = [spread[v] if self._is_spread(v) else next(stacks) for v in body.stacked]
        return [carried[j] for j in range(len(first))], outs

    def _all_at_once(self, known: dict, spread: dict) -> dict:
        """The free values of all iterations."""
        if not self.together:
            return {}
        names = [v for s in self.together for v in s.results]

        def one(slices):
            values = _run(self.together, known | slices)
            return [values[v] for v in names]

        return dict(zip(names, jax.vmap(one)(spread), strict=True))

    def _loop(self, known: dict, spread: dict, first, count: int, unroll: int):
        """The carried values after it, by places, and what is stacked."""
        body = self.body
        if not (self.carried or self.stacked or self.kept):
            return {}, []

        places = [body.carried[j] for j in self.carried]

        def inside(carry, now):
            values = dict(zip(places, carry, strict=True))
            values |= known | dict(zip(self.taken, now, strict=True))
            values = _run(self.inside, values)
            outs = [_array(body.after[j], values) for j in self.carried]
            return outs, [_array(v, values) for v in (*self.stacked, *self.kept)]

        begin = [first[j] for j in self.carried]
        taken = [spread[v] for v in self.taken]
        after, stacked = lax.scan(inside, begin, taken, count, unroll=unroll)
        return dict(zip(self.carried, after, strict=True)), stacked


def _value(operand, values: dict):
    return values[operand] if type(operand) is int else operand.val


def _array(operand, values: dict):
    """A result of the body; as a literal it may have lost its dtype."""
    value = _value(operand, values)
    return value if type(operand) is int else jnp.asarray(value, operand.aval.dtype)


def _run(steps: list[_Step], values: dict) -> dict:
    """Add the results of the steps."""
    for step in steps:
        operands = [_value(x, values) for x in step.operands]
        values.update(zip(step.results, step.run(operands), strict=True))
    return values


def _total(found: _Sum, there: dict):
    """The sum over the iterations, of what is there of all of them."""
    if type(found.inmost) is int:
        total = jnp.sum(there[found.inmost], 0, dtype=there[found.inmost].dtype)
    else:
        total = _product(found.inmost, there)
    for step in found.outer:
        operands = [total if type(x) is int else x.val for x in step.operands]
        (total,) = step.run(operands)
    return total


def _product(step: _Step, there: dict):
    """The sum over the iterations of a product of matrices: one product."""
    params = step.eqn.params
    (a_sum, b_sum), (a_batch, b_batch) = params["dimension_numbers"]
    sums = [(0, *(i + 1 for i in dims)) for dims in (a_sum, b_sum)]
    batch = [tuple(i + 1 for i in dims) for dims in (a_batch, b_batch)]
    a, b = [there[v] for v in step.reads()]
    return lax.dot_general(
        a,
        b,
        (tuple(sums), tuple(batch)),
        precision=params["precision"],
        preferred_element_type=params["preferred_element_type"],
    )
