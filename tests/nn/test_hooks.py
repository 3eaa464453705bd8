"""Hooks of modules, each case run with both libraries."""

from __future__ import annotations

import pytest

from ._both import check

CASES: list = []


def case(function):
    CASES.append(function)
    return function


def linear(t):
    m = t.nn.Linear(2, 2)
    with t.no_grad():
        m.weight.copy_(t.tensor([[1.0, 2.0], [3.0, 4.0]]))
        m.bias.zero_()
    return m


@case
def forward_hooks(t):
    m, seen = linear(t), []
    first = m.register_forward_hook(lambda m, a, out: seen.append(("f", a, out)))
    m.register_forward_hook(lambda m, a, out: out * 2)
    m.register_forward_hook(lambda m, a, out: seen.append("front"), prepend=True)
    m.register_forward_pre_hook(lambda m, a: (a[0] + 1,))
    m.register_forward_pre_hook(lambda m, a: a[0] * 3)
    out = m(t.ones(1, 2))
    first.remove()
    again = m(t.ones(1, 2))
    return [out, again, seen, len(m._forward_hooks)]


@case
def hooks_with_kwargs(t):
    class M(t.nn.Module):
        def forward(self, x, scale=1.0):
            return x * scale

    m, seen = M(), []
    m.register_forward_pre_hook(
        lambda m, a, k: (a, {"scale": k["scale"] + 1}), with_kwargs=True
    )
    m.register_forward_hook(lambda m, a, k, out: seen.append((a, k)), with_kwargs=True)
    return [m(t.ones(2), scale=2.0), seen]


@case
def wrong_kwargs_hook(t):
    m = linear(t)
    m.register_forward_pre_hook(lambda m, a, k: 3, with_kwargs=True)
    return m(t.ones(1, 2))


@case
def always_called(t):
    class M(t.nn.Module):
        def forward(self, x):
            raise ValueError("broken")

    m, seen = M(), []
    m.register_forward_hook(lambda m, a, out: seen.append(out), always_call=True)
    m.register_forward_hook(lambda m, a, out: seen.append("never"))
    m.register_forward_hook(lambda m, a, out: 1 / 0, always_call=True)
    try:
        m(3)
    except ValueError as error:
        seen.append(str(error))
    return seen


@case
def handle_as_context(t):
    m, seen = linear(t), []
    with m.register_forward_hook(lambda m, a, out: seen.append(1)):
        m(t.ones(1, 2))
    m(t.ones(1, 2))
    return seen


@case
def full_backward_hooks(t):
    m, seen = linear(t), []
    m.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go)))
    m.register_full_backward_pre_hook(lambda m, go: (go[0] * 2,))
    x = t.ones(1, 2, requires_grad=True)
    m(x).sum().backward()
    return [seen, x.grad, m.weight.grad]


@case
def full_backward_hook_replaces_gradient(t):
    m = linear(t)
    m.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10,))
    x = t.ones(1, 2, requires_grad=True)
    m(x).sum().backward()
    return [x.grad, m.weight.grad]


@case
def full_backward_hook_without_input_gradient(t):
    m, seen = linear(t), []
    m.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go)))
    m(t.ones(1, 2)).sum().backward()
    return [seen, m.weight.grad]


@case
def wrong_number_of_gradients(t):
    m = linear(t)
    m.register_full_backward_pre_hook(lambda m, go: (go[0], go[0]))
    x = t.ones(1, 2, requires_grad=True)
    m(x).sum().backward()


@case
def both_kinds_of_backward_hooks(t):
    m = linear(t)
    m.register_full_backward_hook(lambda m, gi, go: None)
    m.register_backward_hook(lambda m, gi, go: None)


@case
def state_dict_hooks(t):
    m, seen = linear(t), []
    m.register_state_dict_pre_hook(lambda m, prefix, keep: seen.append((prefix, keep)))

    def after(m, state, prefix, metadata):
        state[prefix + "new"] = 1

    m.register_state_dict_post_hook(after)
    outer = t.nn.Sequential(m)
    return [list(outer.state_dict()), seen]


@case
def state_dict_post_hook_returns(t):
    m = linear(t)
    m.register_state_dict_post_hook(lambda m, s, p, l: s)
    return m.state_dict()


@case
def private_state_dict_hook_replaces(t):
    m = linear(t)
    m._register_state_dict_hook(lambda m, s, p, l: {"only": 1})
    return m.state_dict()


@case
def load_hooks(t):
    m, seen = linear(t), []

    def rename(module, state, prefix, metadata, strict, missing, unexpected, errors):
        state[prefix + "weight"] = state.pop(prefix + "kernel")
        seen.append([prefix, metadata, strict, module is m])

    m.register_load_state_dict_pre_hook(rename)
    m.register_load_state_dict_post_hook(
        lambda m, keys: seen.append([keys.missing_keys, keys.unexpected_keys])
    )
    state = {"kernel": t.zeros(2, 2), "bias": t.ones(2)}
    return [repr(m.load_state_dict(state)), seen, m.weight]


@case
def load_post_hook_clears_missing(t):
    m = linear(t)
    m.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.clear())
    return repr(m.load_state_dict({"weight": t.zeros(2, 2)}))


@case
def load_post_hook_returns(t):
    m = linear(t)
    m.register_load_state_dict_post_hook(lambda m, keys: 3)
    return m.load_state_dict(m.state_dict())


@case
def global_hooks(t):
    g, seen = t.nn.modules.module, []
    handles = [
        g.register_module_forward_pre_hook(lambda m, a: seen.append("pre")),
        g.register_module_forward_hook(lambda m, a, out: seen.append("post")),
        g.register_module_full_backward_hook(lambda m, gi, go: seen.append("back")),
        g.register_module_parameter_registration_hook(
            lambda m, name, p: seen.append(name)
        ),
        g.register_module_module_registration_hook(
            lambda m, name, p: seen.append(name)
        ),
        g.register_module_buffer_registration_hook(
            lambda m, name, p: seen.append(name)
        ),
    ]
    try:
        m = t.nn.Sequential(linear(t), t.nn.BatchNorm1d(2))
        m(t.ones(3, 2, requires_grad=True)).sum().backward()
    finally:
        for handle in handles:
            handle.remove()
    m(t.ones(3, 2))
    return seen


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_same_as_pytorch(function):
    check(function, with_warnings="without_input" not in function.__name__)
