"""A jaxpr as a Python function of NumPy arrays, written once and run many times.

Calls inside of the jaxpr are laid open, parameters are bound when the function is
written, and a number spread over an array that NumPy would spread by itself stays a
number. So a small op costs little more than NumPy's own call.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable

import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

from ..._quiet import quietly
from .rules import rules

# With operands of one dtype, NumPy gives the result the dtype the jaxpr says.
_SAFE = frozenset(
    "add add_any sub mul max min neg and or xor not eq ne lt le gt ge".split()
)
_SPREADS = _SAFE | {"div"}
# They give no warning.
_QUIET = frozenset(
    "and or xor not eq ne lt le gt ge broadcast_in_dim reshape transpose slice "
    "dynamic_slice squeeze expand_dims concatenate rev iota copy gather "
    "select_n".split()
)
# They keep the elements in their order, where their number stays the same.
_SHAPES = frozenset("broadcast_in_dim reshape squeeze expand_dims".split())
_NAME = re.compile(r"\b[cf]\d+\b")  # of a constant or a rule
_ROUNDS = 16  # of a loop whose length is not known
CALLS = frozenset(
    "jit pjit closed_call core_call remat checkpoint remat2 custom_jvp_call "
    "custom_vjp_call custom_vjp_call_jaxpr custom_lin".split()
)


@dataclasses.dataclass(frozen=True)
class Written:
    """A jaxpr as the text of a function, with what it names: its constants, and rules
    by their primitives and parameters. Without jaxprs inside it can be pickled.

    ``primitives`` are all that it uses; ``calls`` tells about how many operations that
    is.
    """

    text: str
    constants: dict[str, object]
    rules: dict[str, tuple[str, dict]]
    primitives: frozenset[str]
    calls: int

    def function(self) -> Callable[[list], list]:
        """It takes and gives arrays; some may be views of arguments or others."""
        names = {"asarray": np.asarray, "ndarray": np.ndarray, "fit": _fit}
        names.update(self.constants)
        for name, (primitive, params) in self.rules.items():
            names[name] = _bound(primitive, params)
        exec(_code(self.text), names)
        return names.pop("run")


@functools.lru_cache(maxsize=1024)
def _code(text: str):
    """On other shapes a jaxpr has other constants, and mostly the same text."""
    return compile(text, "<torchlike host program>", "exec")


def _bound(primitive: str, params: dict) -> Callable:
    function = rules[primitive]
    direct = getattr(function, "direct", None)
    return direct or functools.partial(function, **params)


@functools.cache
def _wanted(primitive: str) -> frozenset[str] | None:
    """The parameters that a rule reads; None for all. Those it leaves out are ``_``."""
    about = inspect.signature(rules[primitive]).parameters.values()
    if any(p.kind is p.VAR_KEYWORD and p.name != "_" for p in about):
        return None
    return frozenset(p.name for p in about if p.kind is p.KEYWORD_ONLY)


class Plan:
    """``run(arguments)`` gives the results; ``primitives`` are the names of all used.

    ``run`` is ``function``, but for NumPy's warnings where that is ``loud``.
    """

    __slots__ = ("run", "function", "loud", "primitives")

    def __init__(self, jaxpr: Jaxpr, constants):
        written = write(jaxpr, constants)
        self.primitives = written.primitives
        self.function = written.function()
        self.loud = not self.primitives <= _QUIET
        silent = functools.partial(quietly, self.function)
        self.run = silent if self.loud else self.function


def write(jaxpr: Jaxpr, constants) -> Written:
    """The jaxpr as text."""
    writer = _Writer()
    inputs = [writer.new() for _ in jaxpr.invars]
    text = writer.text(inputs, writer.write(jaxpr, constants, inputs))
    named = frozenset(_NAME.findall(text))
    return Written(
        text,
        {name: x for name, x in writer.constants.items() if name in named},
        {name: x for name, x in writer.rules.items() if name in named},
        frozenset(writer.primitives),
        _calls(jaxpr),
    )


def inner(params) -> ClosedJaxpr | Jaxpr:
    """The jaxpr of a call."""
    for name in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        if name in params:
            return params[name]
    raise NotImplementedError(f"a call with parameters {sorted(params)}")


def _calls(jaxpr: Jaxpr) -> int:
    """How many operations it runs, those of loops as often as they go round."""
    count = 0
    for eqn in jaxpr.eqns:
        name, params = eqn.primitive.name, eqn.params
        if name in CALLS:
            called = inner(params)
            count += _calls(getattr(called, "jaxpr", called))
        elif name == "scan":
            count += params["length"] * _calls(params["jaxpr"].jaxpr)
        elif name == "while":
            count += _ROUNDS * _calls(params["body_jaxpr"].jaxpr)
        else:
            count += 1
    return count


class _Writer:
    def __init__(self):
        self.steps: list[tuple[list, list, str]] = []  # results, operands, text
        self.constants: dict[str, object] = {}
        self.rules: dict[str, tuple[str, dict]] = {}
        self.primitives: set[str] = set()
        self.spread: dict[str, str] = {}  # of an array that is one number: the number
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def constant(self, value) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def rule(self, eqn) -> str:
        primitive = eqn.primitive.name
        if primitive not in rules:
            raise NotImplementedError(
                f"torchlike: the operation '{primitive}' is not available in a forked "
                "process, such as a DataLoader worker on Linux. Start the workers "
                "afresh with DataLoader(…, multiprocessing_context='spawn')."
            )
        name = f"f{len(self.rules)}"
        wanted = _wanted(primitive)
        self.rules[name] = (
            primitive,
            {k: v for k, v in eqn.params.items() if wanted is None or k in wanted},
        )
        return name

    def text(self, inputs: list[str], outs: list[str]) -> str:
        lines, used = [], set(outs)
        for results, operands, line in reversed(self.steps):
            if not used.isdisjoint(results):
                used.update(operands)
                lines.append(line)
        body = [f"({''.join(v + ', ' for v in inputs)}) = arguments"] if inputs else []
        found = ", ".join([f"asarray({v})" for v in outs])
        body += [*lines[::-1], f"return [{found}]"]
        return "\n    ".join(["def run(arguments):", *body]) + "\n"

    def write(self, jaxpr: Jaxpr, constants, inputs: list[str]) -> list[str]:
        """Write the steps of ``jaxpr``; the names of its results."""
        places = dict(zip(jaxpr.invars, inputs, strict=True))
        for variable, value in zip(jaxpr.constvars, constants, strict=True):
            places[variable] = self.constant(np.asarray(value))

        def name(atom) -> str:
            if isinstance(atom, Literal):
                return self.constant(np.asarray(atom.val, atom.aval.dtype))
            return places[atom]

        for eqn in jaxpr.eqns:
            operands = [name(a) for a in eqn.invars]
            for variable, out in zip(
                eqn.outvars, self.step(eqn, operands), strict=True
            ):
                places[variable] = out
        return [name(a) for a in jaxpr.outvars]

    def step(self, eqn, operands: list[str]) -> list[str]:
        """Write one equation; the names of its results."""
        kind = eqn.primitive.name
        if kind in CALLS:
            called = inner(eqn.params)
            if isinstance(called, ClosedJaxpr):
                return self.write(called.jaxpr, called.consts, operands)
            return self.write(called, (), operands)
        self.primitives.add(kind)
        outs = [self.new() for _ in eqn.outvars]
        if kind in _SPREADS and len(operands) == 2:
            operands = self._numbers(eqn, operands)
        if kind == "convert_element_type" and _plain_cast(eqn):
            dtype = self.constant(np.dtype(eqn.params["new_dtype"]))
            line = f"{outs[0]} = {operands[0]}.astype({dtype})"
            if not eqn.invars[0].aval.shape and self.constants[dtype].kind == "f":
                line = f"{outs[0]} = {dtype}.type({operands[0]})"  # quicker
            self.steps.append((outs, operands, line))
            return outs
        if kind in _SHAPES and _keeps_size(eqn):
            shape = self.constant(eqn.outvars[0].aval.shape)
            line = f"{outs[0]} = {operands[0]}.reshape({shape})"
            self.steps.append((outs, operands, line))
            return outs
        if kind == "broadcast_in_dim" and not eqn.invars[0].aval.shape:
            self.spread[outs[0]] = operands[0]
        self._call(eqn, kind, operands, outs)
        return outs

    def _numbers(self, eqn, operands: list[str]) -> list[str]:
        """One of two operands may be the number that was spread to make it, if the
        other has the shape of the result (in a jaxpr it may be a number as well)."""
        x, y = operands
        whole = [v.aval.shape == eqn.outvars[0].aval.shape for v in eqn.invars]
        if y in self.spread and whole[0]:
            return [x, self.spread[y]]
        return [self.spread.get(x, x) if whole[1] else x, y]

    def _call(self, eqn, kind: str, operands: list[str], outs: list[str]) -> None:
        safe = kind in _SAFE
        if kind == "div" and eqn.invars[0].aval.dtype.kind == "f":
            function, safe = self.constant(np.true_divide), True
        else:
            function = self.rule(eqn)
        call = f"{function}({', '.join(operands)})"
        if safe:
            self.steps.append((outs, operands, f"{outs[0]} = {call}"))
            return
        dtypes = self.constant([np.dtype(v.aval.dtype) for v in eqn.outvars])
        left = "".join(v + ", " for v in outs)
        self.steps.append((outs, operands, f"{left} = fit({call}, {dtypes})"))


def _keeps_size(eqn) -> bool:
    """Whether the result has the elements of the operand, which is no number, in the
    same order."""
    aval, out = eqn.invars[0].aval, eqn.outvars[0].aval
    ordered = eqn.params.get("dimensions") is None or eqn.primitive.name != "reshape"
    return bool(aval.shape) and out.size == aval.size and ordered


def _plain_cast(eqn) -> bool:
    kinds = eqn.invars[0].aval.dtype.kind, np.dtype(eqn.params["new_dtype"]).kind
    return "c" not in kinds and kinds[1] != "b"


def _fit(outs, dtypes: list) -> list:
    """NumPy's own promotion must not leak: the jaxpr says the dtypes."""
    if not isinstance(outs, (tuple, list)):
        outs = (outs,)
    return [
        out
        if out.__class__ is np.ndarray and out.dtype == dtype
        else np.asarray(out, dtype)
        for out, dtype in zip(outs, dtypes, strict=True)
    ]
