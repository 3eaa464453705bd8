"""Transforms, constraints and their registries beside PyTorch."""

import pickle

import numpy as np
import pytest

from .beside import BOTH, agree

# name: (transform, a value of its domain)
T = {
    "abs": (lambda t, d: d.AbsTransform(), [-1.0, 2.0]),
    "affine": (lambda t, d: d.AffineTransform(1.0, -2.0), [-1.0, 2.0]),
    "affine_tensors": (
        lambda t, d: d.AffineTransform(t.tensor([1.0, 2]), t.tensor([3.0, -1])),
        [-1.0, 2.0],
    ),
    "affine_events": (
        lambda t, d: d.AffineTransform(0.0, t.tensor([3.0, -1]), event_dim=1),
        [[-1.0, 2.0], [0.5, 3.0]],
    ),
    "cat": (
        lambda t, d: d.CatTransform(
            [d.ExpTransform(), d.identity_transform], dim=-1, lengths=[1, 2]
        ),
        [[-1.0, 2.0, 0.3]],
    ),
    "stack": (
        lambda t, d: d.StackTransform([d.ExpTransform(), d.TanhTransform()], dim=1),
        [[-1.0, 0.2], [0.4, 0.1]],
    ),
    "compose": (
        lambda t, d: d.ComposeTransform(
            [d.ExpTransform(), d.AffineTransform(1.0, 2.0), d.ExpTransform().inv]
        ),
        [-1.0, 0.2],
    ),
    "compose_events": (
        lambda t, d: d.ComposeTransform(
            [d.AffineTransform(1.0, 2.0), d.StickBreakingTransform()]
        ),
        [-1.0, 0.2],
    ),
    "empty": (lambda t, d: d.ComposeTransform([]), [-1.0, 0.2]),
    "corr_cholesky": (lambda t, d: d.CorrCholeskyTransform(), [-1.0, 0.2, 0.7]),
    "cdf": (
        lambda t, d: d.CumulativeDistributionTransform(d.Normal(0.5, 2.0)),
        [-1.0, 0.2],
    ),
    "exp": (lambda t, d: d.ExpTransform(), [-1.0, 0.2]),
    "independent": (
        lambda t, d: d.IndependentTransform(d.ExpTransform(), 1),
        [[-1.0, 0.2]],
    ),
    "lower_cholesky": (
        lambda t, d: d.LowerCholeskyTransform(),
        [[-1.0, 0.2], [0.4, 0.3]],
    ),
    "positive_definite": (
        lambda t, d: d.PositiveDefiniteTransform(),
        [[-1.0, 0.2], [0.4, 0.3]],
    ),
    "power": (lambda t, d: d.PowerTransform(t.tensor(2.5)), [1.5, 0.2]),
    "power_negative": (lambda t, d: d.PowerTransform(-1.0), [1.5, 0.2]),
    "reshape": (
        lambda t, d: d.ReshapeTransform((2, 2), (4,)),
        [[-1.0, 0.2], [0.4, 0.3]],
    ),
    "sigmoid": (lambda t, d: d.SigmoidTransform(), [-1.0, 0.2, 200.0]),
    "softplus": (lambda t, d: d.SoftplusTransform(), [-1.0, 0.2]),
    "softmax": (lambda t, d: d.SoftmaxTransform(), [-1.0, 0.2]),
    "stick_breaking": (lambda t, d: d.StickBreakingTransform(), [-1.0, 0.2, 0.5]),
    "tanh": (lambda t, d: d.TanhTransform(), [-1.0, 0.2]),
    "inverse": (lambda t, d: d.SigmoidTransform().inv, [0.4, 0.2]),
    "inverse_compose": (
        lambda t, d: (
            d.ComposeTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0)]).inv
        ),
        [1.4, 1.2],
    ),
    "cached": (lambda t, d: d.ExpTransform(cache_size=1), [0.4, 0.2]),
}


def _try(question):
    try:
        return question()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("name", T)
def test_transform(name):
    make, numbers = T[name]

    def apply(t, d):
        f = make(t, d)
        x = t.tensor(np.array(numbers, "float32"))
        y = f(x)
        shape = x.shape
        asked = [
            lambda: f.inv(y),
            lambda: f.log_abs_det_jacobian(x, y),
            lambda: f.inv.log_abs_det_jacobian(y, x),
            lambda: f.forward_shape(shape),
            lambda: f.inverse_shape(y.shape),
            lambda: f.bijective,
            lambda: f.sign,
            lambda: f.event_dim,
            lambda: repr(f.domain),
            lambda: repr(f.codomain),
            lambda: repr(f),
            lambda: repr(f.inv),
            lambda: f == f.with_cache(1),
            lambda: f == make(t, d),
            lambda: f.inv.inv == f,
            lambda: f == d.ExpTransform(),
        ]
        return [y, *map(_try, asked)]

    agree(apply)


