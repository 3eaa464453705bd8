"""Run an Optax transformation over the arrays of one step, with PyTorch's numbers.

A rule's state is a named tuple with PyTorch's entry names. A field is either a tuple
with one array per parameter, or a vector with one number per parameter (``step`` and
its like). Inside a rule such a vector has one number for all parameters where all are
known to agree: that compiles about twice as fast as one number for each.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optax

from .._engine import Number
from .._ops._op import op

_WIDER = {jnp.dtype(jnp.float16): jnp.float32, jnp.dtype(jnp.bfloat16): jnp.float32}


def step_op(function: Callable, at_once: str | None = None):
    """The op of an optimizer's step.

    Its arguments begin with the parameters and the gradients and end with the
    hyperparameters, the learning rate before others; it returns all but the latter two
    anew. ``at_once`` is the argument with which it may be one call for all parameters.
    """
    made = op(scope=None, method=False, differentiable=False, returns=())(function)
    names = made.op.dynamic
    made.op.spent = names[1], names[-1]
    made.op.at_once = at_once
    return made


def each(function, *fields) -> tuple:
    """Map over the parameters; ``fields`` are sequences of one length."""
    return tuple(function(*leaves) for leaves in zip(*fields, strict=True))


def like(number, leaf):
    """A double-precision scalar in the precision of the leaf it meets."""
    return jnp.asarray(number).astype(leaf.dtype)


def zeros(params) -> tuple:
    """An entry of zeros for each parameter."""
    return tuple(jnp.zeros_like(p) for p in params)


def numbers(params, value: float = 0.0) -> jax.Array:
    """A number for each parameter."""
    return jnp.full((len(params),), value, jnp.float32)


def spread(grads, *vectors: jax.Array) -> tuple:
    """One scalar per parameter from each vector.

    Without the barrier XLA fuses the powers into the elementwise loops and takes them
    once per element instead of once per parameter.
    """
    n = len(grads)
    vectors = jax.lax.optimization_barrier(vectors)
    return tuple([v[0]] * n if v.shape == (1,) else list(v) for v in vectors)


def doubles(numbers) -> list[jax.Array]:
    """Hyperparameters (numbers or one-element arrays) in double precision.

    PyTorch keeps them so and rounds what it makes of them, such as ``1 - beta``.
    """
    arrays = [n.array if isinstance(n, Number) else jnp.asarray(n) for n in numbers]
    return [a.astype(jnp.float64).reshape(()) for a in arrays]


def chain(*parts: optax.GradientTransformation | None):
    """``optax.chain`` of the parts that are there."""
    return optax.chain(*(part for part in parts if part is not None))


def run(rule: Callable, params, grads, state, slots=None, uniform=False) -> tuple:
    """Step all parameters; return the new ones, then the fields of the new state, flat.

    ``rule(to)`` builds the transformation; ``to`` puts a number in the precision in
    which the step is taken. ``slots`` are the places of these parameters in the vectors
    of ``state`` (None: all of them); ``uniform`` says that each vector has the same
    number at all of them.
    """
    return run_by(by_optax(rule), params, grads, state, slots, uniform)


def by_optax(rule: Callable) -> Callable:
    """The step ``run_by`` takes, by an Optax transformation."""

    def step(params, grads, state):
        real = params[0].dtype
        chain = rule(lambda number: number.astype(real))
        updates, out = chain.update(grads, _place(chain, state), params)
        new = next((s for s in out if s), state)
        return optax.apply_updates(params, updates), new

    return step


def run_by(step: Callable, params, grads, state, slots=None, uniform=False) -> tuple:
    """As ``run``, by ``step(params, grads, state) -> (params, state)``.

    It is called for the parameters of each dtype, in the precision of which they are
    stepped; half precision steps in ``float32`` and is rounded once, complex numbers
    step as pairs of reals.
    """
    inner = _map(state, vector=lambda v: _read(v, slots, uniform))
    parts = [
        (at, _run_part(step, params, grads, inner, at, uniform))
        for at in _by_dtype(params)
    ]
    new = _merge(parts, params, lambda out: out[0])
    for k, (old, field) in enumerate(zip(state, inner, strict=True)):
        if isinstance(old, tuple):
            new += _merge(parts, field, lambda out, k=k: out[1][k])
        else:
            new.append(_written(old, _merge_vector(parts, field, k, uniform), slots))
    return tuple(new)


def _read(vector, slots, uniform: bool):
    if uniform:
        first = slots[0] if slots else 0
        return vector[first : first + 1]
    return vector if slots is None else vector[jnp.array(slots)]


def _written(vector, new, slots):
    if slots is None:
        return jnp.broadcast_to(new, vector.shape)
    return vector.at[jnp.array(slots)].set(new)


def _by_dtype(params) -> list:
    kinds = [p.dtype for p in params]
    return [
        np.array([i for i, kind in enumerate(kinds) if kind == dtype])
        for dtype in dict.fromkeys(kinds)
    ]


def _take(field, at) -> tuple:
    return tuple(field[i] for i in at) if field else ()


def _map(state, field=lambda f: f, vector=lambda v: v):
    return type(state)(
        *(field(f) if isinstance(f, tuple) else vector(f) for f in state)
    )


def _merge(parts, old, pick) -> list:
    new = list(old)
    for at, out in parts if old else ():
        for i, leaf in zip(at, pick(out), strict=True):
            new[i] = leaf
    return new


def _merge_vector(parts, old, k: int, uniform: bool):
    for at, out in parts:
        old = out[1][k] if uniform else old.at[at].set(out[1][k])
    return old


def _run_part(step, params, grads, state, at, uniform: bool) -> tuple:
    """The parameters ``at``, all of one dtype: widen, step, restore the dtypes."""
    params, grads = _take(params, at), _take(grads, at)
    state = _map(state, lambda f: _take(f, at), lambda v: v if uniform else v[at])
    wide = _WIDER.get(params[0].dtype, params[0].dtype)
    inner = _map(state, lambda f: _widen(f, wide))
    new_params, new = step(_widen(params, wide), _widen(grads, wide), inner)
    return _restore(new_params, params), type(state)(*map(_restore, new, state))


def _place(chain, state) -> tuple:
    """The chain's state: ours at the one part that keeps any."""
    return tuple(state if s else s for s in chain.init(()))


def _widen(leaves, dtype) -> tuple:
    return tuple(
        _as_reals(leaf) if _complex(leaf) else leaf.astype(dtype) for leaf in leaves
    )


def _complex(leaf) -> bool:
    return jnp.issubdtype(leaf.dtype, jnp.complexfloating)


def _as_reals(leaf):
    return jnp.stack([leaf.real, leaf.imag], -1)


def _restore(new, old):
    """A field of the new state in the dtypes of the old one."""
    if not isinstance(old, tuple):
        return new.astype(old.dtype)
    return each(_restore_leaf, new, old)


def _restore_leaf(leaf, old):
    if _complex(old):
        leaf = jax.lax.complex(leaf[..., 0], leaf[..., 1])
    return leaf.astype(old.dtype)
