"""``torch.func`` beside PyTorch: each program runs on both, results are compared."""

from __future__ import annotations

import pytest

import torchlike
from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module and its ``func``."""
    PROGRAMS.append(function)
    return function


@program
def t_grad(m, F):
    x = m.linspace(-1, 1, 5, dtype=m.float64)
    return (
        F.grad(lambda x: (x.sin() * x).sum())(x),
        F.grad(F.grad(lambda x: x.sin() * x**2))(x[1]),
        F.grad(F.grad(F.grad(lambda x: x.sin() * x**2)))(x[1]),
    )


@program
def t_outer(m, F):
    w = m.linspace(-1, 1, 5, dtype=m.float64).requires_grad_()
    x = m.linspace(0, 1, 5, dtype=m.float64)
    g = F.grad(lambda x: ((w * x).sin() * x).sum())(x)
    g.pow(2).sum().backward()
    return g, w.grad


@program
def t_outer2(m, F):
    w = m.linspace(-1, 1, 5, dtype=m.float64).requires_grad_()
    g = F.grad(lambda v: (v.sin() * w).sum())(w)
    g.pow(2).sum().backward()
    return g, w.grad


@program
def t_vmap(m, F):
    x = m.arange(12.0, dtype=m.float64).reshape(3, 4)
    y = m.arange(4.0, dtype=m.float64)
    return (
        F.vmap(lambda a: a.sum())(x),
        F.vmap(m.dot, (1, None))(x, m.ones(3, dtype=m.float64)),
        F.vmap(lambda a, b: (a * b, b), out_dims=(1, 0))(x.T, y),
        F.vmap(F.vmap(lambda a, b: a * b, (None, 0)), (0, None))(y, x[0]),
        F.vmap(lambda a: a.view(2, 2).T.reshape(-1)[1:], chunk_size=2)(x),
    )


@program
def t_vmapgrad(m, F):
    w = m.linspace(-1, 1, 4, dtype=m.float64).requires_grad_()
    x = m.arange(12.0, dtype=m.float64).reshape(3, 4) / 10
    g = F.vmap(F.grad(lambda w, x: ((w * x).sum()).sin()), (None, 0))(w, x)
    (g**2).sum().backward()
    g2 = F.vmap(F.grad(lambda x: ((w * x).sum()).sin() * w.sum()))(x)
    w2 = m.autograd.grad((g2**2).sum(), w)
    return g, w.grad, w2


@program
def t_jac(m, F):
    x = m.linspace(-1, 1, 3, dtype=m.float64)
    A = m.arange(9.0, dtype=m.float64).reshape(3, 3)

    def f(x):
        return (A @ x).sin() * x

    return (
        F.jacrev(f)(x),
        F.jacfwd(f)(x),
        F.hessian(lambda x: f(x).sum())(x),
        F.jacrev(F.jacrev(f))(x),
        F.jacfwd(F.jacfwd(f))(x),
        F.jacrev(F.jacfwd(f))(x),
        F.jacrev(lambda a, b: {"s": a * b, "t": a.sum()}, argnums=(0, 1))(x, x + 1),
        F.jacfwd(lambda a, b: {"s": a * b, "t": a.sum()}, argnums=(0, 1))(x, x + 1),
        F.jacrev(f, chunk_size=2)(x),
        F.hessian(lambda a, b: (a * b * a).sum(), argnums=(0, 1))(x, x + 1),
    )


@program
def t_jvp(m, F):
    x = m.linspace(-1, 1, 3, dtype=m.float64)
    out = F.jvp(lambda a, b: a.sin() * b, (x, x + 1), (x + 2, x))
    y, pull = F.vjp(lambda a, b: a.sin() * b, x, x + 1)
    y2, push = F.linearize(lambda a, b: a.sin() * b, x, x + 1)
    return (
        out,
        y,
        pull(x),
        y2,
        push(x + 2, x),
        F.jvp(F.grad(lambda a: (a**3).sum()), (x,), (x,)),
        F.vmap(pull)(m.eye(3, dtype=m.float64)),
    )


@program
def t_err(m, F):
    return F.grad(lambda x: x * 2)(m.ones(3))


@program
def t_err2(m, F):
    return F.vmap(lambda x: x)(3)


@program
def t_err3(m, F):
    return F.vmap(lambda x, y: x)(m.ones(3), m.ones(4))


@program
def t_err4(m, F):
    return F.vmap(lambda x: x.sum().item())(m.ones(3))


@program
def t_err5(m, F):
    return F.vmap(lambda x: x, out_dims=None)(m.ones(3))


@program
def t_err6(m, F):
    return F.vmap(lambda x: x + m.randn(2))(m.ones(3))


@program
def t_aux(m, F):
    x = m.linspace(-1, 1, 3, dtype=m.float64)
    return (
        F.grad_and_value(lambda x: (x.sum(), x * 2), has_aux=True)(x),
        F.jacrev(lambda x: (x * x, x * 2), has_aux=True)(x),
        F.jacfwd(lambda x: (x * x, x * 2), has_aux=True)(x),
        F.vjp(lambda x: (x * x, x * 2), x, has_aux=True)[2],
        F.jvp(lambda x: (x * x, x * 2), (x,), (x,), has_aux=True),
    )


@program
def t_inplace(m, F):
    x = m.linspace(-1, 1, 3, dtype=m.float64)

    def f(x):
        y = x.clone()
        y[1] = x[0] * 2
        y += x
        y.view(-1)[0].mul_(3)
        return y.sin()

    return F.vmap(f)(m.stack([x, x * 2])), F.jacrev(f)(x), F.jacfwd(f)(x)


@program
def t_model(m, F):
    net = m.nn.Sequential(m.nn.Linear(3, 4), m.nn.Tanh(), m.nn.Linear(4, 2)).double()
    p = {k: v.detach() for k, v in net.named_parameters()}
    x = m.arange(15.0, dtype=m.float64).reshape(5, 3) / 10
    y = m.tensor([0, 1, 0, 1, 1])

    def loss(p, x, y):
        out = F.functional_call(net, p, (x.unsqueeze(0),))
        return m.nn.functional.cross_entropy(out, y.unsqueeze(0))

    g = F.vmap(F.grad(loss), (None, 0, 0))(p, x, y)
    return g


@program
def t_ensemble(m, F):
    nets = [m.nn.Linear(3, 2) for _ in range(3)]
    p, b = F.stack_module_state(nets)
    base = nets[0]
    x = m.ones(5, 3)
    out = F.vmap(lambda p, b, x: F.functional_call(base, (p, b), (x,)), (0, 0, None))(
        p, b, x
    )
    out.sum().backward()
    return out, p["weight"].grad


@program
def t_conv(m, F):
    x = m.arange(2 * 3 * 1 * 5 * 5.0, dtype=m.float64).reshape(2, 3, 1, 5, 5) / 100
    w = m.arange(2 * 9.0, dtype=m.float64).reshape(2, 1, 3, 3) / 10

    def f(x):
        return m.nn.functional.max_pool2d(m.nn.functional.conv2d(x, w).relu(), 2)

    return F.vmap(f)(x), F.vmap(F.jacrev(lambda x: f(x).sum()))(x), F.jacfwd(f)(x[0])


@program
def t_nograd(m, F):
    x = m.linspace(-1, 1, 3, dtype=m.float64)

    def f(x):
        with m.no_grad():
            c = x**2
        return (x * c).sum()

    with m.no_grad():
        return F.grad(f)(x), F.grad(lambda x: F.grad(f)(x).sum())(x)


@program
def t_custom(m, F):
    class Sq(m.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            return x * x

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(inputs[0])

        @staticmethod
        def backward(ctx, g):
            return 2 * g * ctx.saved_tensors[0]

    x = m.linspace(-1, 1, 3, dtype=m.float64)
    return (
        F.grad(lambda x: Sq.apply(x).sum())(x),
        F.vmap(F.grad(lambda x: Sq.apply(x)))(x),
        F.jacrev(F.jacrev(Sq.apply))(x),
    )


@program
def t_index(m, F):
    x = m.arange(12.0, dtype=m.float64).reshape(3, 4)
    i = m.tensor([0, 2, 1])
    return (
        F.vmap(lambda x, i: x[i])(x, i),
        F.vmap(lambda x, i: x.gather(0, i.unsqueeze(0)))(x, i),
        F.vmap(lambda x: x.sort().values.cumsum(0))(x),
        F.vmap(lambda x: m.where(x > 3, x, -x).norm())(x),
    )


@program
def t_linalg(m, F):
    x = (m.arange(18.0, dtype=m.float64).reshape(2, 3, 3) / 10).sin() + m.eye(
        3, dtype=m.float64
    ) * 3
    return (
        F.vmap(m.linalg.inv)(x),
        F.jacfwd(m.linalg.det)(x[0]),
        F.vmap(m.linalg.solve, (0, None))(x, x[0]),
        F.hessian(m.logdet)(x[0]),
    )


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__[2:])
def test_beside_pytorch(function):
    compare(lambda m: function(m, m.func))


def test_randomness():
    x = torchlike.ones(3, 4)
    rand = torchlike.rand
    different = torchlike.func.vmap(lambda x: x * rand(4), randomness="different")(x)
    same = torchlike.func.vmap(lambda x: x * rand(4), randomness="same")(x)
    assert len({tuple(r) for r in different.tolist()}) == 3
    assert len({tuple(r) for r in same.tolist()}) == 1


def test_a_vmap_never_compiles_twice():
    step = torchlike.vmap(torchlike.func.grad(lambda x: (x.sin() * x).sum()))
    x = torchlike.ones(3, 4)
    step(x).tolist()
    before = torchlike._engine.stats().compiles
    for i in range(3):
        step(x + i).tolist()
    assert torchlike._engine.stats().compiles - before <= 1


def test_writing_a_batched_value_into_a_captured_tensor_is_refused():
    captured = torchlike.zeros(3)
    with pytest.raises(RuntimeError, match="inplace arithmetic"):
        torchlike.vmap(captured.add_)(torchlike.ones(2, 3))