def test_a_cache_gives_the_very_tensor_back():
    for t, d in BOTH:
        f = d.ExpTransform(cache_size=1)
        x = t.tensor([100.0, -200.0])
        assert f.inv(f(x)) is x
        assert f(x) is f(x)


def test_gradients():
    names = ("corr_cholesky", "stick_breaking", "softmax", "positive_definite", "cat")

    def derive(t, d, name):
        make, numbers = T[name]
        x = t.tensor(np.array(numbers), requires_grad=True)
        y = make(t, d)(x)
        return list(t.autograd.grad((y * y).sum(), x))

    for name in names:
        agree(lambda t, d, n=name: derive(t, d, n), rtol=1e-9)


def test_transforms_can_be_pickled():
    for t, d in BOTH:
        f = d.ComposeTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0)])
        f.inv  # noqa: B018 (leaves a weak reference behind)
        again = pickle.loads(pickle.dumps(f))
        assert float(again(t.tensor(0.0))) == 3.0


C = {
    "boolean": lambda t, c: (c.boolean, [0.0, 1.0, 2.0]),
    "cat": lambda t, c: (c.cat([c.positive, c.real], -1, [1, 2]), [-1.0, 1.0, 2.0]),
    "stack": lambda t, c: (c.stack([c.positive, c.real], -1), [-1.0, 1.0]),
    "corr_cholesky": lambda t, c: (c.corr_cholesky, [[1.0, 0.0], [0.6, 0.8]]),
    "corr_cholesky_no": lambda t, c: (c.corr_cholesky, [[1.0, 0.0], [0.6, 0.7]]),
    "greater": lambda t, c: (c.greater_than(1), [0.0, 1.0, 2.0]),
    "greater_eq": lambda t, c: (c.greater_than_eq(1), [0.0, 1.0, 2.0]),
    "less": lambda t, c: (c.less_than(1), [0.0, 1.0, 2.0]),
    "interval": lambda t, c: (c.interval(0, t.tensor([1.0, 0.5])), [0.7, 0.7]),
    "half_open": lambda t, c: (c.half_open_interval(0, 1), [0.0, 1.0]),
    "integers": lambda t, c: (c.integer_interval(0, 2), [0.0, 1.5, 3.0]),
    "nonnegative_integer": lambda t, c: (c.nonnegative_integer, [-1.0, 1.5, 3.0]),
    "positive_integer": lambda t, c: (c.positive_integer, [0.0, 1.0]),
    "real": lambda t, c: (c.real, [0.0, float("nan"), float("inf")]),
    "real_vector": lambda t, c: (c.real_vector, [[0.0, float("nan")], [1.0, 2.0]]),
    "independent": lambda t, c: (c.independent(c.positive, 1), [[0.0, 1], [1.0, 2]]),
    "too_few": lambda t, c: (c.independent(c.positive, 2), [0.0, 1.0]),
    "simplex": lambda t, c: (c.simplex, [[0.2, 0.8], [0.2, 0.7], [-0.2, 1.2]]),
    "one_hot": lambda t, c: (c.one_hot, [[0.0, 1.0], [1.0, 1.0], [0.5, 0.5]]),
    "multinomial": lambda t, c: (c.multinomial(3), [[1.0, 2.0], [2.0, 2.0]]),
    "lower_triangular": lambda t, c: (c.lower_triangular, [[1.0, 0.0], [2.0, -1.0]]),
    "lower_cholesky": lambda t, c: (c.lower_cholesky, [[1.0, 0.0], [2.0, -1.0]]),
    "positive_definite": lambda t, c: (c.positive_definite, [[2.0, 1], [1.0, 2.0]]),
    "positive_definite_no": lambda t, c: (c.positive_definite, [[1.0, 2], [2.0, 1.0]]),
    "semidefinite": lambda t, c: (c.positive_semidefinite, [[2.0, 1.0], [1.0, 2.0]]),
    "symmetric": lambda t, c: (c.symmetric, [[1.0, 2.0], [1.0, 1.0]]),
    "square": lambda t, c: (c.square, [[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]),
    "mixture": lambda t, c: (c.MixtureSameFamilyConstraint(c.positive), [0.0, 1.0]),
}


@pytest.mark.parametrize("name", C)
def test_constraint(name):
    def check(t, d):
        made, numbers = C[name](t, d.constraints)
        value = t.tensor(np.array(numbers, "float32"))
        return [
            _try(lambda: made.check(value)),
            repr(made),
            made.event_dim,
            made.is_discrete,
        ]

    agree(check)


def test_dependent_constraints():
    def ask(t, d):
        c = d.constraints
        return [
            repr(c.dependent),
            c.is_dependent(c.dependent),
            c.is_dependent(c.real),
            c.dependent(event_dim=1).event_dim,
            _try(lambda: c.dependent.event_dim),
            _try(lambda: c.dependent.is_discrete),
            _try(lambda: c.dependent.check(1)),
            repr(d.Uniform.support),
            d.Uniform.support.event_dim,
            _try(lambda: c.independent(c.real, -1)),
            _try(lambda: c.cat([c.real, c.real], 0, [1])),
        ]

    agree(ask)


REGISTERED = {
    "real": lambda t, c: c.real,
    "positive": lambda t, c: c.positive,
    "nonnegative": lambda t, c: c.nonnegative,
    "greater_than": lambda t, c: c.greater_than(t.tensor(2.0)),
    "less_than": lambda t, c: c.less_than(2.0),
    "unit_interval": lambda t, c: c.unit_interval,
    "interval": lambda t, c: c.interval(-1.0, 3.0),
    "half_open": lambda t, c: c.half_open_interval(-1.0, 3.0),
    "simplex": lambda t, c: c.simplex,
    "lower_cholesky": lambda t, c: c.lower_cholesky,
    "corr_cholesky": lambda t, c: c.corr_cholesky,
    "positive_definite": lambda t, c: c.positive_definite,
    "positive_semidefinite": lambda t, c: c.positive_semidefinite,
    "real_vector": lambda t, c: c.real_vector,
    "independent": lambda t, c: c.independent(c.positive, 1),
    "cat": lambda t, c: c.cat([c.positive, c.real], -1),
    "stack": lambda t, c: c.stack([c.positive, c.real], -1),
    "integers": lambda t, c: c.integer_interval(0, 1),
    "triangular": lambda t, c: c.lower_triangular,
}


@pytest.mark.parametrize("name", REGISTERED)
def test_registry(name):
    def ask(t, d):
        constraint = REGISTERED[name](t, d.constraints)
        size = (3,) if name == "corr_cholesky" else (2, 2)
        x = t.arange(float(np.prod(size))).reshape(size) / 4
        found = []
        for registry in (d.biject_to, d.transform_to):
            found.append(_try(lambda r=registry: repr(r(constraint))))
            found.append(_try(lambda r=registry: r(constraint)(x)))
        return found

    agree(ask)


def test_registering_a_constraint_of_ones_own():
    for _, d in BOTH:

        class Mine(d.constraints.Constraint):
            pass

        mine = Mine()
        d.biject_to.register(mine, lambda constraint: d.ExpTransform())
        assert isinstance(d.biject_to(Mine()), d.ExpTransform)
        with pytest.raises(NotImplementedError):
            d.transform_to(mine)


UTILS = {
    "broadcast": lambda t, u: u.broadcast_all(1, t.tensor([1.0, 2])),
    "broadcast_numbers": lambda t, u: u.broadcast_all(1, 2.5),
    "broadcast_ints": lambda t, u: u.broadcast_all(t.tensor([1, 2]), 0.5),
    "broadcast_text": lambda t, u: u.broadcast_all(1, "a"),
    "tril": lambda t, u: u.vec_to_tril_matrix(t.arange(6.0)),
    "tril_below": lambda t, u: u.vec_to_tril_matrix(t.arange(6.0), -1),
    "tril_above": lambda t, u: u.vec_to_tril_matrix(t.arange(8.0), 1),
    "tril_wrong": lambda t, u: u.vec_to_tril_matrix(t.arange(5.0)),
    "vec": lambda t, u: u.tril_matrix_to_vec(t.arange(9.0).view(3, 3)),
    "vec_below": lambda t, u: u.tril_matrix_to_vec(t.arange(9.0).view(3, 3), -1),
    "vec_above": lambda t, u: u.tril_matrix_to_vec(t.arange(9.0).view(3, 3), 1),
    "vec_wrong": lambda t, u: u.tril_matrix_to_vec(t.ones(3, 3), 4),
    "logits": lambda t, u: u.probs_to_logits(t.tensor([0.0, 0.5, 1.0])),
    "logits_binary": lambda t, u: u.probs_to_logits(t.tensor([0.0, 0.5, 1.0]), True),
    "probs": lambda t, u: u.logits_to_probs(t.tensor([0.0, 0.5, 1.0])),
    "probs_binary": lambda t, u: u.logits_to_probs(t.tensor([0.0, 0.5]), True),
    "clamp": lambda t, u: u.clamp_probs(t.tensor([0.0, 0.5, 1.0])),
    "clamp_half": lambda t, u: u.clamp_probs(t.tensor([0.0, 0.5, 1.0]).half()),
}


@pytest.mark.parametrize("name", UTILS)
def test_utils(name):
    agree(lambda t, d: UTILS[name](t, d.utils))


def test_lazy_properties_are_computed_once():
    for t, d in BOTH:
        made = d.Bernoulli(t.tensor([0.25]))
        assert "logits" not in made.__dict__
        assert made.logits is made.logits
        assert isinstance(d.Bernoulli.probs, property)
