"""A torchlike model is a Flax NNX model: split, merge, state, update, jit, grad."""

from __future__ import annotations

import copy
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import torchlike as torch
from torchlike import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh())
        self.head = nn.Linear(8, 2)
        self.settings = {"b": 1, "a": [2, 3]}
        self.names = {"x", "y"}
        self.more = [nn.Linear(1, 1)]
        self.constant = torch.ones(2)

    def forward(self, x):
        return self.head(self.body(x)) + self.constant


def make():
    torch.manual_seed(0)
    return Net()


def inputs():
    return np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)


def array(tensor):
    return np.asarray(tensor.detach().numpy())


def test_kinds():
    net = make()
    assert isinstance(net, nnx.Module)
    weight = net.head.weight
    assert isinstance(weight, nnx.Param) and isinstance(weight, torch.Tensor)
    assert isinstance(weight.value, jax.Array)
    assert type(net.body[1].running_mean) is torch.Tensor


def test_state_by_kind():
    net = make()
    _, params, stats, rest = nnx.split(net, nnx.Param, nnx.BatchStat, ...)
    names = {".".join(map(str, path)) for path, _ in nnx.to_flat_state(params)}
    own = {name for name, _ in net.named_parameters()}
    assert names == {f"body.{n[5:]}" if n[:4] == "body" else n for n in own} | {
        "more.0.weight",
        "more.0.bias",
    }
    stats = {".".join(map(str, path)) for path, _ in nnx.to_flat_state(stats)}
    assert stats == {
        f"body.1.{n}" for n in ("running_mean", "running_var", "num_batches_tracked")
    }
    assert [path for path, _ in nnx.to_flat_state(rest)] == [("constant",)]


def test_shapes_of_a_state():
    shapes = jax.tree.map(jnp.shape, nnx.state(make(), nnx.Param))
    assert shapes["head"]["weight"].get_raw_value() == (2, 8)


def test_merge_makes_the_same_model():
    net, x = make().eval(), torch.tensor(inputs())
    other = nnx.merge(*nnx.split(net))
    assert type(other) is Net and repr(other) == repr(net)
    assert list(other.state_dict()) == list(net.state_dict())
    assert not other.training and other.settings == net.settings
    np.testing.assert_array_equal(array(other(x)), array(net(x)))


def test_merge_keeps_hooks_and_requires_grad():
    net, seen = make(), []
    net.head.register_forward_hook(lambda *_: seen.append(1))
    net.head.bias.requires_grad_(False)
    other = nnx.clone(net)
    other(torch.tensor(inputs()))
    assert seen == [1]
    assert [p.requires_grad for p in other.head.parameters()] == [True, False]
    other.head.register_parameter("extra", None)
    assert "extra" in other.head._parameters and "extra" not in net.head._parameters


def test_update_writes_the_tensors():
    net = make()
    weight, mean = net.head.weight, net.body[1].running_mean
    state = jax.tree.map(lambda x: jnp.full_like(x, 2), nnx.state(net))
    nnx.update(net, state)
    assert net.head.weight is weight and net.body[1].running_mean is mean
    assert (array(weight) == 2).all() and (array(mean) == 2).all()
    assert weight.requires_grad and isinstance(weight, nn.Parameter)


def test_value_reads_and_writes():
    weight = make().head.weight
    weight.value = jnp.zeros((2, 8), jnp.float32)
    assert not array(weight).any()
    weight.set_value(jnp.ones((2, 8), jnp.float32))
    np.testing.assert_array_equal(weight.get_value(), np.ones((2, 8)))


def test_jit_forward_equals_forward():
    net, x = make().eval(), inputs()
    out = nnx.jit(lambda m, x: m(torch.as_tensor(x)).__jax_array__())(net, x)
    np.testing.assert_allclose(out, array(net(torch.tensor(x))), rtol=1e-5, atol=1e-6)


@pytest.mark.compiled
def test_jit_carries_buffers_out():
    net, other, x = make(), make(), inputs()
    run = nnx.jit(lambda m, x: m(torch.as_tensor(x)).__jax_array__())
    for _ in range(3):
        run(net, x)
        other(torch.tensor(x))
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        ours, theirs = getattr(net.body[1], name), getattr(other.body[1], name)
        np.testing.assert_allclose(array(ours), array(theirs), rtol=1e-5)


