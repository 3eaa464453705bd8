"""Our own convolutions of CPUs beside XLA's: values, derivatives, maps."""

import functools
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from torchlike import _kernels
from torchlike._ops import _conv_primitives as ours
from torchlike._ops._convolve import _is_ours

pytestmark = pytest.mark.skipif(
    not _kernels.available, reason="not built (no C compiler, or no AVX2)"
)

# images, weight, stride, padding in front and behind, dilation, groups
CASES = {
    "one image, one channel": ((1, 1, 5, 6), (1, 1, 3, 3), 1, (0, 0), 1, 1),
    "many parts and blocks": (
        (9, 70, 19, 23),
        (101, 70, 3, 3),
        1,
        (1, 1),
        1,
        1,
    ),
    "bands of a large image": ((2, 3, 61, 70), (7, 3, 5, 5), 1, (2, 2), 1, 1),
    "small images together": ((21, 40, 4, 4), (20, 40, 3, 3), 1, (1, 1), 1, 1),
    "more channels than positions": ((2, 20, 5, 5), (61, 20, 3, 3), 1, (1, 1), 1, 1),
    "channels in groups of tiles": ((2, 20, 9, 9), (100, 20, 3, 3), 1, (1, 1), 1, 1),
    "channels in several tasks": ((2, 5, 6, 7), (300, 5, 3, 3), 1, (1, 1), 1, 1),
    "one pixel": ((10, 33, 1, 1), (9, 33, 3, 3), 1, (1, 1), 1, 1),
    "stride 2": ((4, 5, 17, 18), (8, 5, 3, 3), 2, (1, 1), 1, 1),
    "stride 3, more than the kernel": ((3, 4, 16, 13), (6, 4, 2, 2), 3, (0, 0), 1, 1),
    "dilation": ((3, 4, 15, 14), (6, 4, 3, 2), 1, (2, 2), 3, 1),
    "all at once": ((2, 8, 29, 30), (12, 4, 3, 4), 2, (3, 1), 2, 2),
    "negative padding": ((2, 4, 9, 9), (4, 4, 2, 2), 1, (-1, -2), 1, 1),
    "a large kernel": ((2, 2, 40, 40), (3, 2, 32, 32), 1, (0, 0), 1, 1),
    # squares of 2 × 2 results (winograd.c)
    "squares": ((3, 64, 16, 16), (48, 64, 3, 3), 1, (1, 1), 1, 1),
    "cut squares": ((5, 40, 13, 21), (50, 40, 3, 3), 1, (1, 1), 1, 1),
    "squares, no padding": ((4, 33, 15, 12), (71, 33, 3, 3), 1, (0, 0), 1, 1),
    "squares, much padding": ((4, 65, 9, 8), (33, 65, 3, 3), 1, (2, 3), 1, 1),
    "squares, padding behind": ((6, 48, 11, 13), (48, 48, 3, 3), 1, (0, 2), 1, 1),
    "squares, negative padding": ((6, 48, 11, 13), (48, 48, 3, 3), 1, (1, -2), 1, 1),
    "squares of many small images": ((37, 36, 4, 4), (100, 36, 3, 3), 1, (1, 1), 1, 1),
    "squares in groups": ((5, 120, 12, 14), (80, 60, 3, 3), 1, (1, 1), 1, 2),
    "squares of a wide image": ((1, 32, 10, 180), (32, 32, 3, 3), 1, (1, 1), 1, 1),
    "few squares of many channels": ((8, 300, 4, 4), (400, 300, 3, 3), 1, (1, 1), 1, 1),
    "squares, outputs by turns": ((7, 400, 16, 16), (400, 400, 3, 3), 1, (1, 1), 1, 1),
}


