"""Flax modules as torchlike modules, trained by a PyTorch loop."""

from __future__ import annotations

import copy

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen, nnx

import torchlike as torch
from torchlike import nn


class LinenNet(linen.Module):
    dropout: float = 0.0

    @linen.compact
    def __call__(self, x, train: bool = False):
        x = linen.Dense(8)(x)
        x = linen.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = linen.Dropout(self.dropout, deterministic=not train)(x)
        return linen.Dense(1)(linen.tanh(x))


class NnxNet(nnx.Module):
    def __init__(self, rngs, dropout=0.0):
        self.first = nnx.Linear(4, 8, rngs=rngs)
        self.norm = nnx.BatchNorm(8, momentum=0.9, rngs=rngs)
        self.dropout = nnx.Dropout(dropout, rngs=rngs)
        self.last = nnx.Linear(8, 1, rngs=rngs)

    def __call__(self, x):
        return self.last(nnx.tanh(self.dropout(self.norm(self.first(x)))))


X = np.random.default_rng(0).standard_normal((16, 4)).astype(np.float32)
Y = X[:, :1] * 2 + 1


def linen_net(dropout=0.0):
    return nn.from_flax(LinenNet(dropout), torch.tensor(X), rngs=jax.random.key(1))


def nnx_net(dropout=0.0):
    return nn.from_flax(NnxNet(nnx.Rngs(1), dropout))


MAKERS = pytest.mark.parametrize("make", [linen_net, nnx_net])


def train(net, steps=5):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = ((net(torch.tensor(X)) - torch.tensor(Y)) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def linen_reference(steps=5):
    """The same training written with Flax and Optax."""
    module = LinenNet()
    variables = module.init(jax.random.key(1), X)
    params, stats = variables["params"], variables["batch_stats"]

    def loss_of(params, stats):
        out, new = module.apply(
            {"params": params, "batch_stats": stats}, X, True, mutable=["batch_stats"]
        )
        return jnp.mean((out - Y) ** 2), new["batch_stats"]

    optimizer, losses = optax.sgd(0.1), []
    state = optimizer.init(params)
    for _ in range(steps):
        (loss, stats), grads = jax.value_and_grad(loss_of, has_aux=True)(params, stats)
        updates, state = optimizer.update(grads, state)
        params = optax.apply_updates(params, updates)
        losses.append(float(loss))
    return losses, params, stats


def nnx_reference(steps=5):
    net = NnxNet(nnx.Rngs(1))
    optimizer, losses = nnx.Optimizer(net, optax.sgd(0.1), wrt=nnx.Param), []
    for _ in range(steps):
        loss, grads = nnx.value_and_grad(lambda m: jnp.mean((m(X) - Y) ** 2))(net)
        optimizer.update(net, grads)
        losses.append(float(loss))
    return losses, net


def test_linen_trains_as_with_flax():
    net = linen_net()
    losses, params, stats = linen_reference()
    np.testing.assert_allclose(train(net), losses, rtol=1e-4)
    kernel = net.Dense_0.kernel.detach().numpy()
    np.testing.assert_allclose(kernel, params["Dense_0"]["kernel"], rtol=1e-4)
    mean = net.BatchNorm_0.mean.numpy()
    np.testing.assert_allclose(mean, stats["BatchNorm_0"]["mean"], rtol=1e-4, atol=1e-6)


def test_nnx_trains_as_with_flax():
    net = nnx_net()
    losses, reference = nnx_reference()
    np.testing.assert_allclose(train(net), losses, rtol=1e-4)
    kernel = net.first.kernel.detach().numpy()
    np.testing.assert_allclose(kernel, reference.first.kernel[...], rtol=1e-4)
    mean = net.norm.mean.numpy()
    np.testing.assert_allclose(mean, reference.norm.mean[...], rtol=1e-4, atol=1e-6)


@MAKERS
def test_names(make):
    net = make()
    params = {name.rsplit(".")[-1] for name, _ in net.named_parameters()}
    assert params == {"kernel", "bias", "scale"}
    assert {"mean", "var"} <= {n.rsplit(".")[-1] for n, _ in net.named_buffers()}
    assert all(isinstance(p, nn.Parameter) for p in net.parameters())


@MAKERS
def test_eval_is_deterministic_and_train_is_not(make):
    net, x = make(0.5), torch.tensor(X)
    first, second = net(x), net(x)
    assert (first != second).any()
    net.eval()
    assert (net(x) == net(x)).all()


@MAKERS
def test_state_dict_round_trip(make):
    net, other = make(), make()
    train(net)
    other.load_state_dict(net.state_dict())
    x = torch.tensor(X)
    assert (net.eval()(x) == other.eval()(x)).all()


@MAKERS
def test_deepcopy_is_apart(make):
    net = make()
    other = copy.deepcopy(net)
    train(other)
    before = make().state_dict()
    assert all((net.state_dict()[k] == before[k]).all() for k in before)


@MAKERS
def test_inside_a_torch_model(make):
    net = nn.Sequential(nn.Linear(4, 4), make())
    losses = train(net)
    assert losses[-1] < losses[0]
    assert net[0].weight.grad is not None


def test_other_things_are_refused():
    with pytest.raises(TypeError, match="NNX or Linen"):
        nn.from_flax(nn.Linear(1, 1))
