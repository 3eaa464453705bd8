"""Every distribution beside PyTorch: samples, densities, moments, shapes, gradients."""

import numpy as np
import pytest

import torchlike
from torchlike._quiet import quietly
from torchlike.distributions.utils import few_elements

from .beside import BOTH, agree, answer, compare
from .cases import CASES

NAMES = list(CASES)


def value_of(name, t, made):
    value = t.tensor(np.array(CASES[name][1], "float32"))
    return value.double() if name.endswith("float64") else value


# 1 less a sum of squares near 1 leaves few digits.
ROUGH = {"lkj_cholesky": 1e-4}


def ask(name, question):
    """Ask a question about the distribution of that name on both sides."""
    make = CASES[name][0]

    def of(t, d):
        made = make(t, d)
        return question(t, made, value_of(name, t, made))

    return agree(of, atol=ROUGH.get(name, 2e-6))


@pytest.mark.parametrize("name", NAMES)
def test_description(name):
    def describe(t, d, value):
        sets = {k: repr(v) for k, v in d.arg_constraints.items()}
        support = repr(d.support)
        flags = [d.has_rsample, d.has_enumerate_support]
        shapes = [str(d.batch_shape), str(d.event_shape)]
        return [repr(d), str(sets), support, *flags, *shapes, type(d).__name__]

    ask(name, describe)


@pytest.mark.parametrize("name", NAMES)
def test_sample(name):
    """The same numbers from the same seed, and the same draw after them."""

    def draw(t, d, value):
        t.manual_seed(3)
        samples = [d.sample(), d.sample((5,)), d.sample((2, 7))]
        if d.has_rsample:
            samples.append(d.rsample((3,)))
        assert not samples[0].requires_grad
        return [*samples, t.rand(3)]

    ask(name, draw)


@pytest.mark.parametrize("name", NAMES)
def test_moments(name):
    def moments(t, d, value):
        names = ("mean", "mode", "variance", "stddev")
        found = [_or_error(lambda n=n: getattr(d, n)) for n in names]
        return [*found, _or_error(d.entropy), _or_error(d.perplexity)]

    ask(name, moments)


def _or_error(question):
    try:
        return question()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("name", NAMES)
def test_log_prob_and_cdf(name):
    ask(name, lambda t, d, value: d.log_prob(value))
    ask(name, lambda t, d, value: d.log_prob(value.unsqueeze(0)))
    ask(name, lambda t, d, value: _or_error(lambda: d.cdf(value)))
    chances = np.array([[0.1], [0.5], [0.9]], "float32")
    ask(name, lambda t, d, value: _or_error(lambda: d.icdf(t.tensor(chances))))


@pytest.mark.parametrize("name", NAMES)
def test_enumerate_support(name):
    def support(t, d, value):
        return [_or_error(lambda e=e: d.enumerate_support(e)) for e in (True, False)]

    ask(name, support)


@pytest.mark.parametrize("name", NAMES)
def test_expand(name):
    def expand(t, d, value):
        wide = d.expand((4, *d.batch_shape))
        t.manual_seed(1)
        return [repr(wide), str(wide.batch_shape), wide.sample(), wide.log_prob(value)]

    ask(name, expand)