def _setup(case):
    images, weight, stride, pads, dilation, groups = CASES[case]
    random = np.random.default_rng(0)
    x = jnp.asarray(random.standard_normal(images, np.float32))
    w = jnp.asarray(random.standard_normal(weight, np.float32))
    spaces = zip(images[2:], weight[2:], strict=True)
    sizes = [(n + sum(pads) - dilation * (k - 1) - 1) // stride + 1 for n, k in spaces]
    shape = (images[0], weight[0], *sizes)
    g = jnp.asarray(random.standard_normal(shape, np.float32))
    geometry = {
        "stride": (stride,) * 2,
        "before": (pads[0],) * 2,
        "dilation": (dilation,) * 2,
        "groups": groups,
    }
    return x, w, g, geometry


def _trio(case, primitive: bool):
    """The three functions with their arguments."""
    x, w, g, geometry = _setup(case)
    names = ("convolution", "convolution_input", "convolution_weight")
    plain = (ours._plain, ours._plain_input, ours._plain_weight)
    functions = [getattr(ours, n) for n in names] if primitive else plain
    for function, operands, shape in zip(
        functions, ((x, w), (g, w), (x, g)), (g.shape, x.shape, w.shape), strict=True
    ):
        yield functools.partial(function, shape=shape, **geometry), operands


def _exact(x, w, g):
    """The three of ``squares`` in float64, by NumPy."""
    x, w, g = (np.asarray(a, np.float64) for a in (x, w, g))
    turned = w[:, :, ::-1, ::-1]

    def windows(images):
        images = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
        return np.lib.stride_tricks.sliding_window_view(images, (3, 3), (2, 3))

    yield np.einsum("nchwij,kcij->nkhw", windows(x), w, optimize=True)
    yield np.einsum("nkhwij,kcij->nchw", windows(g), turned, optimize=True)
    yield np.einsum("nchwij,nkhw->kcij", windows(x), g, optimize=True)


def _close(found, wanted):
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        scale = float(jnp.abs(b).max()) or 1.0
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-5 * scale)


@pytest.mark.parametrize("case", CASES)
def test_values(case):
    for (mine, operands), (plain, _) in zip(
        _trio(case, True), _trio(case, False), strict=True
    ):
        _close(jax.jit(mine)(*operands), jax.jit(plain)(*operands))


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 3e38])
def test_what_is_not_finite_stays_where_it_is(value, which):
    """Through squares it would reach their other results."""
    for (mine, operands), (plain, _) in zip(
        _trio("cut squares", True), _trio("cut squares", False), strict=True
    ):
        changed = [np.array(x) / 8 for x in operands]
        changed[which][1, 3, 2, 2] = value
        found, wanted = (np.asarray(jax.jit(f)(*changed)) for f in (mine, plain))
        finite = np.isfinite(wanted)
        assert finite.any() and (value == 3e38 or not finite.all())
        np.testing.assert_array_equal(found[~finite], wanted[~finite])
        _close(found[finite], wanted[finite])


def test_squares_are_as_exact_as_sums_of_products():
    """Beside float64; a kernel with zeros around is none of 3 × 3."""
    x, w, g, geometry = _setup("squares")
    wide = jnp.pad(w, ((0, 0), (0, 0), (1, 1), (1, 1)))
    around = geometry | {"before": (2, 2)}
    pairs = [
        (
            ours.convolution(x, w, shape=g.shape, **geometry),
            ours.convolution(x, wide, shape=g.shape, **around),
        ),
        (
            ours.convolution_input(g, w, shape=x.shape, **geometry),
            ours.convolution_input(g, wide, shape=x.shape, **around),
        ),
        (
            ours.convolution_weight(x, g, shape=w.shape, **geometry),
            ours.convolution_weight(x, g, shape=wide.shape, **around)[:, :, 1:-1, 1:-1],
        ),
    ]
    for (squares, sums), exact in zip(pairs, _exact(x, w, g), strict=True):
        error, usual = (
            np.abs(np.asarray(out) - exact).max() for out in (squares, sums)
        )
        assert error < 3 * usual and not np.array_equal(squares, sums)


def test_derivatives_in_either_mode_and_twice():
    def twice(function, x, y):
        def loss(x, y):
            return jnp.square(function(x, y)).sum()

        def slope(x, y):
            return sum(jnp.square(g).sum() for g in jax.grad(loss, (0, 1))(x, y))

        tangents = (jnp.cos(x), jnp.sin(y))
        return (
            jax.jvp(function, (x, y), tangents),
            jax.grad(slope, (0, 1))(x, y),
            jax.jvp(jax.grad(loss, (0, 1)), (x, y), tangents),
            jax.grad(lambda x, y: jax.jvp(loss, (x, y), tangents)[1], (0, 1))(x, y),
        )

    for (mine, operands), (plain, _) in zip(
        _trio("all at once", True), _trio("all at once", False), strict=True
    ):
        _close(
            jax.jit(functools.partial(twice, mine))(*operands),
            jax.jit(functools.partial(twice, plain))(*operands),
        )


@pytest.mark.parametrize("dims", [(0, None), (None, 1), (2, 0)])
def test_maps(dims):
    for (mine, operands), (plain, _) in zip(
        _trio("all at once", True), _trio("all at once", False), strict=True
    ):
        many = [
            x if d is None else jnp.stack([x, x[::-1] * 2, -x], d)
            for x, d in zip(operands, dims, strict=True)
        ]
        found = jax.jit(jax.vmap(mine, dims))(*many)
        rows = [
            [
                x if d is None else jnp.take(x, i, d)
                for x, d in zip(many, dims, strict=True)
            ]
            for i in range(3)
        ]
        _close(found, jnp.stack([plain(*row) for row in rows]))


