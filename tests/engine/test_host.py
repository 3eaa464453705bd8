"""Programs run by NumPy (in forked processes) give what XLA gives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from torchlike._engine import host
from torchlike._engine.host.rules import rule

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 4)).astype(np.float32)
P = np.abs(X) + 0.1  # positive
S = RNG.standard_normal((2, 3, 3))  # a stack of matrices
IMAGE = RNG.standard_normal((2, 4, 7, 6)).astype(np.float32)
KERNEL = RNG.standard_normal((6, 2, 3, 2)).astype(np.float32)
I = np.array([2, -1, 0, 5])
N = np.array([7, -7, 0, 3], np.int32)

UNARY = """abs acos asin asinh atan atanh cbrt ceil cos cosh digamma erf erf_inv
erfc exp exp2 expm1 floor is_finite lgamma log log1p logistic neg round rsqrt sign sin
sinh sqrt square tan tanh""".split()

CASES = {
    **{f"lax.{n}": (getattr(lax, n), np.clip(P, 0.1, 0.9)) for n in UNARY},
    "acosh": (lax.acosh, P + 1),
    "round away": (lambda x: lax.round(x), np.array([0.5, 1.5, -2.5, 0.4])),
    "round even": (jnp.round, np.array([0.5, 1.5, -2.5, 0.4])),
    "binary": (
        lambda a, b: (a + b, a - b, a * b, a / b, a**b, jnp.fmod(a, b)),
        P,
        P.T[:3, :3].repeat(4, 1)[:, :4],
    ),
    "integers": (
        lambda n: (
            n // 2,
            n % 3,
            lax.div(n, n.dtype.type(2)),
            lax.rem(n, n.dtype.type(4)),
            n**2,
        ),
        N,
    ),
    "bits": (
        lambda n: (
            n & 5,
            n | 5,
            n ^ 5,
            ~n,
            n << 3,
            n >> 1,
            lax.shift_right_logical(n, n.dtype.type(1)),
            lax.clz(n),
            lax.population_count(n),
        ),
        N,
    ),
    "too far a shift": (
        lambda n: (n << 40, lax.shift_right_logical(n, n.dtype.type(40)), n >> 40),
        N,
    ),
    "compare": (lambda x: (x > 0, x >= 0, x < 0, x <= 0, x == x, x != 0), X),
    "logic": (
        lambda x: ((x > 0) & (x < 1), ~(x > 0), jnp.logical_xor(x > 0, x < 1)),
        X,
    ),
    "where clip": (lambda x: (jnp.where(x > 0, x, 0), jnp.clip(x, -0.5, 0.5)), X),
    "casts": (
        lambda x: (
            x.astype(int),
            x.astype(bool),
            x.astype(jnp.bfloat16),
            x.astype(complex),
        ),
        3 * X,
    ),
    "bitcast": (
        lambda x: [lax.bitcast_convert_type(v, np.int32) for v in (x, x.T, x[0, 0])],
        X,
    ),
    "complex": (
        lambda x: ((x + 2j * x).conj().imag, jnp.abs(x + 1j), (x * 1j) ** 2),
        X,
    ),
    "bfloat16": (
        lambda x: (
            x.astype(jnp.bfloat16).sum(),
            jax.nn.gelu(x.astype(jnp.bfloat16), approximate=False),
        ),
        X,
    ),
    "select int": (lambda n: lax.select_n(jnp.abs(n) % 3, n, n * 2, n * 3), N),
    "gelu softmax": (
        lambda x: (jax.nn.gelu(x), jax.nn.softmax(x), jax.nn.log_softmax(x, 0)),
        X,
    ),
    # shapes
    "shapes": (
        lambda x: (
            x.T,
            x.reshape(2, 6),
            x[None],
            jnp.broadcast_to(x, (2, 3, 4)),
            jnp.squeeze(x[:1]),
            x[::-1, ::-2],
        ),
        X,
    ),
    "join": (
        lambda x: (
            jnp.concatenate([x, x], 1),
            jnp.stack([x, x], 1),
            jnp.tile(x, (2, 1)),
            *jnp.split(x, [1, 3], 1),
        ),
        X,
    ),
    "pad": (
        lambda x: (
            jnp.pad(x, 1),
            lax.pad(x, x[0, 0], [(1, -1, 2), (-1, 2, 0)]),
            lax.pad(x, x[0, 0], [(-2, -2, 1), (0, 0, 0)]),
        ),
        X,
    ),
    "iota": (
        lambda x: (
            jnp.arange(5),
            jnp.eye(3),
            jnp.tril(x),
            jnp.repeat(x, 2, 1),
            jnp.roll(x, 1, 0),
        ),
        X,
    ),
    # indices
    "index": (lambda x, i: (x[i], x[:, i], x[i[0]], x[i, i], x[1:, i[:2]]), X, I[:2]),
    "index modes": (
        lambda x, i: (
            x.at[i].get(mode="fill"),
            x.at[i].get(mode="clip"),
            jnp.take(x, i, 1, mode="fill", fill_value=9),
        ),
        X,
        I,
    ),
    "index integers": (
        lambda n, i: (
            n.at[i].get(mode="fill"),
            n.astype(np.uint8).at[i].get(mode="fill"),
            (n > 0).at[i].get(mode="fill"),
        ),
        N,
        I,
    ),
    "take_along": (
        lambda x, i: jnp.take_along_axis(x, jnp.abs(i)[None, :] % 3, 0),
        X,
        I,
    ),
    "batched gather": (jax.vmap(lambda x, i: x[i]), X, np.array([0, 3, 1])),
    "slices": (
        lambda x, i: (
            lax.dynamic_slice(x, (i[0], i[1]), (2, 3)),
            lax.dynamic_update_slice(x, x[:2, :2], (i[3], i[2])),
        ),
        X,
        I,
    ),
    "scatter": (
        lambda x, i: (
            x.at[i].set(1.0),
            x.at[i].add(x[:1]),
            x.at[:, i].mul(2.0),
            x.at[i, i].min(0.0),
            x.at[i].max(0.5),
        ),
        X,
        I,
    ),
    "scatter window": (
        lambda x, i: (x.at[i[0], 1:3].set(7.0), x.at[i].set(0.0, mode="clip")),
        X,
        I,
    ),
    "batched scatter": (
        jax.vmap(lambda x, i: x.at[i].add(5.0)),
        X,
        np.array([0, 3, 1]),
    ),
    # reductions
    "reductions": (
        lambda x: (
            x.sum(),
            x.sum(0),
            x.prod(1),
            x.max(1),
            x.min(),
            x.mean(),
            x.var(0),
            x.argmax(1),
            x.argmin(0),
            jnp.any(x > 0, 1),
            jnp.all(x > 0),
        ),
        X,
    ),
    "integer extremes": (lambda n: (n.max(), n.min(), n.sum(), (n > 0).max()), N),
    "running": (
        lambda x: (
            jnp.cumsum(x, 1),
            jnp.cumprod(x, 0),
            lax.cummax(x, 1, True),
            lax.cummin(x),
            lax.cumlogsumexp(x, 1),
        ),
        X,
    ),
    "sorts": (
        lambda x: (
            jnp.sort(x, 0),
            jnp.argsort(x, 1),
            jnp.argsort(-x, 1, descending=True),
            jnp.lexsort((x[0], x[1] > 0)),
            jnp.median(x, 1),
        ),
        X,
    ),
    "top_k": (lambda n: lax.top_k(n % 3, 3), N),
    "windows": (
        lambda x: (
            lax.reduce_window(x, -np.inf, lax.max, (2, 2), (1, 2), "SAME"),
            lax.reduce_window(
                x, 0.0, lax.add, (2, 2), (1, 1), "VALID", window_dilation=(1, 2)
            ),
            lax.reduce_window(x, np.inf, lax.min, (2, 1), (2, 1), [(1, 0), (0, 0)]),
        ),
        X,
    ),
    # contractions
    "dots": (
        lambda x, s: (
            x @ x.T,
            x[0] @ x[1],
            s @ s,
            jnp.einsum("bij,bkj->bik", s, s),
            jnp.einsum("ij,kj->", x, x),
        ),
        X,
        S,
    ),
    "empty dot": (lambda x: x[:, :0] @ x[:0], X[:, :3]),
    "conv": (
        lambda x, w: lax.conv_general_dilated(
            x, w, (2, 1), [(1, 2), (0, 1)], rhs_dilation=(1, 2), feature_group_count=2
        ),
        IMAGE,
        KERNEL,
    ),
    "transposed conv": (
        lambda x, w: lax.conv_general_dilated(
            x, w, (1, 1), [(2, 2), (1, 1)], lhs_dilation=(2, 3), feature_group_count=2
        ),
        IMAGE,
        KERNEL,
    ),
    "conv layout": (
        lambda x, w: lax.conv_general_dilated(
            x,
            w,
            (1, 1),
            "SAME",
            dimension_numbers=("NHWC", "OIHW", "NHWC"),
            feature_group_count=2,
        ),
        IMAGE.transpose(0, 2, 3, 1),
        KERNEL,
    ),
    "gradients of grouped conv": (
        jax.grad(
            lambda x, w: jnp.sin(
                lax.conv_general_dilated(x, w, (1, 1), "VALID", feature_group_count=2)
            ).sum(),
            (0, 1),
        ),
        IMAGE,
        KERNEL,
    ),
    "fft": (
        lambda x: (
            jnp.fft.fft(x),
            jnp.fft.rfft(x),
            jnp.fft.irfft(jnp.fft.rfft(x)),
            jnp.fft.ifft2(x),
        ),
        X,
    ),
    "linalg": (
        lambda s: (
            jnp.linalg.inv(s),
            jnp.linalg.det(s),
            jnp.linalg.solve(s, s),
            jnp.linalg.norm(s),
            jnp.linalg.svd(s, compute_uv=False),
            jnp.linalg.eigvalsh(s + s.mT),
            jnp.linalg.cholesky(s @ s.mT),
            jnp.abs(jnp.linalg.qr(s)[1]),
            jnp.linalg.pinv(s),
        ),
        S,
    ),
    "singular": (
        lambda s: (
            jnp.isnan(jnp.linalg.svd(s * jnp.nan, compute_uv=False)),
            jnp.isnan(jnp.linalg.svd(s * jnp.nan, full_matrices=False)[0]),
            jnp.isfinite(jnp.linalg.inv(jnp.zeros((2, 2)))),
            lax.linalg.triangular_solve(s * 0 + 1, s, left_side=True),
            lax.linalg.triangular_solve(s, s, lower=True, unit_diagonal=True),
            lax.linalg.triangular_solve(s, s, transpose_a=True),
        ),
        S,
    ),
    "eig": (
        lambda s: (
            jnp.sort(jnp.linalg.eigvals(s)),
            jnp.abs(lax.linalg.eig(s)[1]),
            jnp.abs(lax.linalg.eig(s)[2]),
            lax.linalg.eig(s, compute_left_eigenvectors=False)[1].shape[0],
        ),
        S[0],
    ),
    "householder": (
        lambda s: (
            (raw := jnp.linalg.qr(s[..., :2], mode="raw"))
            and (*raw, lax.linalg.householder_product(raw[0].mT, raw[1]))
        ),
        S,
    ),
    "expm": (lambda s: jax.scipy.linalg.expm(s), S[0]),
    "precision": (
        lambda x: (
            lax.reduce_precision(x, 8, 7),
            lax.reduce_precision(x, 5, 10),
            lax.reduce_precision(x, 8, 23),
            lax.reduce_precision(x * jnp.inf, 8, 11),
            lax.reduce_precision(x, 8, 11),
            lax.reduce_precision(x.astype(jnp.float64), 11, 26),
        ),
        X,
    ),
    "a number times an array of one number": (
        lambda: (2.0 * jnp.ones((1, 2)), jnp.ones((1, 2)) * 2.0, 3.0 - jnp.ones(2)),
    ),
    "by platform": (
        lambda x: lax.platform_dependent(x, cpu=jnp.sin, default=jnp.cos),
        X,
    ),
    # control flow and calls
    "scan": (lambda x: lax.scan(lambda c, a: (c + a, c * a), x[0], x), X),
    "reverse scan": (
        lambda x: lax.scan(lambda c, a: (c + a, c * a), x[0], x, reverse=True),
        X,
    ),
    "while": (lambda x: lax.while_loop(lambda c: c.sum() < 9, lambda c: c + 1, x), X),
    "fori": (lambda x: lax.fori_loop(0, 4, lambda i, c: c * x + i, x), X),
    "cond": (lambda x: lax.cond(x[0, 0] > 0, jnp.sin, jnp.cos, x), X),
    "switch": (
        lambda n: lax.switch(n[3], [lambda v: v, lambda v: v + 1, lambda v: v * 2], n),
        N,
    ),
    "gradient": (jax.grad(lambda x: (jax.nn.relu(x) * jnp.sin(x)).sum()), X),
    "checkpoint": (jax.grad(lambda x: jax.checkpoint(jnp.tanh)(x).sum()), X),
    "resize": (lambda x: jax.image.resize(x, (6, 8), "linear"), X),
}


@pytest.mark.parametrize("name", CASES)
def test_host_programs_agree_with_xla(name):
    function, *arrays = CASES[name]
    wanted = jax.tree.leaves(jax.jit(function)(*arrays))
    got = host.HostProgram(lambda *a: jax.tree.leaves(function(*a)), arrays)(*arrays)
    assert len(got) == len(wanted)
    for a, b in zip(got, wanted, strict=True):
        b = np.asarray(b)
        assert type(a) is np.ndarray and (a.shape, a.dtype) == (b.shape, b.dtype)
        half = b.dtype.itemsize == 2
        b, a = (v.astype(np.float32) if half else v for v in (b, a))
        tolerance = 1e-2 if half else 1e-10 if b.dtype == np.float64 else 3e-5
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def test_results_share_no_memory():
    program = host.HostProgram(lambda x: [x, x, x.T, x + 0], (X,))
    results = program(X)
    for i, a in enumerate(results):
        assert not np.shares_memory(a, X)
        assert not any(np.shares_memory(a, b) for b in results[:i])


def test_what_has_no_rule_says_so():
    with pytest.raises(NotImplementedError, match="'approx_top_k' is not available in"):
        host.HostProgram(lambda x: lax.approx_max_k(x, 2), (X,))


def test_a_rule_is_given_once():
    with pytest.raises(ValueError, match="primitive add has two rules"):
        rule("add")(np.add)
