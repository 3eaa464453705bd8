"""ATen's forms of losses and layers, with reductions by number."""

from ..table import array, ints, normal, row, uniform

_X, _Y = normal(4, 3), uniform(4, 3, seed=1)
_SIGNS = array([[1.0, -1.0, 1.0]] * 4, grad=False)
_ONE = array([1.0, -1.0, 1.0, -1.0], grad=False)

ROWS = [
    *[
        row(name, *args, reduction, inplace=False, out=False)
        for reduction in (0, 1, 2)
        for name, *args in (
            (
                "binary_cross_entropy_with_logits",
                _X,
                _Y,
                None,
                uniform(3, seed=2, grad=False),
            ),
            ("kl_div", _X, _Y),
            ("hinge_embedding_loss", _X, _SIGNS, 1.0),
            ("cosine_embedding_loss", _X, _Y, _ONE, 0.1),
            ("margin_ranking_loss", _X, _Y, _SIGNS, 0.1),
            ("triplet_margin_loss", _X, _Y, normal(4, 3, seed=3), 1.0, 2, 1e-6, False),
            ("poisson_nll_loss", _X, _Y, True, False, 1e-8),
        )
    ],
    row("kl_div", _X, _X, 1, log_target=True),
    row(
        "instance_norm",
        normal(2, 3, 4),
        normal(3),
        normal(3, seed=1),
        None,
        None,
        True,
        0.1,
        1e-5,
        False,
    ),
    row("affine_grid_generator", normal(1, 2, 3), [1, 2, 3, 4], False),
    row("native_channel_shuffle", normal(1, 4, 2, 2, grad=False), 2),
    row(
        "embedding_renorm_", normal(5, 3, grad=False), ints(4, low=0, high=5), 0.5, 2.0
    ),
    row("fill_", normal(3, grad=False), 2.0),
    row("spmm", normal(2, 3), normal(3, 4)),
]