# Parameters (of the constructors below) that densities and samples are derived by.
GRADIENTS = {
    "bernoulli": lambda d, a, b: d.Bernoulli(a),
    "beta": lambda d, a, b: d.Beta(a, b),
    "binomial": lambda d, a, b: d.Binomial(10, a),
    "cauchy": lambda d, a, b: d.Cauchy(a, b),
    "continuous_bernoulli": lambda d, a, b: d.ContinuousBernoulli(a),
    "dirichlet": lambda d, a, b: d.Dirichlet(a + b),
    "exponential": lambda d, a, b: d.Exponential(a),
    "fishersnedecor": lambda d, a, b: d.FisherSnedecor(a, b),
    "gamma": lambda d, a, b: d.Gamma(a, b),
    "generalized_pareto": lambda d, a, b: d.GeneralizedPareto(a, b, a - b),
    "geometric": lambda d, a, b: d.Geometric(a),
    "gumbel": lambda d, a, b: d.Gumbel(a, b),
    "half_cauchy": lambda d, a, b: d.HalfCauchy(a),
    "half_normal": lambda d, a, b: d.HalfNormal(a),
    "inverse_gamma": lambda d, a, b: d.InverseGamma(a, b),
    "kumaraswamy": lambda d, a, b: d.Kumaraswamy(a, b),
    "laplace": lambda d, a, b: d.Laplace(a, b),
    "log_normal": lambda d, a, b: d.LogNormal(a, b),
    "logistic_normal": lambda d, a, b: d.LogisticNormal(a, b),
    "negative_binomial": lambda d, a, b: d.NegativeBinomial(5, a),
    "normal": lambda d, a, b: d.Normal(a, b),
    "one_hot_straight": lambda d, a, b: d.OneHotCategoricalStraightThrough(a),
    "pareto": lambda d, a, b: d.Pareto(a, b),
    "poisson": lambda d, a, b: d.Poisson(a),
    "relaxed_bernoulli": lambda d, a, b: d.RelaxedBernoulli(b[0], a),
    "relaxed_one_hot": lambda d, a, b: d.RelaxedOneHotCategorical(b[0], a),
    "student_t": lambda d, a, b: d.StudentT(a + 1, a, b),
    "uniform": lambda d, a, b: d.Uniform(a, a + b),
    "von_mises": lambda d, a, b: d.VonMises(a, b),
    "weibull": lambda d, a, b: d.Weibull(a, b),
}
# PyTorch's own gradients of gamma and Dirichlet samples are approximations.
IMPLICIT = (
    "beta",
    "dirichlet",
    "fishersnedecor",
    "gamma",
    "inverse_gamma",
    "student_t",
)


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    make = GRADIENTS[name]

    def derive(t, d):
        # PyTorch's generalised Pareto distribution is of float32 only
        kind = t.float32 if name == "generalized_pareto" else t.float64
        a = t.tensor([0.3, 0.6, 0.8], dtype=kind, requires_grad=True)
        b = t.tensor([0.9, 1.3, 2.1], dtype=kind, requires_grad=True)
        t.manual_seed(2)
        made = make(d, a, b)
        value = made.sample((4,))
        outputs = [made.log_prob(value)]
        if made.has_rsample:
            t.manual_seed(2)
            sample = made.rsample((4,))
            outputs.append((1 + sample * sample).log())
        return [
            g
            for out in outputs
            for g in t.autograd.grad(
                out.sum(), (a, b), retain_graph=True, allow_unused=True
            )
        ]

    loose = 3e-3 if name in IMPLICIT else 1e-6
    loose = 1e-4 if name == "generalized_pareto" else loose
    agree(derive, rtol=loose, atol=1e-8)


