"""JAX stays reachable: tracers pass through, arrays go in and out without a copy."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

import torchlike as torch
from torchlike._tensor import from_array


def f(x):
    t = from_array(x)
    y = t * 2 + 1
    y[0] = y[1] * 3
    return jnp.asarray(y.view(-1)._array())


def test_inside_jit():
    x = jnp.arange(3.0)
    np.testing.assert_allclose(jax.jit(f)(x), [9.0, 3.0, 5.0])
    np.testing.assert_allclose(f(x), [9.0, 3.0, 5.0])


def test_inside_grad_and_vmap():
    g = jax.grad(lambda x: f(x).sum())(jnp.arange(3.0))
    np.testing.assert_allclose(g, [0.0, 8.0, 2.0])
    batched = jax.vmap(f)(jnp.stack([jnp.arange(3.0), jnp.ones(3)]))
    np.testing.assert_allclose(batched, [[9.0, 3.0, 5.0], [9.0, 3.0, 3.0]])


def test_pending_values_inside_a_transformation():
    w = torch.tensor([1.0, 2.0]) * 3  # pending when jit traces
    out = jax.jit(lambda x: (from_array(x) * w)._array())(jnp.ones(2))
    np.testing.assert_allclose(out, [3.0, 6.0])
    assert w.tolist() == [3.0, 6.0]


def test_autograd_on_tracers():
    def loss_gradient(x):
        t = from_array(x, requires_grad=True)
        (g,) = torch.autograd.grad((t * t * t)[0], t)
        return g._array()

    g = jax.jit(loss_gradient)(jnp.array([2.0, 5.0]))
    np.testing.assert_allclose(g, [12.0, 0.0])


def test_arrays_in_and_out_without_a_copy():
    a = jnp.arange(4.0)
    t = from_array(a)
    assert t._array() is a
    np.testing.assert_allclose(jnp.sin(t), np.sin(np.arange(4.0)), rtol=1e-6)


def test_tensors_are_pytrees():
    t = torch.tensor([1.0, 2.0])
    out = jax.jit(lambda x: x * 2)(t)
    assert isinstance(out, torch.Tensor)
    assert out.tolist() == [2.0, 4.0]
