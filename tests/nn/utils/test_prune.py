"""Pruning beside PyTorch's."""

from __future__ import annotations

import pytest
import torch
import torch.nn.utils.prune  # PyTorch does not import it by itself

import torchlike

from .._both import check

METHODS = [
    ("identity", {}),
    ("random_unstructured", {"amount": 3}),
    ("random_unstructured", {"amount": 0.4}),
    ("l1_unstructured", {"amount": 5}),
    ("l1_unstructured", {"amount": 0}),
    ("l1_unstructured", {"amount": 0.5}),
    ("random_structured", {"amount": 2, "dim": 0}),
    ("random_structured", {"amount": 0.5, "dim": -1}),
    ("ln_structured", {"amount": 1, "n": 2, "dim": 0}),
    ("ln_structured", {"amount": 0.3, "n": 1, "dim": 1}),
    ("ln_structured", {"amount": 1, "n": float("inf"), "dim": -1}),
]


def pruned(library, *methods):
    library.manual_seed(0)
    module = library.nn.Linear(4, 5)
    for name, options in methods:
        getattr(library.nn.utils.prune, name)(module, "weight", **options)
    return module


def used(library, module):
    x = library.arange(8.0).reshape(2, 4)
    out = module(x)
    out.square().sum().backward()
    grads = {n: p.grad for n, p in module.named_parameters()}
    return out, grads, dict(module.state_dict()), module.weight


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_method(method):
    check(lambda library: used(library, pruned(library, method)))


@pytest.mark.parametrize(
    "methods",
    [
        (METHODS[3], METHODS[3]),
        (METHODS[3], METHODS[8]),
        (METHODS[8], METHODS[8], METHODS[3]),
        (METHODS[8], METHODS[9]),
    ],
    ids=range(4),
)
def test_one_after_the_other(methods):
    check(lambda library: used(library, pruned(library, *methods)))


def test_removed():
    def run(library):
        module = pruned(library, METHODS[3])
        prune = library.nn.utils.prune
        before = prune.is_pruned(module)
        prune.remove(module, "weight")
        return before, prune.is_pruned(module), used(library, module)

    check(run)


def test_mask_and_scores():
    def run(library):
        prune = library.nn.utils.prune
        module = pruned(library)
        prune.custom_from_mask(module, "bias", library.tensor([1, 0, 1, 0, 1]))
        scores = library.arange(20.0).reshape(5, 4)
        prune.l1_unstructured(module, "weight", 7, importance_scores=scores)
        alone = prune.L1Unstructured(0.5).prune(scores)
        return used(library, module), alone

    check(run)


def test_global():
    def run(library):
        prune = library.nn.utils.prune
        library.manual_seed(0)
        net = library.nn.Sequential(library.nn.Linear(4, 3), library.nn.Linear(3, 4))
        both = [(net[0], "weight"), (net[1], "weight")]
        for amount in (6, 0.5):
            prune.global_unstructured(both, prune.L1Unstructured, amount=amount)
        scores = {both[0]: library.arange(12.0).reshape(3, 4)}
        prune.global_unstructured(both, prune.L1Unstructured, scores, amount=2)
        return dict(net.state_dict()), net(library.ones(1, 4)), prune.is_pruned(net)

    check(run)


@pytest.mark.parametrize(
    "method",
    [
        ("l1_unstructured", {"amount": 21}),
        ("l1_unstructured", {"amount": -1}),
        ("l1_unstructured", {"amount": 1.5}),
        ("l1_unstructured", {"amount": "all"}),
        ("ln_structured", {"amount": 1, "n": 2, "dim": 2}),
    ],
    ids=str,
)
def test_errors(method):
    check(lambda library: used(library, pruned(library, method)))


def test_other_errors():
    def vector(library):
        library.nn.utils.prune.ln_structured(
            library.nn.Linear(2, 3), "bias", amount=1, n=2, dim=0
        )

    def not_pruned(library):
        library.nn.utils.prune.remove(library.nn.Linear(2, 3), "weight")

    def structured_globally(library):
        prune = library.nn.utils.prune
        module = library.nn.Linear(2, 3)
        prune.global_unstructured(
            [(module, "weight")], prune.LnStructured, amount=1, n=2
        )

    for run in (vector, not_pruned):
        check(run)
    # PyTorch's text names the class with its module; only the type is compared.
    for library in (torch, torchlike):
        with pytest.raises(TypeError, match='Only "unstructured"'):
            structured_globally(library)