ERRORS = {
    "negative_scale": lambda t, d: d.Normal(0.0, t.tensor([1.0, -1.0])),
    "nan": lambda t, d: d.Normal(t.tensor(float("nan")), 1.0),
    "two_wrong": lambda t, d: d.Gamma(t.tensor([-1.0]), t.tensor([-2.0])),
    "probs_of_two": lambda t, d: d.Bernoulli(t.tensor([2.0])),
    "neither": lambda t, d: d.Bernoulli(),
    "both": lambda t, d: d.Categorical(t.ones(2), t.ones(2)),
    "scalar_probs": lambda t, d: d.Categorical(t.tensor(1.0)),
    "simplex": lambda t, d: d.Categorical(t.tensor([-0.5, 2.0])),
    "value_a_number": lambda t, d: d.Normal(0.0, 1.0).log_prob(1.0),
    "value_shape": lambda t, d: d.Normal(t.zeros(2), 1.0).log_prob(t.zeros(3)),
    "value_event": lambda t, d: d.Dirichlet(t.ones(3)).log_prob(t.ones(2)),
    "value_range": lambda t, d: d.Exponential(1.0).log_prob(t.tensor(-1.0)),
    "value_category": lambda t, d: d.Categorical(t.ones(3)).log_prob(t.tensor(3)),
    "value_half": lambda t, d: d.Poisson(3.0).log_prob(t.tensor(0.5)),
    "uniform_bounds": lambda t, d: d.Uniform(1.0, 0.0),
    "text": lambda t, d: d.Normal("a", 1.0),
    "geometric_zero": lambda t, d: d.Geometric(t.tensor([0.5, 0.0])),
    "no_icdf": lambda t, d: d.Gamma(1.0, 1.0).icdf(t.tensor(0.5)),
    "dirichlet_scalar": lambda t, d: d.Dirichlet(t.tensor(1.0)),
    "multinomial_counts": lambda t, d: d.Multinomial(t.tensor([1, 2]), t.ones(3)),
    "independent": lambda t, d: d.Independent(d.Normal(0.0, 1.0), 1),
    "mvn_scalar": lambda t, d: d.MultivariateNormal(t.tensor(0.0), t.eye(2)),
    "mvn_forms": lambda t, d: d.MultivariateNormal(t.zeros(2)),
    "mvn_matrix": lambda t, d: d.MultivariateNormal(t.zeros(2), t.tensor(1.0)),
    "mvn_factor": lambda t, d: d.MultivariateNormal(
        t.zeros(2), scale_tril=t.tensor(1.0)
    ),
    "mvn_negative": lambda t, d: d.MultivariateNormal(t.zeros(2), -t.eye(2)),
    "mvn_asymmetric": lambda t, d: d.MultivariateNormal(
        t.zeros(2), t.tensor([[1.0, 0.5], [0.0, 1.0]])
    ),
    "low_rank_factor": lambda t, d: d.LowRankMultivariateNormal(
        t.zeros(2), t.ones(3, 1), t.ones(2)
    ),
    "low_rank_diag": lambda t, d: d.LowRankMultivariateNormal(
        t.zeros(2), t.ones(2, 1), t.ones(3)
    ),
    "wishart_df": lambda t, d: d.Wishart(t.tensor(1.0), t.eye(2)),
    "wishart_forms": lambda t, d: d.Wishart(t.tensor(3.0)),
    "lkj_dim": lambda t, d: d.LKJCholesky(1),
    "mixture": lambda t, d: d.MixtureSameFamily(d.Normal(0, 1), d.Normal(0, 1)),
    "mixture_component": lambda t, d: d.MixtureSameFamily(d.Categorical(t.ones(2)), 3),
    "mixture_batch": lambda t, d: d.MixtureSameFamily(
        d.Categorical(t.ones(3, 2)), d.Normal(t.zeros(2, 2), 1)
    ),
    "mixture_count": lambda t, d: d.MixtureSameFamily(
        d.Categorical(t.ones(3)), d.Normal(t.zeros(2), 1)
    ),
    "transforms": lambda t, d: d.TransformedDistribution(d.Normal(0, 1), 3),
    "transform_list": lambda t, d: d.TransformedDistribution(d.Normal(0, 1), [3]),
    "transform_shape": lambda t, d: d.TransformedDistribution(
        d.Normal(0, 1), d.SoftmaxTransform()
    ),
    "inhomogeneous": lambda t, d: d.Binomial(
        t.tensor([3, 2]), t.tensor(0.5)
    ).enumerate_support(),
    "sample_of_int": lambda t, d: d.Normal(0, 1).sample(3),
    "base": lambda t, d: d.Distribution(validate_args=False).log_prob(t.zeros(())),
    "default_checks": lambda t, d: d.Distribution.set_default_validate_args(3),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    expected, got = (answer(ERRORS[name], t, d) for t, d in BOTH)
    assert isinstance(expected, tuple) and isinstance(expected[0], type)
    assert got == expected


SETS = {
    "boolean": lambda c: c.boolean,
    "integer_interval": lambda c: c.integer_interval(0, 3),
    "nonnegative_integer": lambda c: c.nonnegative_integer,
    "positive_integer": lambda c: c.positive_integer,
    "real": lambda c: c.real,
    "positive": lambda c: c.positive,
    "nonnegative": lambda c: c.nonnegative,
    "less_than": lambda c: c.less_than(0.1),
    "interval": lambda c: c.interval(-1, 0.1),
    "half_open_interval": lambda c: c.half_open_interval(-1, 0.1),
    "unit_interval": lambda c: c.unit_interval,
}
ELEMENTS = {
    "float32": np.array(
        [-np.inf, -1, -0.5, -0.0, 0, 0.1, 1, 2.5, 3, 4, np.inf, np.nan]
    ),
    "float64": np.array([-1, 0, 0.1, np.float32(0.1), 1, 3, 3.5, np.nan]),
    "int64": np.array([-2, -1, 0, 1, 3, 4]),
    "uint8": np.array([0, 1, 3, 255]),
    "bool": np.array([False, True]),
}


@pytest.mark.parametrize("dtype", ELEMENTS)
@pytest.mark.parametrize("name", SETS)
def test_elements_of_sets(name, dtype):
    array = ELEMENTS[dtype].astype(dtype)
    (t, d), (_, ours) = BOTH
    expected = SETS[name](d.constraints).check(t.from_numpy(array)).tolist()
    constraint = SETS[name](ours.constraints)
    assert ours.constraints.takes_arrays(constraint)
    if few_elements(torchlike.from_numpy(array)) is not None:
        assert quietly(constraint.check, array).tolist() == expected
        assert quietly(constraint.admits, array) == all(expected)
        assert [
            quietly(constraint.admits, array[i, None]) for i in range(len(array))
        ] == expected
        rows = ours.constraints.independent(constraint, 1)
        assert ours.constraints.takes_arrays(rows)
        assert [quietly(rows.admits, array[i:]) for i in range(len(array))] == [
            all(expected[i:]) for i in range(len(array))
        ]
    recorded = constraint.check(torchlike.from_numpy(array) + 0)
    assert recorded.tolist() == expected


@pytest.mark.parametrize("dtype", ("float32", "float64"))
def test_rows_of_a_simplex(dtype):
    rows = [[0.5, 0.5], [0.25, 0.75 + 2e-6], [1.5, -0.5], [np.nan, 1.0], [0.0, 1.0]]
    array = np.array(rows, dtype)
    (t, d), (_, ours) = BOTH
    expected = d.constraints.simplex.check(t.from_numpy(array)).tolist()
    assert quietly(ours.constraints.simplex.check, array).tolist() == expected
    assert [quietly(ours.constraints.simplex.admits, row) for row in array] == expected
    assert not quietly(ours.constraints.simplex.admits, array)
    assert quietly(ours.constraints.simplex.admits, array[::4])
    recorded = ours.constraints.simplex.check(torchlike.from_numpy(array) + 0)
    assert recorded.tolist() == expected


@pytest.mark.parametrize("count", (3, 3000))  # looked at, and recorded
def test_parameters_that_are_pending_are_checked(count):
    def ask(t, d):
        scale = t.ones(count) * 2
        made = d.Normal(t.zeros(count) + 1, scale)
        bad = scale - t.arange(count)
        return made.variance.sum(), d.Normal(made.loc, bad)

    (kind, message), (got, found) = (answer(ask, t, d) for t, d in BOTH)
    assert got is kind
    assert found.split(":")[0] == message.split(":")[0]


def test_sets_of_tensors_or_of_ones_own_take_no_arrays():
    (_, (t, d)) = BOTH
    assert not d.constraints.takes_arrays(d.constraints.interval(t.zeros(2), 1.0))

    class Own(d.constraints.greater_than):
        def check(self, value):
            return t.all(value > self.lower_bound, dim=-1)

    assert not d.constraints.takes_arrays(Own(0.0))


@pytest.mark.parametrize("numbers", ([0.0, 1.5], [-0.5, 1.0], [0.0, float("nan")]))
def test_samples_outside_are_refused_where_they_are_known(numbers):
    def ask(t, d):
        return d.Exponential(t.tensor([1.0, 2.0])).log_prob(t.tensor(numbers))

    expected, got = (answer(ask, t, d) for t, d in BOTH)
    compare(expected, got)


def test_no_checks_when_switched_off():
    for t, d in BOTH:
        assert d.Normal(0.0, t.tensor([-1.0]), validate_args=False).scale == -1
        d.Distribution.set_default_validate_args(False)
        try:
            assert d.Normal(0.0, t.tensor([-1.0])).scale == -1
        finally:
            d.Distribution.set_default_validate_args(True)


def test_a_subclass_with_its_own_constructor_must_expand_itself():
    def expand(t, d):
        class Mine(d.Normal):
            def __init__(self):
                super().__init__(0.0, 1.0)

        return Mine().expand((2,))

    agree(expand)
    assert answer(expand, *BOTH[1])[0] is NotImplementedError


def test_a_distribution_of_ones_own():
    def ask_it(t, d):
        class Doubled(d.Distribution):
            arg_constraints = {"x": d.constraints.positive}
            support = d.constraints.real

            def __init__(self, x):
                self.x = x
                super().__init__(x.shape)

            def rsample(self, sample_shape=()):
                return 2 * self.x.expand(self._extended_shape(sample_shape))

        made = Doubled(t.tensor([1.0, 2.0], requires_grad=True))
        return [made.sample((2,)), repr(made), made.rsample().requires_grad]

    agree(ask_it)


def test_inside_jit():
    """A distribution of traced parameters: nothing is read, so nothing is checked."""
    import jax

    import torchlike as t
    import torchlike.distributions as d

    @jax.jit
    def log_prob(scale):
        made = d.Normal(0.0, t.tensor(scale))
        return made.log_prob(t.tensor(scale)).__jax_array__()

    compare(
        float(log_prob(np.float32(1.0))),
        float(d.Normal(0.0, 1.0).log_prob(t.tensor(1.0))),
    )
