"""Clipping gradients beside PyTorch."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

import torchlike
from tests.optim._sides import assert_same, draw, make

SIDES = (torchlike, torch)
SHAPES = [(3, 4), (5,), (), (2, 1, 3)]
NORMS = [2.0, 1, 3, 0.5, 0, math.inf, -math.inf, "inf"]


def parameters(package, kinds=("float32",), scale=1.0, without=(1,)):
    """Parameters with gradients, some of them without."""
    rng = np.random.default_rng(1)
    params = []
    for i, (shape, kind) in enumerate(
        zip(SHAPES, itertools.cycle(kinds), strict=False)
    ):
        p = make(package, draw(rng, shape, kind), kind, requires_grad=True)
        grad = make(package, draw(rng, shape, kind) * scale, kind)
        p.grad = None if i in without else grad
        params.append(p)
    return params


def compare(function, kind="float32", **options):
    """Gradients and results after ``function(nn.utils, parameters)`` agree."""
    sides = [parameters(package, **options) for package in SIDES]
    results = [
        function(package.nn.utils, params)
        for package, params in zip(SIDES, sides, strict=True)
    ]
    if results[1] is not None:
        assert_same(results[0], results[1], kind)
    for p, q in zip(*sides, strict=True):
        if q.grad is None:
            assert p.grad is None
        else:
            assert_same(p.grad, q.grad, str(q.dtype).removeprefix("torch."))


@pytest.mark.parametrize("max_norm", [0.1, 1, 100.0])
@pytest.mark.parametrize("norm_type", NORMS)
def test_clip_grad_norm(norm_type, max_norm):
    compare(lambda utils, p: utils.clip_grad_norm_(p, max_norm, norm_type))


@pytest.mark.parametrize(
    "kinds",
    [
        ("float64",),
        ("bfloat16",),
        ("complex64",),
        ("float32", "float64"),
        ("float16", "float32"),
    ],
)
def test_dtypes(kinds):
    kind = "bfloat16" if kinds[0] in ("float16", "bfloat16") else "float32"
    compare(lambda utils, p: utils.clip_grad_norm_(p, 0.5), kind=kind, kinds=kinds)


@pytest.mark.parametrize("value", [0.3, 1, 100.0])
def test_clip_grad_value(value):
    compare(lambda utils, p: utils.clip_grad_value_(p, value))


def test_in_two_parts():
    def clip(utils, params):
        grads = [p.grad for p in params if p.grad is not None]
        norm = utils.get_total_norm(grads)
        utils.clip_grads_with_norm_(params, 0.7, norm)
        return norm

    compare(clip)


def test_one_tensor_and_generators():
    compare(lambda utils, p: utils.clip_grad_norm_(p[0], 0.1))
    compare(lambda utils, p: utils.clip_grad_norm_((q for q in p), 0.1))
    compare(lambda utils, p: utils.get_total_norm(p[0].grad))


def test_no_gradients():
    compare(lambda utils, p: utils.clip_grad_norm_(p, 0.1), without=range(4))
    for package in SIDES:
        with pytest.warns(UserWarning, match="empty generator"):
            package.nn.utils.clip_grad_norm_((p for p in ()), 1.0)


@pytest.mark.parametrize("scale", [math.inf, math.nan])
def test_non_finite(scale):
    compare(lambda utils, p: utils.clip_grad_norm_(p, 0.1), scale=scale)
    texts = []
    for package in SIDES:
        with pytest.raises(RuntimeError, match="non-finite") as error:
            params = parameters(package, scale=scale)
            package.nn.utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
        texts.append(str(error.value))
    assert texts[0] == texts[1]


def test_gradients_keep_identity():
    params = parameters(torchlike)
    grads = [p.grad for p in params]
    torchlike.nn.utils.clip_grad_norm_(params, 0.1, error_if_nonfinite=True)
    torchlike.nn.utils.clip_grad_value_(params, 0.1)
    assert all(p.grad is g for p, g in zip(params, grads, strict=True))


def test_old_name_warns():
    for package in SIDES:
        with pytest.warns(FutureWarning, match="clip_grad_norm_"):
            package.nn.utils.clip_grad_norm(parameters(package), 1.0)


def test_parameters_to_vector_and_back():
    vectors, sides = [], [parameters(package) for package in SIDES]
    for package, params in zip(SIDES, sides, strict=True):
        utils = package.nn.utils
        vector = utils.parameters_to_vector(params)
        assert vector.requires_grad
        vectors.append(vector)
        utils.vector_to_parameters(vector.detach() * 2, params)
        with pytest.raises(TypeError, match="expected torch.Tensor, but got"):
            utils.vector_to_parameters([1.0], params)
    assert_same(*vectors, "float32")
    for p, q in zip(*sides, strict=True):
        assert p.requires_grad
        assert_same(p, q, "float32")
