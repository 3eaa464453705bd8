"""Steps that CPUs have a function of ours for: PyTorch's bits, and no copies."""

from __future__ import annotations

import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import torchlike
from torchlike import _kernels
from torchlike._engine import in_place
from torchlike.optim import adam, sgd

needs_ours = pytest.mark.skipif(
    not _kernels.available, reason="not built (no C compiler, or no AVX2)"
)
CASES = [
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"betas": (0.3, 0.9), "maximize": True}),
    ("Adam", {"weight_decay": 0.1, "amsgrad": True}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.1}),
]
SHAPES = [(640, 512), (64,), (320, 3)]


def stepped(lib, name: str, options: dict) -> list[np.ndarray]:
    """Parameters and their states after some steps."""
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(s).astype(np.float32) for s in SHAPES]
    params = [lib.nn.Parameter(lib.tensor(a)) for a in arrays]
    optimizer = getattr(lib.optim, name)(params, **options)
    for _ in range(4):
        for p in params:
            p.grad = lib.tensor(random.standard_normal(p.shape).astype(np.float32))
        optimizer.step()
    states = [v for p in params for v in optimizer.state[p].values() if v is not None]
    return [x.detach().numpy() for x in (*params, *states)]


@needs_ours
@pytest.mark.parametrize(("name", "options"), CASES)
def test_the_bits_of_pytorch(name, options):
    """But for some of Adam's parameters: PyTorch's roots are not all rounded right."""
    found, expected = (stepped(lib, name, options) for lib in (torchlike, torch))
    for i, (a, b) in enumerate(zip(found, expected, strict=True)):
        if name != "SGD" and i < len(SHAPES):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)
            assert (a != b).mean() < 0.05
        else:
            np.testing.assert_array_equal(a, b)


def numbers(*values) -> tuple:
    return tuple(jnp.array(v, jnp.float64) for v in values)


def adam_step(params, grads, m, v):
    state = adam.AdamState(jnp.zeros(1, jnp.float32), m, v, ())
    doubles = numbers(1e-3, 0.9, 0.999, 1e-8, 0.1)
    params, state = adam._step(
        params, grads, state, doubles, (False, True, True, False)
    )
    return params, state.exp_avg, state.exp_avg_sq


def sgd_step(params, grads, m, v):
    doubles = numbers(0.1, 0.9, 1.0, 0.1)
    state = optax.TraceState(m)
    params, state = sgd._step(params, grads, state, doubles, (True, True, True))
    return params, state.trace


STEPS = {"adam": adam_step, "sgd": sgd_step}


def fields(n: int = 4) -> list[tuple]:
    random = np.random.default_rng(1)
    shapes = [(700, 400), (0, 3), (), (17,)]
    return [
        tuple(jnp.abs(random.standard_normal(s)).astype(jnp.float32) for s in shapes)
        for _ in range(n)
    ]


@needs_ours
@pytest.mark.parametrize("name", STEPS)
def test_the_numbers_of_the_plain_form(name):
    """A tail, a number, nothing at all; also derived, and mapped over."""
    step, arrays = STEPS[name], fields()
    found, expected = jax.jit(step)(*arrays), _plainly(step, *arrays)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-6, atol=1e-7)
    doubled = jax.tree.map(lambda x: jnp.stack([x, 2 * x]), tuple(arrays))
    mapped = jax.jit(jax.vmap(step))(*doubled)
    for a, b in zip(jax.tree.leaves(mapped), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a[0], b, rtol=2e-6, atol=1e-7)
    _, moved = jax.jvp(lambda g: step(arrays[0], g, *arrays[2:]), *[(arrays[1],)] * 2)
    assert all(np.isfinite(x).all() for x in jax.tree.leaves(moved))


def _plainly(step, *arrays):
    """By XLA alone: where it is mapped, the primitive is its plain form."""
    one = jax.tree.map(lambda x: x[None], tuple(arrays))
    return jax.tree.map(lambda x: x[0], jax.jit(jax.vmap(step))(*one))


@needs_ours
@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("donated", [(0, 2, 3), (2, 3), ()])
def test_what_is_given_up_is_written_and_nothing_is_copied(name, donated):
    arrays = fields()
    if name == "sgd":
        donated = tuple(i for i in donated if i < 3)

    def step(*arrays):  # JAX gives the first results the memory of the first arrays
        params, *state = STEPS[name](*arrays)
        return (params, *state) if 0 in donated else (*state, params)

    lowered = jax.jit(step, donate_argnums=donated).lower(*arrays)
    in_place.keep_arguments(lowered.compiler_ir())
    compiled = lowered.compile()
    text = compiled.as_text()
    assert f'"{_kernels.target(name)}"' in text
    assert not re.search(r"f32\[700,400\]\S* copy\(", text)
    before = [np.array(x) for field in arrays for x in field]
    places = [arrays[i][0].unsafe_buffer_pointer() for i in donated]
    found = compiled(*arrays)
    assert {x.unsafe_buffer_pointer() for x, *_ in found}.issuperset(places)
    for i in set(range(4)) - set(donated):
        for x, was in zip(arrays[i], before[4 * i : 4 * i + 4], strict=True):
            np.testing.assert_array_equal(x, was)


@needs_ours
@pytest.mark.parametrize("wrong", ["flags", "fields", "dtype"])
def test_a_wrong_call_is_refused(wrong):
    x = jnp.ones(5, jnp.float64 if wrong == "dtype" else jnp.float32)
    kept = [x] * (2 if wrong == "fields" else 3)
    structs = [jax.ShapeDtypeStruct(x.shape, x.dtype)] * len(kept)
    call = jax.ffi.ffi_call(_kernels.target("adam"), structs)
    flags = np.zeros(3 if wrong == "flags" else 4, np.int64)
    with pytest.raises(Exception, match="expected numbers, parameters"):
        jax.block_until_ready(call(jnp.ones(8, x.dtype), *kept, x, flags=flags))
