"""The barrier of CPU programs: values, derivatives, maps, and that it is there."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from torchlike import _kernels
from torchlike._ops._kept import kept

from ..programs_beside import compare

X = np.linspace(-3, 2, 24, dtype=np.float32).reshape(4, 6)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int8", "bool"])
def test_values(dtype):
    x = jnp.asarray(X.astype(dtype))
    np.testing.assert_array_equal(kept(x), x)
    np.testing.assert_array_equal(jax.jit(lambda x: kept(x + x) + x)(x), x + x + x)
    np.testing.assert_array_equal(jax.jit(lambda x: (x, kept(x)))(x)[1], x)
    np.testing.assert_array_equal(kept(x[:0]), x[:0])


def test_derivatives_and_maps():
    def function(x):
        return (kept(x * x) * x).sum()

    np.testing.assert_allclose(jax.grad(function)(X), 3 * X * X, rtol=1e-6)
    np.testing.assert_allclose(
        jax.hessian(function)(X[0]), np.diag(6 * X[0]), rtol=1e-6
    )
    np.testing.assert_allclose(jax.vmap(function)(X), (X**3).sum(1), rtol=1e-5)
    np.testing.assert_allclose(jax.jvp(function, (X,), (X,))[1], 3 * (X**3).sum(), 1e-5)


@pytest.mark.skipif(not _kernels.available, reason="not built (no C compiler)")
def test_xla_does_not_look_through_it():
    lowered = jax.jit(lambda x: kept(x + 1) * 2).lower(X)
    text = lowered.compile().as_text()
    assert _kernels.target("kept") in text


def pooled(lib):
    """The gradient of a pooling asks who won, and so do those of higher order."""
    x = lib.linspace(-4, 4, 2 * 3 * 8 * 8).sin().view(2, 3, 8, 8).requires_grad_()
    y = lib.nn.functional.max_pool2d(x.cos(), 2)
    (first,) = lib.autograd.grad((y**3).sum(), x, create_graph=True)
    (second,) = lib.autograd.grad((first**2).sum(), x)
    ties = lib.zeros(1, 1, 4, 4, requires_grad=True)
    lib.nn.functional.max_pool2d(ties, 2).sum().backward()
    return y.detach(), first.detach(), second, ties.grad


def test_pooling():
    compare(pooled)
