"""Which arguments a program's calls of our own functions write in place.

A call says of which arguments it could. XLA copies one first that is the program's own
argument and not given up, or whose old value is returned; a new array costs less.
"""

from __future__ import annotations

from jax.extend.mlir import ir
from jax.extend.mlir.dialects import stablehlo

_CALL, _PLACES = "stablehlo.custom_call", "output_operand_aliases"
_GIVEN_UP = "tf.aliasing_output", "jax.buffer_donor"


def keep_arguments(module: ir.Module) -> None:
    """Let no call of a program not compiled yet write an argument that is kept."""
    with module.context:
        main = next(f for f in module.body if f.attributes["sym_name"].value == "main")
        attributes = ir.ArrayAttr(main.attributes["arg_attrs"])
        arguments = main.regions[0].blocks[0].arguments
        kept = {
            argument.arg_number
            for argument, attribute in zip(arguments, attributes, strict=True)
            if not any(name in ir.DictAttr(attribute) for name in _GIVEN_UP)
        }
        for op in main.regions[0].blocks[0]:
            if op.operation.name == _CALL and _PLACES in op.attributes:
                _restrict(op, kept)


def _restrict(op, kept: set[int]) -> None:
    """Leave out the places that are arguments among these."""
    places = [stablehlo.OutputOperandAlias(x) for x in op.attributes[_PLACES]]
    left = [x for x in places if not _is_among(op.operands[x.operand_index], kept)]
    op.attributes[_PLACES] = ir.ArrayAttr.get(left)


def _is_among(value, kept: set[int]) -> bool:
    return (
        isinstance(value.owner, ir.Block) and ir.BlockArgument(value).arg_number in kept
    )
