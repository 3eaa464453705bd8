"""nn.Module's own surface, each case run with both libraries."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict

import pytest

from ._both import check


def net(t):
    """A module with everything in it."""

    class Block(t.nn.Module):
        _version = 3

        def __init__(self, size):
            super().__init__()
            self.weight = t.nn.Parameter(t.ones(size))
            self.register_parameter("nothing", None)
            self.register_buffer("count", t.zeros(1))
            self.register_buffer("scratch", t.ones(2), persistent=False)
            self.register_buffer("missing", None)
            self.size = size

        def forward(self, x):
            return x * self.weight + self.count

        def extra_repr(self):
            return f"size={self.size}"

    class Net(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = Block(2)
            self.second = Block(2)
            self.shared = self.first
            self.absent = None
            self.add_module("none", None)
            self.scale = t.nn.Parameter(t.full((2,), 3.0), requires_grad=False)
            self.plain = [Block(1)]

        def forward(self, x, factor=1.0):
            return self.second(self.first(x)) * self.scale * factor

    return Net()


def case(function):
    CASES.append(function)
    return function


CASES: list = []


# ---- listing -------------------------------------------------------------------------
@case
def listing(t):
    m = net(t)
    names = lambda pairs: [name for name, _ in pairs]  # noqa: E731
    return [
        names(m.named_parameters()),
        names(m.named_parameters(prefix="p", recurse=False)),
        names(m.named_parameters(remove_duplicate=False)),
        names(m.named_buffers()),
        names(m.named_buffers(remove_duplicate=False)),
        names(m.named_modules()),
        names(m.named_modules(prefix="q", remove_duplicate=False)),
        names(m.named_children()),
        [len(list(x)) for x in (m.parameters(), m.buffers(), m.modules())],
        list(m._modules),
        list(m._parameters),
        list(m.first._buffers),
        sorted(m.first._non_persistent_buffers_set),
    ]


@case
def parameters_in_order(t):
    class Tied(t.nn.Module):
        """Its parameter is that of another module, and it hides one below."""

        def __init__(self, other):
            super().__init__()
            self.again = other.scale
            self.own = t.nn.Parameter(t.zeros(3))
            self.hidden = t.nn.Linear(1, 1)

        def named_modules(self, memo=None, prefix="", remove_duplicate=True):
            yield prefix, self

    m = net(t)
    m.tied = Tied(m)
    m.last = t.nn.Linear(2, 1)
    names = {id(p): name for name, p in m.named_parameters()}
    listed = m.parameters()
    return [type(listed).__name__, [names[id(p)] for p in listed]]


@case
def text(t):
    return [repr(net(t)), str(net(t)), repr(net(t).first), net(t)._get_name()]


@case
def state_dict(t):
    m = net(t)
    plain, kept = m.state_dict(), m.state_dict(prefix="x.", keep_vars=True)
    return [
        dict(plain),
        type(plain).__name__,
        dict(kept),
        {k: dict(v) for k, v in plain._metadata.items()},
        [v.requires_grad for v in kept.values()],
        kept["x.scale"] is m.scale,
    ]


@case
def state_dict_shares_memory(t):
    m = net(t)
    m.state_dict()["scale"].fill_(7)
    return m.scale


@case
def state_dict_destination(t):
    destination = OrderedDict(a=1)
    same = net(t).state_dict(destination=destination, prefix="n.")
    return [same is destination, list(destination)]


@case
def get_by_name(t):
    m = net(t)
    return [
        m.get_submodule("") is m,
        m.get_submodule("first") is m.first,
        m.get_parameter("first.weight") is m.first.weight,
        m.get_buffer("second.count") is m.second.count,
    ]


for _call in (
    lambda m: m.get_submodule("first.nope"),
    lambda m: m.get_submodule("plain"),
    lambda m: m.get_parameter("first.count"),
    lambda m: m.get_parameter("first.nope"),
    lambda m: m.get_buffer("first.weight"),
    lambda m: m.set_submodule("", m),
    lambda m: m.set_submodule("first", 3),
    lambda m: m.set_submodule("nope", m.second, strict=True),
):
    CASES.append(lambda t, call=_call: call(net(t)))


# ---- attributes ----------------------------------------------------------------------
for _action in (
    lambda t, m: setattr(m, "first", 3),
    lambda t, m: setattr(m, "scale", t.ones(2)),
    lambda t, m: setattr(m, "scale", m.first),
    lambda t, m: setattr(m.first, "count", "x"),
    lambda t, m: m.register_parameter("a.b", None),
    lambda t, m: m.register_parameter("", None),
    lambda t, m: m.register_parameter(3, None),
    lambda t, m: m.register_parameter("first", None),
    lambda t, m: m.register_parameter("w", 3),
    lambda t, m: m.register_parameter("w", t.ones(1)),
    lambda t, m: m.register_parameter("forward", None),
    lambda t, m: m.register_buffer("a.b", None),
    lambda t, m: m.register_buffer("", None),
    lambda t, m: m.register_buffer(3, None),
    lambda t, m: m.register_buffer("scale", None),
    lambda t, m: m.register_buffer("b", 3),
    lambda t, m: m.add_module("a.b", None),
    lambda t, m: m.add_module("", None),
    lambda t, m: m.add_module(3, None),
    lambda t, m: m.add_module("scale", None),
    lambda t, m: m.add_module("b", 3),
    lambda t, m: m.register_module("training", None),
    lambda t, m: m.nope,
    lambda t, m: m.first.nope,
    lambda t, m: delattr(m, "nope"),
    lambda t, m: m.train("yes"),
    lambda t, m: m.load_state_dict(3),
    lambda t, m: t.nn.Module(3),
    lambda t, m: t.nn.Module(a=3),
    lambda t, m: t.nn.Module()(3),
    lambda t, m: m.to(t.int32),
    lambda t, m: m.get_extra_state(),
    lambda t, m: t.nn.Parameter([1.0]),
    lambda t, m: t.nn.Parameter(t.ones(2, dtype=t.int64)),
):
    CASES.append(lambda t, action=_action: action(t, net(t)))


@case
def non_leaf_parameter(t):
    class M(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_parameter("w", t.nn.Parameter(t.ones(2)) * 2)

    return M()


for _name, _value in (
    ("module", lambda t: t.nn.Identity()),
    ("parameter", lambda t: t.nn.Parameter(t.ones(1))),
    ("buffer", lambda t: t.nn.Buffer(t.ones(1))),
):

    def _before_init(t, value=_value):
        class M(t.nn.Module):
            def __init__(self):
                self.x = value(t)

        return M()

    if _name != "buffer":
        CASES.append(_before_init)


@case
def plain_attributes_before_init(t):
    class M(t.nn.Module):
        def __init__(self):
            self.x = 3
            super().__init__()

    return M().x


@case
def reassigning_changes_kind(t):
    m, seen = net(t), []
    look = lambda: seen.append(  # noqa: E731
        [list(m._parameters), list(m._modules), list(m._buffers), m.x is not None]
    )
    m.x = t.nn.Parameter(t.ones(1))
    look()
    del m.x
    m.x = t.nn.Identity()
    look()
    m.x = None
    look()
    m.x = t.nn.Identity()
    del m.x
    m.x = 3
    look()
    del m.x
    m.x = t.nn.Buffer(t.ones(1), persistent=False)
    look()
    m.x = t.ones(3)
    look()
    m.x = t.nn.Parameter(t.ones(2))
    look()
    return [seen, sorted(m._non_persistent_buffers_set)]


@case
def buffer_over_a_plain_attribute(t):
    m = net(t)
    m.x = 3
    m.x = t.nn.Buffer(t.ones(1))


@case
def deleting(t):
    m = net(t)
    del m.first, m.scale, m.second.count, m.second.scratch, m.plain
    left = [hasattr(m, name) for name in ("first", "scale", "plain", "shared")]
    return [left, list(m.state_dict()), hasattr(m.second, "count")]


@case
def registries_edited_directly(t):
    m = net(t)
    m._parameters["scale"] = t.nn.Parameter(t.zeros(2))
    del m._modules["shared"]
    m._buffers["extra"] = t.ones(1)
    m.second._buffers["count"] = None
    m._modules["third"] = t.nn.Identity()
    extra = m._buffers.pop("extra")
    m._buffers.update(extra=extra)
    return [
        m.scale,
        m.extra,
        m.second.count,
        hasattr(m, "shared"),
        m.third,
        m._parameters.get("nope"),
        list(m.state_dict()),
    ]


@case
def getattr_overridden(t):
    class M(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = t.nn.Linear(2, 3)

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

    m = M()
    return [m.in_features, m.inner, m.weight is m.inner.weight, hasattr(m, "nope")]


@case
def names_in_dir(t):
    names = dir(net(t))
    return [n in names for n in ("first", "scale", "plain", "forward", "nope")]


@case
def abstract_methods_do_not_block(t):
    import abc

    class M(t.nn.Module):
        @abc.abstractmethod
        def f(self):
            pass

    class N(t.nn.Module, abc.ABC):
        @abc.abstractmethod
        def f(self):
            pass

    M()
    return N()


@case
def annotations_are_never_evaluated(t):
    class M(t.nn.Module):
        x: no_such_thing  # noqa: F821
        y: 1 + None

    class N(M):
        z: int

    return [M(), N()]


@case
def class_options_reach_the_users_hook(t):
    class Base(t.nn.Module):
        def __init_subclass__(cls, tag=None, **options):
            super().__init_subclass__(**options)
            cls.tag = tag

    class M(Base, tag="a"):
        pass

    class Broken(Base):
        def __init_subclass__(cls):
            raise ValueError("no subclass")

    try:

        class Child(Broken):
            pass

    except ValueError as error:
        return [M.tag, str(error)]


@case
def call_super_init(t):
    class Other:
        def __init__(self, a):
            self.a = a

    class M(t.nn.Module, Other):
        call_super_init = True

        def __init__(self, a):
            super().__init__(a)

    return M(5).a


@case
def buffers_made_by_assignment(t):
    m = t.nn.Module()
    m.a = t.nn.Buffer(t.ones(2))
    m.b = t.nn.Buffer(t.ones(2), persistent=False)
    plain = t.ones(1)
    return [
        dict(m.named_buffers()),
        list(m.state_dict()),
        isinstance(m.a, t.nn.Buffer),
        isinstance(plain, t.nn.Buffer),
        isinstance(m.a, t.nn.Parameter),
    ]


@case
def list_of_modules_is_no_child(t):
    m = net(t)
    return [any("plain" in n for n, _ in m.named_parameters()), len(m.plain)]


# ---- modes, conversion ---------------------------------------------------------------
@case
def modes(t):
    m = net(t)
    was = m.training
    m.eval()
    off = [x.training for x in m.modules()]
    m.first.train()
    return [was, off, [x.training for x in m.modules()], m.train() is m]


@case
def apply_order(t):
    m, seen = net(t), []
    back = m.apply(lambda x: seen.append(type(x).__name__))
    return [seen, back is m]


@case
def conversion(t):
    m = net(t)
    weight, count = m.first.weight, m.first.count
    back = m.double()
    halves = [p.dtype for p in net(t).half().parameters()]
    return [
        back is m,
        m.first.weight is weight,
        m.first.count is count,
        [str(x.dtype) for x in m.state_dict().values()],
        halves,
        [p.dtype for p in net(t).bfloat16().parameters()],
        [p.dtype for p in m.to(t.float32).parameters()],
        [p.dtype for p in m.to("cpu", t.float64).parameters()],
        [p.dtype for p in m.to(dtype=t.float16, device="cpu").parameters()],
        [p.dtype for p in m.type(t.float64).parameters()],
    ]


@case
def integer_buffers_keep_their_dtype(t):
    m = t.nn.BatchNorm1d(2).double()
    return [m.num_batches_tracked.dtype, m.running_mean.dtype]


@case
def conversion_of_gradients(t):
    m = net(t)
    m(t.ones(2)).sum().backward()
    m.double()
    return [m.first.weight.grad, m.first.weight.requires_grad]


@case
def requires_grad_and_zero_grad(t):
    m = net(t)
    m(t.ones(2)).sum().backward()
    grads = [p.grad for p in m.parameters()]
    m.zero_grad(set_to_none=False)
    zeros = [p.grad for p in m.parameters()]
    m.zero_grad()
    none = [p.grad for p in m.parameters()]
    m.requires_grad_(False)
    return [grads, zeros, none, [p.requires_grad for p in m.parameters()]]


# ---- loading -------------------------------------------------------------------------
@case
def load(t):
    m, other = net(t), net(t)
    with t.no_grad():
        other.scale.fill_(9)
        other.first.count.fill_(4)
    result = m.load_state_dict(other.state_dict())
    return [repr(result), m.scale, m.first.count, m.scale is other.scale]


def _changed(t, **changes):
    state = net(t).state_dict()
    for name, value in changes.items():
        name = name.replace("__", ".")
        if value is None:
            del state[name]
        else:
            state[name] = value
    return state


for _strict in (True, False):
    for _changes in (
        lambda t: {"first__weight": None, "scale": None},
        lambda t: {"extra": t.ones(1), "first__more": t.ones(1), "no__way": t.ones(1)},
        lambda t: {"scale": t.ones(3)},
        lambda t: {"scale": 5, "first__weight": None, "extra": t.ones(1)},
        lambda t: {"second__scratch": t.ones(2)},
        lambda t: {"first__count": t.ones(())},
    ):
        CASES.append(
            lambda t, strict=_strict, changes=_changes: repr(
                net(t).load_state_dict(_changed(t, **changes(t)), strict=strict)
            )
        )


@case
def load_assign(t):
    m, state = net(t), net(t).double().state_dict()
    m.load_state_dict(state, assign=True)
    return [
        m.scale,
        m.scale.requires_grad,
        m.first.weight.requires_grad,
        m.first.count is state["first.count"],
        m.first.weight is state["first.weight"],
        isinstance(m.first.weight, t.nn.Parameter),
    ]


@case
def load_converts_dtype(t):
    m = net(t)
    m.load_state_dict(net(t).double().state_dict())
    return m.scale


@case
def old_scalar(t):
    m = t.nn.Module()
    m.register_buffer("x", t.zeros(()))
    m.load_state_dict({"x": t.ones(1)})
    return m.x


@case
def extra_state(t):
    class M(t.nn.Module):
        seen = None

        def get_extra_state(self):
            return {"a": 1}

        def set_extra_state(self, state):
            self.seen = state

    m = t.nn.Sequential(M())
    state = m.state_dict()
    m.load_state_dict(state)
    errors = []
    for broken in ({}, {"0._extra_state": 1, "_extra_state": 2}):
        try:
            m.load_state_dict(broken)
        except RuntimeError as error:
            errors.append(str(error))
    return [dict(state), m[0].seen, errors]


# ---- copies --------------------------------------------------------------------------
@case
def deepcopy(t):
    m = net(t)
    m.first.weight.my_note = "kept?"
    other = copy.deepcopy(m)
    with t.no_grad():
        other.scale.fill_(0)
    return [
        repr(other) == repr(m),
        other.shared is other.first,
        other.first is not m.first,
        other.first.weight is other.first._parameters["weight"],
        m.scale,
        other.scale,
        other.plain[0] is not m.plain[0],
        other(t.ones(2)),
    ]


@case
def pickling(t):
    m = t.nn.Sequential(OrderedDict(a=t.nn.Linear(2, 3), b=t.nn.BatchNorm1d(3)))
    m.eval()
    other = pickle.loads(pickle.dumps(m))
    x = t.ones(4, 2)
    return [
        repr(other),
        other.training,
        other.a.weight is other.a._parameters["weight"],
        bool((other(x) == m(x)).all()),
        list(other.state_dict()),
    ]


@case
def getstate_overridden(t):
    class M(t.nn.Linear):
        def __getstate__(self):
            state = self.__dict__.copy()
            state["note"] = "from getstate"
            return state

    m = copy.deepcopy(M(2, 2))
    return [m.note, sorted(m.state_dict()), m(t.ones(1, 2)).shape]


@pytest.mark.parametrize("index", range(len(CASES)))
def test_same_as_pytorch(index):
    check(CASES[index])
