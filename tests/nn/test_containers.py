"""Containers, each case run with both libraries."""

from __future__ import annotations

from collections import OrderedDict

import pytest

from ._both import check

CASES: list = []


def case(function):
    CASES.append(function)
    return function


def relu(t, n=1):
    return [t.nn.Linear(i + 1, i + 2) for i in range(n)]


def attempts(*actions):
    """What each action gives, or its error."""
    results = []
    for action in actions:
        try:
            results.append(repr(action()))
        except Exception as error:
            results.append([type(error).__name__, str(error)])
    return results


@case
def sequential(t):
    s = t.nn.Sequential(*relu(t, 4))
    named = t.nn.Sequential(OrderedDict(a=t.nn.ReLU(), b=t.nn.Tanh()))
    return [
        s,
        s[1:3],
        s[-1],
        named[0],
        named[1:],
        len(s),
        [type(m).__name__ for m in s],
        list(s.state_dict()),
        named.a,
        s(t.ones(1, 1)).shape,
    ]


@case
def sequential_changes(t):
    s = t.nn.Sequential(*relu(t, 3))
    s[1] = t.nn.ReLU()
    s.append(t.nn.Tanh()).insert(1, t.nn.Sigmoid())
    s.insert(-1, t.nn.GELU())
    s.extend([t.nn.ELU(), t.nn.CELU()])
    before = repr(s)
    del s[0], s[1:3]
    popped = s.pop(0)
    return [before, s, popped, list(s._modules), s[0] is s._modules["0"]]


@case
def sequential_arithmetic(t):
    a, b = t.nn.Sequential(t.nn.ReLU()), t.nn.Sequential(t.nn.Tanh(), t.nn.ELU())
    c = a + b
    d = b * 2
    e = 2 * b
    a += b
    b *= 2
    return [a, b, c, d, e, d[0] is d[2]]


@case
def sequential_errors(t):
    s = t.nn.Sequential(*relu(t, 2))
    return attempts(
        lambda: s[2],
        lambda: s[-3],
        lambda: s["a"],
        lambda: s + [1],
        lambda: s * 0,
        lambda: s * 1.5,
        lambda: s.insert(9, t.nn.ReLU()),
        lambda: s.append(3),
        lambda: t.nn.Sequential(3),
        lambda: t.nn.Sequential([t.nn.ReLU()]),
    )


@case
def module_list(t):
    m = t.nn.ModuleList(relu(t, 3))
    m.append(t.nn.ReLU()).extend([t.nn.Tanh(), t.nn.Tanh()])
    m += [t.nn.ELU()]
    m.insert(1, t.nn.GELU())
    m[0] = t.nn.Sigmoid()
    del m[2]
    tail = m[-3:]
    popped = m.pop(-1)
    more = m + [t.nn.ReLU()]
    del m[1:3]
    return [m, tail, popped, more, len(m), list(m.state_dict()), m[0] in list(m)]


@case
def module_list_text(t):
    layers = [t.nn.Linear(1, 1), t.nn.Linear(1, 1), t.nn.Sequential(t.nn.ReLU())]
    return [t.nn.ModuleList(), t.nn.ModuleList(layers + layers[2:])]


@case
def module_list_errors(t):
    m = t.nn.ModuleList(relu(t, 2))
    return attempts(
        lambda: m[2],
        lambda: m["a"],
        lambda: m.extend(3),
        lambda: m.append(3),
        lambda: m(t.ones(1)),
    )


@case
def module_dict(t):
    m = t.nn.ModuleDict({"a": t.nn.ReLU(), "b": t.nn.Tanh()})
    m.update([["c", t.nn.ELU()], ("d", t.nn.GELU())])
    m["e"] = t.nn.Sigmoid()
    m.update(t.nn.ModuleDict({"f": t.nn.CELU()}))
    popped = m.pop("b")
    del m["a"]
    names = [list(m), list(m.keys()), [k for k, _ in m.items()], len(m), "c" in m]
    text = repr(m)
    m.clear()
    return [popped, names, text, m, len(list(m.values()))]


@case
def module_dict_errors(t):
    m = t.nn.ModuleDict()
    return attempts(
        lambda: m["x"],
        lambda: m.update(3),
        lambda: m.update([3]),
        lambda: m.update([("a", "b", "c")]),
        lambda: m.update({"keys": t.nn.ReLU()}),
        lambda: m.update({"a.b": t.nn.ReLU()}),
    )


@case
def parameter_list(t):
    p = t.nn.ParameterList([t.ones(1), t.nn.Parameter(t.zeros(2, 3)), 5])
    p.append(t.ones(2)).extend([t.zeros(1)])
    p += [t.ones(3)]
    p[0] = t.full((2,), 4.0)
    return [
        p,
        len(p),
        [isinstance(x, t.nn.Parameter) for x in p],
        p[-1],
        p[1:3],
        list(p.state_dict()),
        len(list(p.parameters())),
        attempts(lambda: p[9], lambda: p.extend(t.ones(1)), lambda: p(3)),
    ]


@case
def parameter_dict(t):
    p = t.nn.ParameterDict({"b": t.ones(1), "a": t.zeros(2)})
    p["c"] = t.nn.Parameter(t.ones(2, 2))
    p.update([("d", t.ones(1)), ("e", 7)])
    q = p | t.nn.ParameterDict({"z": t.ones(1)})
    popped = p.pop("a")
    default = [p.get("no"), p.get("no", 3), p.setdefault("n", t.ones(1))]
    last = p.popitem()
    return [
        p,
        q,
        popped,
        default,
        last[0],
        list(p),
        list(reversed(p)),
        len(p),
        "c" in p,
        list(p.state_dict()),
        list(p.fromkeys(["x", "y"], t.ones(1))),
        attempts(lambda: p[3], lambda: p.update(3), lambda: p(3), lambda: p["q"]),
    ]


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_same_as_pytorch(function):
    check(function)
