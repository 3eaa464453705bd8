"""Parametrized parameters beside PyTorch's."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

import torchlike

from .._both import check


def kinds(library):
    """Parametrizations as a user would write them."""

    class Symmetric(library.nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).transpose(-1, -2)

        def right_inverse(self, x):
            return x.triu()

    class Double(library.nn.Module):
        def forward(self, x):
            return 2 * x

    class Parts(library.nn.Module):
        def forward(self, a, b):
            return a + b

        def right_inverse(self, x):
            return x * 0.25, x * 0.75

    class Half(library.nn.Module):
        def forward(self, x):
            return x[: x.shape[0] // 2]

    class Number(library.nn.Module):
        def forward(self, x):
            return 3

    return {k.__name__: k for k in (Symmetric, Double, Parts, Half, Number)}


def parametrized(library, *names, unsafe=False):
    library.manual_seed(0)
    linear = library.nn.Linear(4, 4, dtype=library.float64)
    for name in names:
        made = kinds(library)[name]()
        library.nn.utils.parametrize.register_parametrization(
            linear, "weight", made, unsafe=unsafe
        )
    return linear


def report(linear, library):
    x = library.arange(8.0, dtype=library.float64).reshape(2, 4)
    linear(x).square().sum().backward()
    grads = {n: p.grad for n, p in linear.named_parameters()}
    return linear.weight, grads, dict(linear.state_dict()), repr(linear)


@pytest.mark.parametrize(
    "names",
    [
        ("Symmetric",),
        ("Double",),
        ("Parts",),
        ("Symmetric", "Double"),
        ("Parts", "Double", "Symmetric"),
    ],
    ids=str,
)
def test_registered(names):
    check(lambda library: report(parametrized(library, *names), library))


@pytest.mark.parametrize("names", [("Symmetric",), ("Parts",)], ids=str)
@pytest.mark.parametrize("leave", [True, False])
def test_removed(names, leave):
    def run(library):
        linear = parametrized(library, *names)
        library.nn.utils.parametrize.remove_parametrizations(linear, "weight", leave)
        return type(linear).__name__, report(linear, library)

    check(run)


def test_assigned():
    def run(library):
        linear = parametrized(library, "Symmetric")
        linear.weight = library.arange(16.0, dtype=library.float64).reshape(4, 4)
        return linear.weight, linear.parametrizations.weight.original

    check(run)


@pytest.mark.parametrize(
    "names, unsafe",
    [
        (("Half",), False),
        (("Number",), False),
        (("Double", "Half"), False),
        (("Double", "Number"), False),
        (("Half",), True),
        (("Half", "Double"), True),
    ],
    ids=str,
)
def test_checks(names, unsafe):
    def run(library):
        linear = parametrized(library, *names, unsafe=unsafe)
        return linear.weight, linear.parametrizations.weight.unsafe

    check(run)


def test_errors():
    def unknown(library):
        made = kinds(library)["Double"]()
        parametrize = library.nn.utils.parametrize
        parametrize.register_parametrization(library.nn.Linear(2, 2), "w", made)

    def nothing_to_remove(library):
        linear = library.nn.Linear(2, 2)
        library.nn.utils.parametrize.remove_parametrizations(linear, "weight")

    def no_inverse(library):
        linear = parametrized(library, "Double")
        linear.weight = library.zeros(4, 4, dtype=library.float64)

    def pickled(library):
        pickle.dumps(parametrized(library, "Double"))

    for run in (unknown, nothing_to_remove, no_inverse, pickled):
        check(run)


def test_questions():
    def run(library):
        parametrize = library.nn.utils.parametrize
        linear = parametrized(library, "Double")
        before = parametrize.type_before_parametrizations(linear)
        return [
            parametrize.is_parametrized(linear),
            parametrize.is_parametrized(linear, "bias"),
            parametrize.is_parametrized(library.nn.ReLU()),
            before is library.nn.Linear,
            type(linear).__name__,
        ]

    check(run)


def test_cached():
    """Within the block a tensor is computed once; after it anew."""

    def run(library):
        calls = []

        class Counts(library.nn.Module):
            def forward(self, x):
                calls.append(1)
                return x * 1

        linear = library.nn.Linear(2, 2)
        parametrize = library.nn.utils.parametrize
        parametrize.register_parametrization(linear, "weight", Counts())
        with parametrize.cached():
            same = linear.weight is linear.weight
            counts = [len(calls)]
        assert linear.weight is not linear.weight
        return [same, *counts, len(calls)]

    check(run)


def test_copied():
    def run(library):
        linear = parametrized(library, "Symmetric")
        again = copy.deepcopy(linear)
        with library.no_grad():
            again.parametrizations.weight.original.zero_()
        return linear.weight, again.weight, type(again) is type(linear)

    check(run)


def test_transferred():
    def run(library):
        parametrize = library.nn.utils.parametrize
        source = parametrized(library, "Parts", "Symmetric")
        target = library.nn.Linear(4, 4, dtype=library.float64)
        parametrize.transfer_parametrizations_and_params(source, target)
        return target.weight, list(target.state_dict())

    check(run)


def test_trained():
    def run(library):
        linear = parametrized(library, "Symmetric")
        optimizer = library.optim.SGD(linear.parameters(), lr=0.01)
        x = library.arange(8.0, dtype=library.float64).reshape(2, 4)
        for _ in range(3):
            optimizer.zero_grad()
            linear(x).square().sum().backward()
            optimizer.step()
        return linear.weight

    check(run)


def test_a_torch_state_is_read():
    theirs = parametrized(torch, "Parts")
    ours = parametrized(torchlike, "Parts")
    with torch.no_grad():
        for p in theirs.parameters():
            p.add_(1)
    state = {k: torchlike.from_numpy(v.numpy()) for k, v in theirs.state_dict().items()}
    ours.load_state_dict(state)
    assert (ours.weight.detach().numpy() == theirs.weight.detach().numpy()).all()