def test_gradients_for_each_image():
    x, w, g, geometry = _setup("stride 2")

    def loss(function, w, x, g):
        return (function(x[None], w, shape=(1, *g.shape), **geometry)[0] * g).sum()

    def of(function):
        return jax.vmap(jax.grad(functools.partial(loss, function)), (None, 0, 0))

    _close(jax.jit(of(ours.convolution))(w, x, g), jax.jit(of(ours._plain))(w, x, g))


@pytest.mark.parametrize("case", ["many parts and blocks", "cut squares"])
def test_the_same_bits_each_time(case):
    for function, operands in _trio(case, True):
        run = jax.jit(function)
        first = np.asarray(run(*operands))
        for _ in range(5):
            assert np.array_equal(first, np.asarray(run(*operands)))


def test_other_platforms_get_xla_convolutions():
    for function, operands in _trio("stride 2", True):
        traced = jax.jit(function).trace(*operands)
        here = traced.lower().as_text()
        there = traced.lower(lowering_platforms=("cuda",)).as_text()
        assert "torchlike_convolution" in here and "stablehlo.convolution" not in here
        assert "torchlike_convolution" not in there and "stablehlo.convolution" in there


def test_forked_processes_compute_them_with_numpy():
    from torchlike._engine.host.evaluate import evaluate

    for function, operands in _trio("stride 2", True):
        closed = jax.make_jaxpr(function)(*operands)
        found = evaluate(closed, *(np.asarray(x) for x in operands))
        _close(found, [jax.jit(function)(*operands)])


def test_what_is_left_to_xla():
    def of(shape, weight, groups=1, dtype=jnp.float32):
        x, w = jnp.zeros(shape, dtype), jnp.zeros(weight, dtype)
        return _is_ours(x, w, (shape[0], weight[0], *shape[2:]), groups)

    assert of((2, 8, 5, 5), (4, 8, 3, 3)) and of((2, 8, 5), (4, 8, 3))
    assert not of((2, 8, 5, 5), (4, 8, 3, 3), dtype=jnp.float64)
    assert not of((2, 8, 5, 5), (8, 1, 3, 3), groups=8)
    assert not of((0, 8, 5, 5), (4, 8, 3, 3))
    assert not of((2, 8, 5, 5, 5), (4, 8, 3, 3, 3))
    assert not of((2, 8, 99, 99), (4, 8, 33, 33))


def test_wrong_calls_are_refused():
    call = jax.ffi.ffi_call(
        _kernels.target("convolution"), jax.ShapeDtypeStruct((1, 1, 1, 1), np.float32)
    )
    x = jnp.ones((1, 1, 1, 1))
    with pytest.raises(Exception, match="seven numbers"):
        jax.jit(call)(x, x)
    with pytest.raises(Exception, match="float32 arrays of four"):
        jax.jit(functools.partial(call, geometry=np.ones(7, np.int64)))(x[0], x)


def test_another_version_of_the_interface_is_left_alone(tmp_path):
    folder = tmp_path / "xla" / "ffi" / "api"
    folder.mkdir(parents=True)
    assert not _kernels.speaks_our_version(tmp_path)
    for minor, spoken in (("3", True), ("4", False)):
        text = f"#define XLA_FFI_API_MAJOR 0\n\n#define XLA_FFI_API_MINOR {minor}\n"
        (folder / "c_api.h").write_text(text)
        assert _kernels.speaks_our_version(tmp_path) is spoken


SHORT_VECTORS = """
import sys
import pytest

sys.modules["torchlike._kernels._wide"] = None  # as if it were not built
status = pytest.main(sys.argv[1:])
from torchlike import _kernels

assert _kernels.available and "torchlike._kernels._cpu" in sys.modules
sys.exit(status)
"""


@pytest.mark.skipif(
    "torchlike._kernels._wide" not in sys.modules
    or sys.modules["torchlike._kernels._wide"] is None,
    reason="vectors of 512 bits are not for this processor: all others ran without",
)
def test_short_vectors():
    """The functions for processors with vectors of 256 bits."""
    files = [
        __file__,
        __file__.replace("ops/test_convolution_kernels", "engine/test_products"),
    ]
    done = subprocess.run(
        [sys.executable, "-c", SHORT_VECTORS, "-p", "no:xdist", "-q", *files],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
