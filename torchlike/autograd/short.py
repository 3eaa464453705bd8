"""The short way of a call: one to four operands, one result, seen before.

It does what ``apply`` does, unrolled and in one function, since recording an op is what
a step of a small model spends its time on. Whatever is out of the ordinary goes the
long way, which also explores what is new and chooses the device. The source is made
for each number of operands, as the operands' part repeats. ``_native`` has the same in
C, for more operands and several results too, which takes its place where it could be
built.
"""

from __future__ import annotations

from .._engine import Value, before_forward
from .._engine.record import ARRAY_TYPES, here
from .._engine.segment import at_limit
from .._native import quick
from .apply import apply
from .grad_mode import mode
from .graph import Node, sequence
from .tape import OUTSIDE, Tape, mark_of
from .variable import Storage, leaf_classes

MOST = 4  # operands

# Names: x operand, v value, n node, r requires grad, k its part of the key, c its code.
_FUNCTION = """
def short{n}(op, static, {xs}):
    trace = here.trace
    if trace is None:
        return long(op, static, ({xs},))
{operands}
    if trace.backwards and ({any_leaf}) and mode.enabled:
        before_forward()
    trace.busy = True
    state = trace.state
    if trace.claimed:
        return back(trace, state, op, static, ({xs},))
{keys}
    child = state.next.get((op, static, {ks}))
    if child is None or child.out is None:
        return back(trace, state, op, static, ({xs},))
    value = new(Value)
    value.aval = child.out
    value.array = None
    value.device = trace.device
    value.trace = trace
    value.slot = child.first_out
    value.exposed = value.pinned = False
    value.passes, value.unread = 0, None
    trace.outs.append(value)
    trace.state = child
    trace.busy = False
    storage = new(Storage)
    storage.value = value
    storage.version = 0
    tensor = new(Tensor)
    tensor._storage = storage
    tensor._view = None
    tensor._node = None
    tensor._requires_grad = False
    if ({any_grad}) and mode.enabled:
        tape = trace.tape
        if tape is None:
            tape = trace.tape = Tape()
        edges = []
{codes}
        mark = child.marks.get((tape.mark, {cs}))
        if mark is None:
            mark = mark_of(tape, child, op, static, ({vs},), ({cs},), (value,))
        if mark.plan is not None:
            node = new(Node)
            node.plan = mark.plan
            node.saved = mark.pick(({vs}, value))
            node.edges = edges
            node.sequence = next(sequence)
            node.device = trace.device
            node.extra = None
            node.tape = tape.id
            node.position = mark.position
            tape.nodes.append(node)
            tape.mark = mark
            tensor._node = node
            tensor._output_nr = 0
    if child.cut or child.depth >= trace.limit:
        at_limit(trace)
    return tensor
"""

_OPERAND = """
    t = type(x{i})
    k{i} = None
    if t is Tensor:
        v{i} = x{i}._storage.value if x{i}._view is None else x{i}._fresh()
        n{i} = x{i}._node
        r{i} = x{i}._requires_grad
    elif t in leaf_classes:
        fields = x{i}.__dict__
        if fields["_view"] is not None:
            return long(op, static, ({xs},))
        v{i} = fields["_storage"].value
        n{i} = fields["_node"]
        r{i} = fields["_requires_grad"]
    else:
        v{i} = x{i}
        n{i} = None
        r{i} = False
        if t is float or t is int and -BOUND <= x{i} < BOUND:
            k{i} = t
        elif x{i} is None or x{i} is ...:
            k{i} = Tensor
        else:
            return long(op, static, ({xs},))
"""

_KEY = """
    if k{i} is None:
        if v{i}.trace is trace:
            k{i} = v{i}.slot
        elif v{i}.array.__class__ in ARRAY_TYPES and v{i}.device is trace.device:
            trace.inputs.append(v{i})
            v{i}.slot = -len(trace.inputs)
            v{i}.trace = trace
            k{i} = v{i}.aval
        else:
            return back(trace, state, op, static, ({xs},))
    elif k{i} is Tensor:
        k{i} = v{i}
    else:
        trace.scalars[k{i}].append(v{i})
"""

_CODE = """
        c{i} = None
        if n{i} is not None:
            number = x{i}._output_nr
            edges.append((n{i}, number))
            if n{i}.tape != tape.id:
                c{i} = OUTSIDE
            else:
                c{i} = (n{i}.position, number) if number else n{i}.position
        elif r{i}:
            leaf = x{i}
            if type(leaf) is Tensor and leaf._leaf_alias is not None:
                leaf = leaf._leaf_alias
            edges.append((leaf, 0))
            c{i} = tape.leaves.get(leaf)
            if c{i} is None:
                c{i} = tape.leaf(leaf)
"""


def _long(op, static, operands):
    (result,) = apply(op, static, operands)
    return result


def take_back(trace, state):
    """Forget what was admitted."""
    trace.forget(state.n_inputs, state.n_scalars)
    trace.busy = False


def _back(trace, state, op, static, operands):
    take_back(trace, state)
    return _long(op, static, operands)


def _source(n: int) -> str:
    def row(letter: str) -> str:
        return ", ".join([f"{letter}{i}" for i in range(n)])

    def part(text: str) -> str:
        return "".join(
            [text.strip("\n").format(i=i, xs=row("x")) + "\n" for i in range(n)]
        )

    return _FUNCTION.format(
        n=n,
        xs=row("x"),
        vs=row("v"),
        ks=row("k"),
        cs=row("c"),
        any_grad=" or ".join([f"n{i} is not None or r{i}" for i in range(n)]),
        any_leaf=" or ".join([f"r{i} and n{i} is None" for i in range(n)]),
        operands=part(_OPERAND),
        keys=part(_KEY),
        codes=part(_CODE),
    )


_names = {
    "ARRAY_TYPES": ARRAY_TYPES,
    "BOUND": 2**63,
    "Node": Node,
    "OUTSIDE": OUTSIDE,
    "Storage": Storage,
    "Tape": Tape,
    "Value": Value,
    "at_limit": at_limit,
    "back": _back,
    "before_forward": before_forward,
    "here": here,
    "leaf_classes": leaf_classes,
    "long": _long,
    "mark_of": mark_of,
    "mode": mode,
    "new": object.__new__,
    "sequence": sequence,
}
for _n in range(1, MOST + 1):
    exec(compile(_source(_n), f"<torchlike short{_n}>", "exec"), _names)

_calls = [_names[f"short{n}"] for n in range(1, MOST + 1)]


def call(op, static: tuple, *operands):
    """Run ``op``, which has one result, and return it as a tensor."""
    if 0 < len(operands) <= MOST:
        return _calls[len(operands) - 1](op, static, *operands)
    return _long(op, static, operands)


call_all = apply  # for any number of results

if quick is not None:
    call, call_all = quick.call, quick.call_all


def bind(cls: type) -> None:
    """Tell which class results have."""
    _names["Tensor"] = cls
