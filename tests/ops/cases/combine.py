"""Combinations, diagonals, sums to a shape, gradients of samples, dtype questions."""

from ..table import Dtype, array, error, ints, normal, row

_V, _W = array([1.0, 2.0]), array([3.0, 4.0, 5.0])
_X = normal(4, 5)

ROWS = [
    row("cartesian_prod", _V, _W),
    row("cartesian_prod", _V),
    error("cartesian_prod", _X, words=4),
    row("combinations", _W),
    row("combinations", _W, 2, True),
    row("unravel_index", array([5, 3]), (2, 4)),
    row("Tensor.fill_diagonal_", ints(3, 3), 5),
    row("Tensor.fill_diagonal_", ints(7, 3), 5, True),
    row("Tensor.fill_diagonal_", ints(3, 7), 5),
    row("Tensor.sum_to_size", _X, 1, 5),
    row("Tensor.sum_to_size", _X, (5,)),
    error("Tensor.sum_to_size", _X, 2, 2, words=3),
    row("broadcast_shapes", (2, 1), (3,), after=tuple),
    error("broadcast_shapes", (2,), (3,)),
    row("result_type", ints(2), 2.5, after=str),
    row("can_cast", Dtype("float32"), Dtype("int64")),
    row("can_cast", Dtype("int64"), Dtype("float32")),
    row("numel", _X),
    row("is_same_size", _X, _V),
    row("frexp", array([1.0, 9.0, -0.3]), second=False),
    row("igamma", array([2.0, 3.0], grad=False), array([1.0, 2.0])),
    row("igammac", array([2.0, 3.0], grad=False), array([1.0, 2.0])),
    row("gradient", _X),
    row("gradient", _X, spacing=2.0, dim=1),
    row("gradient", _X, dim=(0, 1), edge_order=2),
    row("gradient", _W, spacing=(array([0.0, 1.0, 3.0], grad=False),)),
]
