"""Orthogonal, weight-normed and spectrally normed weights, old form and new."""

from __future__ import annotations

import pytest

from .._both import check

LAYERS = {
    "Linear": (("Linear", 4, 3), (2, 4)),
    "Conv2d": (("Conv2d", 2, 3, 2), (1, 2, 4, 4)),
    "ConvTranspose1d": (("ConvTranspose1d", 3, 2, 2), (1, 3, 4)),
}


def build(library, layer: str):
    library.manual_seed(0)
    (name, *args), shape = LAYERS[layer]
    count = 1
    for n in shape:
        count *= n
    x = library.arange(float(count)).reshape(shape) / count
    return getattr(library.nn, name)(*args), x


def used(library, module, x, steps: int = 2):
    """Outputs, gradients and state over some steps of training and one without."""
    found = []
    for _ in range(steps):
        module.zero_grad()
        out = module(x)
        out.square().sum().backward()
        found += [out, {n: p.grad for n, p in module.named_parameters()}]
    module.eval()
    return [*found, module(x), dict(module.state_dict()), repr(module)]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("old", [False, True], ids=["new", "old"])
@pytest.mark.parametrize("dim", [0, 1, None, -1])
def test_weight_norm(layer, old, dim):
    def run(library):
        module, x = build(library, layer)
        place = library.nn.utils
        place = place if old else place.parametrizations
        return used(library, place.weight_norm(module, "weight", dim), x)

    check(run)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("old", [False, True], ids=["new", "old"])
def test_spectral_norm(layer, old):
    def run(library):
        module, x = build(library, layer)
        place = library.nn.utils
        place = place if old else place.parametrizations
        module = place.spectral_norm(module, "weight", n_power_iterations=2)
        return used(library, module, x)

    check(run)


def test_spectral_norm_of_a_vector():
    def run(library):
        module = library.nn.LayerNorm(4)
        library.nn.utils.parametrizations.spectral_norm(module)
        return module.weight, list(module.state_dict())

    check(run)


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm"])
def test_removed(name):
    def run(library):
        module, x = build(library, "Linear")
        utils = library.nn.utils
        getattr(utils, name)(module)
        module(x)
        getattr(utils, "remove_" + name)(module)
        hooks = module._forward_pre_hooks, module._state_dict_hooks
        return used(library, module, x), [len(h) for h in hooks]

    check(run)


def test_errors():
    def twice(library, name):
        module, _ = build(library, "Linear")
        for _ in range(2):
            getattr(library.nn.utils, name)(module)

    for name in ("weight_norm", "spectral_norm"):
        check(lambda library, name=name: twice(library, name))
        check(
            lambda library, name=name: getattr(library.nn.utils, "remove_" + name)(
                library.nn.ReLU()
            )
        )
    for name, options in (
        ("spectral_norm", {"n_power_iterations": 0}),
        ("spectral_norm", {"name": "w"}),
        ("spectral_norm", {"dim": 5}),
        ("orthogonal", {"orthogonal_map": "unknown"}),
        ("orthogonal", {"name": "bias"}),
        ("orthogonal", {"name": "w"}),
    ):
        check(
            lambda library, name=name, options=options: getattr(
                library.nn.utils.parametrizations, name
            )(library.nn.Linear(3, 3), **options)
        )


def test_an_old_state_of_weight_norm():
    """The parametrization reads what the older function saved."""

    def run(library):
        old, x = build(library, "Linear")
        library.nn.utils.weight_norm(old)
        new, _ = build(library, "Linear")
        new = library.nn.utils.parametrizations.weight_norm(library.nn.Linear(4, 3))
        result = new.load_state_dict(old.state_dict())
        return str(result), new.weight

    check(run)


SHAPES = [(3, 3), (4, 2), (2, 4)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["matrix_exp", "cayley", "householder"])
def test_orthogonal(shape, kind):
    def run(library):
        library.manual_seed(0)
        linear = library.nn.Linear(shape[1], shape[0], dtype=library.float64)
        library.nn.utils.parametrizations.orthogonal(linear, "weight", kind)
        x = library.arange(2.0 * shape[1], dtype=library.float64).reshape(2, -1)
        weights = [linear.weight]
        optimizer = library.optim.SGD(linear.parameters(), lr=0.01)
        linear(x).square().sum().backward()
        optimizer.step()
        weights.append(linear.weight)
        linear.weight = library.eye(*shape, dtype=library.float64)
        return weights, linear.weight, repr(linear), list(linear.state_dict())

    check(run)


@pytest.mark.parametrize("kind", ["matrix_exp", "cayley"])
def test_orthogonal_without_trivialization(kind):
    def run(library):
        library.manual_seed(0)
        linear = library.nn.Linear(3, 4, dtype=library.float64)
        library.nn.utils.parametrizations.orthogonal(
            linear, orthogonal_map=kind, use_trivialization=False
        )
        return linear.weight, list(linear.state_dict())

    check(run)


def test_unitary():
    def run(library):
        library.manual_seed(0)
        linear = library.nn.Linear(3, 3, dtype=library.complex128)
        library.nn.utils.parametrizations.orthogonal(linear)
        w = linear.weight
        return (w @ w.mH).abs()

    check(run)
