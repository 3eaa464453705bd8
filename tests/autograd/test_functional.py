"""``autograd.functional``, ``forward_ad``, hooks on the graph, checkpoints."""

from __future__ import annotations

import pytest

import torchlike
from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module."""
    PROGRAMS.append(function)
    return function


def _x(m, n=3):
    return m.linspace(-1, 1, n, dtype=m.float64)


def _f(a, b):
    return (a * b).sin() * a


@program
def products(m):
    F, x = m.autograd.functional, _x(m)
    a, b = x, x + 2
    scalar = lambda a, b: _f(a, b).sum()  # noqa: E731
    return [
        F.vjp(_f, (a, b), x),
        F.jvp(_f, (a, b), (x, x + 1)),
        F.vjp(lambda x: x.pow(2).sum(), x),
        F.hvp(scalar, (a, b), (x, x + 1)),
        F.vhp(scalar, (a, b), (x, x + 1)),
        F.hvp(lambda x: x.pow(3).sum(), x, x),
        F.vhp(lambda x: x.pow(3).sum(), x, x),
    ]


@program
def jacobians(m):
    F, x = m.autograd.functional, _x(m)
    return [
        F.jacobian(_f, (x, x + 2)),
        F.jacobian(lambda x: (x.sum(), x * x), x),
        F.jacobian(lambda x: x.exp(), x, vectorize=True, strategy="forward-mode"),
        F.hessian(lambda a, b: _f(a, b).sum(), (x, x + 2)),
        F.hessian(lambda x: x.pow(3).sum(), x, vectorize=True),
        F.jacobian(lambda x: m.ones(2, dtype=m.float64), x),
    ]


@program
def jacobian_on_the_graph(m):
    x = _x(m).requires_grad_()
    j = m.autograd.functional.jacobian(lambda x: x.pow(3), x, create_graph=True)
    j.sum().backward()
    return j, x.grad


@program
def strict(m):
    return m.autograd.functional.jacobian(lambda x: m.ones(2), _x(m), strict=True)


@program
def strict_jvp(m):
    return m.autograd.functional.vjp(lambda a, b: a.sum(), (_x(m), _x(m)), strict=True)


@program
def no_vector(m):
    return m.autograd.functional.vjp(lambda x: x * 2, _x(m))


@program
def wrong_type(m):
    return m.autograd.functional.vjp(lambda x: x * 2, [_x(m)])


@program
def wrong_vector(m):
    return m.autograd.functional.jvp(lambda x: x * 2, _x(m), _x(m, 4))


@program
def forward_mode(m):
    fw = m.autograd.forward_ad
    x = _x(m)
    with fw.dual_level():
        dual = fw.make_dual(x, x + 1)
        out = fw.unpack_dual(dual.sin() * 2)
        other = fw.unpack_dual(x.sin())
    return out.primal, out.tangent, other.tangent is None


@program
def forward_mode_without_level(m):
    return m.autograd.forward_ad.make_dual(_x(m), _x(m))


@program
def packing(m):
    x, seen = _x(m).requires_grad_(), []

    def pack(t):
        seen.append(tuple(t.shape))
        return t * 2

    with m.autograd.graph.saved_tensors_hooks(pack, lambda t: t * 5):
        y = x.exp().sin()
    y.sum().backward()
    return len(seen), (3,) in seen


@program
def packing_without_change(m):
    x = _x(m).requires_grad_()
    with m.autograd.graph.save_on_cpu():
        y = (x.exp() * x).sin().sum()
    (g,) = m.autograd.grad(y, x, create_graph=True)
    return g, m.autograd.grad(g.sum(), x)


@program
def packing_disabled(m):
    graph = m.autograd.graph
    with graph.disable_saved_tensors_hooks("not here"):
        with graph.saved_tensors_hooks(lambda t: t, lambda t: t):
            return 0


@program
def multi_grad_hook(m):
    a, b = _x(m).requires_grad_(), _x(m).requires_grad_()
    calls = []
    graph = m.autograd.graph
    graph.register_multi_grad_hook((a, b), lambda g: calls.append([t.sum() for t in g]))
    graph.register_multi_grad_hook((a, b), lambda g: calls.append(1), mode="any")
    (a * b).sum().backward()
    edge = graph.get_gradient_edge(a)
    return len(calls), edge.output_nr, isinstance((a * b).grad_fn, graph.Node)


@program
def no_edge(m):
    return m.autograd.graph.get_gradient_edge(_x(m))


@program
def anomaly(m):
    x = m.tensor([-1.0], requires_grad=True)
    with m.autograd.detect_anomaly():
        x.sqrt().sum().backward()


@program
def batched_gradients(m):
    x = _x(m).requires_grad_()
    eye = m.eye(3, dtype=m.float64)
    return m.autograd.grad(x.sin(), x, eye, is_grads_batched=True)


def _net(m):
    m.manual_seed(0)
    return m.nn.Sequential(
        m.nn.Linear(3, 4), m.nn.Tanh(), m.nn.Linear(4, 4), m.nn.Tanh()
    ).double()


def _checkpointed(m, use_reentrant):
    from importlib import import_module

    check = import_module(m.__name__ + ".utils.checkpoint")
    net, x = _net(m), _x(m, 6).reshape(2, 3).requires_grad_()

    def run(x):
        return m.nn.functional.dropout(net(x), 0.5) * x.sum()

    y = check.checkpoint(run, x, use_reentrant=use_reentrant)
    (y**2).sum().backward()
    z = check.checkpoint_sequential(net, 2, x, use_reentrant=use_reentrant)
    z.sum().backward()
    return y, x.grad, [p.grad for p in net.parameters()]


@program
def checkpoint(m):
    return _checkpointed(m, False)


@program
def checkpoint_reentrant(m):
    return _checkpointed(m, True)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_beside_pytorch(function):
    compare(function)


def _given(*shape, dtype=None):
    return torchlike.randn(*shape, dtype=dtype or torchlike.float64).requires_grad_()


def test_gradcheck():
    check, again = torchlike.autograd.gradcheck, torchlike.autograd.gradgradcheck
    inputs = (_given(2, 3), _given(3))
    assert check(lambda a, b: (a * b).sin(), inputs, check_forward_ad=True)
    assert again(lambda a, b: (a * b).sin(), inputs)
    z = (_given(3, dtype=torchlike.complex128),)
    assert check(lambda z: z * z.conj() + z.exp(), z)


def test_gradcheck_finds_a_wrong_gradient():
    class Wrong(torchlike.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 3

    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 0"):
        torchlike.autograd.gradcheck(Wrong.apply, (_given(2),))
    check = torchlike.autograd.gradcheck
    assert not check(Wrong.apply, (_given(2),), raise_exception=False)
    with pytest.raises(ValueError, match="at least one input"):
        check(lambda x: x, (torchlike.ones(2),))


def test_a_checkpoint_forgets_activations():
    check = torchlike.utils.checkpoint.checkpoint
    x = _given(4)
    y = check(lambda x: x.exp().sin().exp(), x, use_reentrant=False)
    saved = y.grad_fn.saved
    assert not any(hasattr(s.content, "_value") for s in saved)
