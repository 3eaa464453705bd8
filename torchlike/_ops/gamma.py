"""Gamma, Dirichlet and binomial samples, with the gradients of the first two.

On the CPU a call waits for its arguments: how many numbers it draws depends on them.

**Differs** PyTorch approximates the gradients to about 1e-3; these are exact to
rounding.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _dtypes
from .._engine import from_host
from .._errors import broadcast_shapes
from ..autograd.apply import apply
from ..autograd.variable import wrap
from . import _device_random as on_device
from . import _random_checks as check
from ._beta_path import dirichlet_grad
from ._draw import choose, device_key, host, place_of
from ._op import Array, Index, composite, op

_PRIVATE = {"scope": None, "method": False, "differentiable": False}


def _require(kernel: str, dtype: _dtypes.dtype) -> None:
    if dtype not in (_dtypes.float32, _dtypes.float64):
        raise check.not_implemented(kernel, dtype)


def _sample(tensors, generator, on_host, device_op):
    """A sample on the host, or by the op of that name on the device."""
    place = place_of(tensors[0])
    generator = choose(generator, place)
    if generator.on_host:
        return wrap(from_host(on_host(generator, *map(host, tensors)), place))
    return apply(device_op.op, (), (*device_key(generator), *tensors))[0]


# ----- gamma -------------------------------------------------------------------------


@jax.custom_jvp
def gamma_grad(alpha, sample):
    """d sample / d alpha at a fixed quantile."""
    wide = alpha.astype(np.float64), sample.astype(np.float64)
    return lax.random_gamma_grad(*wide).astype(sample.dtype)


@gamma_grad.defjvp
def _gamma_grad_jvp(primals, tangents):
    raise NotImplementedError(
        "the derivative for '_standard_gamma_grad' is not implemented."
    )


@jax.custom_jvp
def _moving_gamma(alpha, sample):
    return sample


@_moving_gamma.defjvp
def _moving_gamma_jvp(primals, tangents):
    alpha, sample = primals
    return sample, gamma_grad(alpha, sample) * tangents[0]


@op(scope=None, method=False, name="gamma_path", backward="StandardGammaBackward0")
def _gamma_path(alpha: Array, sample: Array) -> Array:
    """The sample, as a function of its concentration."""
    return _moving_gamma(alpha, sample)


@op(name="device_gamma", **_PRIVATE)
def _gamma_on_device(
    seed: Index, high_seed: Index, offset: Index, alpha: Array
) -> Array:
    key = on_device.key_of(seed, high_seed, offset)
    drawn = jax.random.gamma(key, lax.stop_gradient(alpha), dtype=alpha.dtype)
    return jnp.maximum(drawn, np.finfo(alpha.dtype).tiny)


@composite(method=False)
def _standard_gamma(input, generator=None):
    """Gamma samples of scale 1, differentiable in their concentrations ``input``."""
    _require("gamma_cpu", input._value().aval.dtype)
    drawn = _sample([input], generator, lambda g, a: g.gamma(a), _gamma_on_device)
    return _gamma_path(input, drawn)


@op(differentiable=False, method=False)
def _standard_gamma_grad(input: Array, output: Array) -> Array:
    """How gamma samples ``output`` move with their concentrations ``input``."""
    return gamma_grad(input, output)


# ----- Dirichlet ---------------------------------------------------------------------


@op(name="device_dirichlet", **_PRIVATE)
def _dirichlet_on_device(
    seed: Index, high_seed: Index, offset: Index, alpha: Array
) -> Array:
    key = on_device.key_of(seed, high_seed, offset)
    drawn = jax.random.dirichlet(key, alpha, shape=alpha.shape[:-1], dtype=alpha.dtype)
    one = np.ones((), alpha.dtype)
    least = np.finfo(alpha.dtype).tiny
    return jnp.clip(drawn, least, np.nextafter(one, 0 * one))


@composite(method=False)
def _sample_dirichlet(input, generator=None):
    """Dirichlet samples with the concentrations in the last dimension."""
    _require("dirichlet", input._value().aval.dtype)
    return _sample(
        [input], generator, lambda g, a: g.dirichlet(a), _dirichlet_on_device
    )


@op(differentiable=False, method=False)
def _dirichlet_grad(x: Array, alpha: Array, total: Array) -> Array:
    """How a Dirichlet sample moves with its own concentration, over 1 - x."""
    wide = [a.astype(np.float64) for a in (x, alpha, total)]
    return dirichlet_grad(*wide).astype(x.dtype)


@jax.custom_jvp
def _moving_dirichlet(alpha, sample):
    return sample


@_moving_dirichlet.defjvp
def _moving_dirichlet_jvp(primals, tangents):
    alpha, sample = primals
    total = jnp.broadcast_to(alpha.sum(-1, keepdims=True), alpha.shape)
    wide = [a.astype(np.float64) for a in (sample, alpha, total)]
    moved = dirichlet_grad(*wide).astype(sample.dtype) * tangents[0]
    return sample, moved - sample * moved.sum(-1, keepdims=True)


@op(scope=None, method=False, name="dirichlet_path", backward="_DirichletBackward")
def dirichlet_path(alpha: Array, sample: Array) -> Array:
    """The sample, as a function of its concentrations."""
    return _moving_dirichlet(alpha, sample)


# ----- binomial ----------------------------------------------------------------------


@op(name="device_binomial", **_PRIVATE)
def _binomial_on_device(
    seed: Index, high_seed: Index, offset: Index, count: Array, prob: Array
) -> Array:
    key = on_device.key_of(seed, high_seed, offset)
    shape = jnp.broadcast_shapes(count.shape, prob.shape)
    return jax.random.binomial(key, count, prob, shape=shape, dtype=count.dtype)


@composite(method=False)
def binomial(count, prob, generator=None):
    """Binomial samples of ``count`` trials of probability ``prob``.

    **Source** https://pytorch.org/docs/stable/generated/torch.binomial.html
    """
    kinds = [x._value().aval.dtype for x in (count, prob)]
    for name, kind in zip(("count", "prob"), kinds, strict=True):
        if not kind.is_floating_point:
            raise ValueError(
                f"binomial only supports floating-point dtypes for {name}, got: "
                f"{_dtypes.scalar_type_name(kind)}"
            )
    _require("binomial_cpu", kinds[0])
    if kinds[0] is not kinds[1]:
        found, wanted = (_dtypes.scalar_type_name(k) for k in reversed(kinds))
        raise RuntimeError(f"Found dtype {found} but expected {wanted}")
    shape = broadcast_shapes(*(x._value().aval.shape for x in (count, prob)))

    def on_host(generator, n, p):
        n, p = (np.broadcast_to(x, shape) for x in (n, p))
        return generator.binomial(n, p)

    return _sample([count, prob], generator, on_host, _binomial_on_device)
