"""Matrix products of a program for a CPU that our own function computes.

It takes the operands as they lie, where XLA would transpose them first, as it does for
the gradients of weights, and needs no setting up, which takes XLA most of a millisecond
for each product in the first call. The others are left to XLA; what was measured stands
in docs/kernels.md.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
from jax.extend.mlir import ir
from jax.extend.mlir.dialects import stablehlo

from .. import _kernels

_DOT, _TRANSPOSE = "stablehlo.dot_general", "stablehlo.transpose"
_TYPED = 4  # the version of XLA's foreign function interface
# Products of numbers: a larger one is XLA's, if it is not of a batch, and its left
# operand does not lie transposed.
_SMALL = 1 << 18
_LEAST = 16  # rows, columns, and numbers added: fewer are XLA's
_ALONE = 32  # the same, where it is not of a batch


@dataclasses.dataclass(frozen=True)
class Product:
    """c[i, j] = sum over d of a[i, d] * b[d, j], for each of a batch of groups.

    ``a`` and ``b`` are strides: from group to group, from one of the batch to the next,
    of i or d, of d or j.
    """

    batch: tuple[int, int]
    m: int
    n: int
    k: int
    a: tuple[int, int, int, int]
    b: tuple[int, int, int, int]

    def is_ours(self) -> bool:
        """Whether our function is the quickest."""
        least = min(self.m, self.n, self.k)
        if math.prod(self.batch) > 1:
            return least >= _LEAST
        if least < _ALONE:
            return False
        lies_transposed = self.a[2] == 1 and self.a[3] != 1
        is_small = self.m * self.n * self.k <= _SMALL
        return is_small or (_kernels.wide and lies_transposed)

    def turned(self) -> Product:
        """The product whose result is the transpose of this one's."""
        a = *self.b[:2], self.b[3], self.b[2]
        b = *self.a[:2], self.a[3], self.a[2]
        return Product(self.batch, self.n, self.m, self.k, a, b)


def take_ours(module: ir.Module, chosen: Callable = Product.is_ours) -> None:
    """Put our function in the place of products in a program not compiled yet.

    ``chosen`` says of a ``Product`` whether it is to be ours.
    """
    if not _kernels.available:
        return
    with module.context:
        for op in _products(module.operation):
            _replace(op, chosen)


def _products(operation) -> list:
    """The products of a module, those of its loops included."""
    found, within = [], [operation]
    while within:
        for region in within.pop().regions:
            for block in region:
                for op in block:
                    if op.operation.name == _DOT:
                        found.append(op.operation)
                    within.append(op.operation)
    return found


def _replace(op, chosen: Callable) -> None:
    """Put our function in the place of this one, if it is chosen."""
    found = _read(op)
    if found is None:
        return
    product, a, b = found
    result, turned = op.results[0], _turned(op.results[0])
    if turned is not None:
        product, a, b, result = product.turned(), b, a, turned.results[0]
    if not chosen(product):
        return
    with op.location, ir.InsertionPoint(op):
        call = _call(product, a, b, result.type)
    result.replace_all_uses_with(call.results[0])
    if turned is not None:
        turned.erase()
    op.erase()


def _call(product: Product, a, b, kind):
    """The call of our function, all arrays row by row."""
    sizes = *product.batch, product.m, product.n, product.k
    numbers = ir.DenseI64ArrayAttr.get([*sizes, *product.a, *product.b])
    return stablehlo.CustomCallOp(
        [kind],
        [a, b],
        call_target_name=_kernels.target("product"),
        api_version=ir.IntegerAttr.get(ir.IntegerType.get_signless(32), _TYPED),
        backend_config=ir.DictAttr.get({"numbers": numbers}),
        operand_layouts=ir.ArrayAttr.get([_layout(a.type), _layout(b.type)]),
        result_layouts=ir.ArrayAttr.get([_layout(kind)]),
    )


def _layout(kind) -> ir.Attribute:
    order = np.arange(ir.RankedTensorType(kind).rank)[::-1]
    return ir.DenseIntElementsAttr.get(
        np.ascontiguousarray(order), type=ir.IndexType.get()
    )


def _turned(result):
    """The transposition that alone reads the result, a matrix, if there is one."""
    uses = list(result.uses)
    if len(uses) != 1 or ir.RankedTensorType(result.type).rank != 2:
        return None
    reader = uses[0].owner.operation
    return reader if reader.name == _TRANSPOSE else None


def _read(op) -> tuple | None:
    """The product and its operands as they lie.

    None if it is not of float32 or the steps along its dimensions are not regular.
    """
    types = [ir.RankedTensorType(x.type) for x in (*op.operands, *op.results)]
    if any(not isinstance(t.element_type, ir.F32Type) for t in types):
        return None
    dims = stablehlo.DotDimensionNumbers(op.attributes["dot_dimension_numbers"])
    first, second = map(_Operand, op.operands)
    a_batch, b_batch = dims.lhs_batching_dimensions, dims.rhs_batching_dimensions
    a_sum, b_sum = dims.lhs_contracting_dimensions, dims.rhs_contracting_dimensions
    batch = [first.shape[i] for i in a_batch]
    if len(batch) > 2:
        return None
    m = first.joined(first.others(*a_batch, *a_sum))
    n = second.joined(second.others(*b_batch, *b_sum))
    over, over_too = first.joined(a_sum), second.joined(b_sum)
    if None in (m, n, over, over_too):
        return None
    ones = (1,) * (2 - len(batch))
    a = *ones, *(first.strides[i] for i in a_batch), m[1], over[1]
    b = *ones, *(second.strides[i] for i in b_batch), over_too[1], n[1]
    product = Product((*ones, *batch), m[0], n[0], over[0], a, b)
    return product, first.value, second.value


class _Operand:
    """An operand as it lies: ``value`` row by row, ``strides`` of the operand there."""

    def __init__(self, value):
        self.shape = list(ir.RankedTensorType(value.type).shape)
        order = list(range(len(self.shape)))
        while not isinstance(value.owner, ir.Block) and value.owner.name == _TRANSPOSE:
            moved = ir.DenseI64ArrayAttr(value.owner.attributes["permutation"])
            order = [moved[i] for i in order]
            value = value.owner.operands[0]
        sizes = list(ir.RankedTensorType(value.type).shape)
        self.value = value
        self.strides = [math.prod(sizes[i + 1 :]) for i in order]

    def others(self, *dims) -> list[int]:
        """The dimensions that are not among these."""
        return [i for i in range(len(self.shape)) if i not in dims]

    def joined(self, dims) -> tuple[int, int] | None:
        """Dimensions as one, its size and its stride; None where the steps differ."""
        dims = [i for i in dims if self.shape[i] != 1]
        for outer, inner in zip(dims, dims[1:], strict=False):
            if self.strides[outer] != self.strides[inner] * self.shape[inner]:
                return None
        size = math.prod(self.shape[i] for i in dims)
        return size, self.strides[dims[-1]] if dims else 1