def test_jit_traces_once():
    net, traces = make(), []

    @nnx.jit
    def run(m, x):
        traces.append(1)
        return m(torch.as_tensor(x)).__jax_array__()

    for _ in range(3):
        run(net, inputs())
    assert len(traces) == 1
    net.eval()
    run(net, inputs())
    assert len(traces) == 2


def test_grad_equals_backward():
    net, x = make(), inputs()

    def loss(m, x):
        return (m(torch.as_tensor(x)) ** 2).sum().__jax_array__()

    grads = nnx.grad(loss)(net, x)
    fresh = make()
    (fresh(torch.tensor(x)) ** 2).sum().backward()
    for name, param in fresh.named_parameters():
        found = grads
        for part in name.split("."):
            found = found[part]
        np.testing.assert_allclose(
            found.get_value(), array(param.grad), rtol=1e-4, atol=1e-5
        )


def test_optimizer_of_nnx_trains():
    net, x = make(), inputs()
    optimizer = nnx.Optimizer(net, optax.sgd(0.05), wrt=nnx.Param)

    @nnx.jit
    def step(m, optimizer, x):
        def loss(m):
            return (m(torch.as_tensor(x)) ** 2).sum().__jax_array__()

        value, grads = nnx.value_and_grad(loss)(m)
        optimizer.update(m, grads)
        return value

    losses = [float(step(net, optimizer, x)) for _ in range(5)]
    assert losses[-1] < losses[0] / 2
    assert isinstance(net.head.weight, nn.Parameter)


def test_shared_parameters_stay_shared():
    net = make()
    net.tied = nn.Linear(8, 2)
    net.tied.weight = net.head.weight
    other = nnx.merge(*nnx.split(net))
    assert other.tied.weight is other.head.weight
    assert other.tied._parameters["weight"] is other.head.weight


def test_module_inside_a_flax_module():
    class Outer(nnx.Module):
        def __init__(self):
            self.inner = nn.Linear(4, 2)
            self.scale = nnx.Param(jnp.ones(()))

        def __call__(self, x):
            return self.inner(torch.as_tensor(x)).__jax_array__() * self.scale[...]

    grads = nnx.grad(lambda m, x: m(x).sum())(Outer(), jnp.ones((3, 4), jnp.float32))
    assert grads["inner"]["weight"].get_value().shape == (2, 4)


def test_nothing_of_variable_leaks_into_tensor_operators():
    """Dunder methods of nnx.Variable are hidden by Tensor's or Parameter's own."""
    allowed = {"__nnx_repr__", "__treescope_repr__", "__init_subclass__"}
    allowed |= {"__class_getitem__", "__module__", "__slots__", "__parameters__"}
    allowed |= {"__orig_bases__", "__annotations__", "__doc__", "__weakref__"}
    variable = {n for k in nnx.Param.__mro__[:-1] for n in vars(k) if n[:2] == "__"}
    leaks = []
    for name in variable - allowed:
        owner = next(k for k in nn.Parameter.__mro__ if name in vars(k))
        if issubclass(nnx.Param, owner) and owner is not object:
            leaks.append(name)
    assert not leaks


def test_parameter_is_not_callable_and_knows_its_attributes():
    weight = make().head.weight
    for bad in (lambda: weight(3), lambda: round(weight)):
        try:
            bad()
        except TypeError:
            continue
        raise AssertionError("no TypeError")
    assert not hasattr(weight, "astype") and not hasattr(weight, "at")


def test_deepcopy_of_a_parameter():
    weight = make().head.weight
    other = copy.deepcopy(weight)
    assert type(other) is nn.Parameter and other is not weight
    with torch.no_grad():
        other.zero_()
    assert array(weight).any()


def test_flax_loads_with_nn_only():
    code = (
        "import sys, torchlike; assert 'flax' not in sys.modules;"
        "torchlike.tensor([1.0]).sum().item(); assert 'flax' not in sys.modules;"
        "torchlike.nn; assert 'flax' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
