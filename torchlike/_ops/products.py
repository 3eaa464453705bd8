"""Products along chosen dimensions: einsum, tensordot, outer, kron, cross."""

from __future__ import annotations

import jax.numpy as jnp

from .._errors import broadcast_shapes, wrap_dim
from ..autograd.variable import TensorBase
from ._check import is_bool, is_inexact, scalar_name
from ._forms import overloaded
from ._op import Array, Arrays, Ints, op

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@op(out=True, promote="input vec2", aliases=("ger",))
def outer(input: Array, vec2: Array) -> Array:
    """The products of all pairs of elements of two vectors."""
    for name, x in (("self", input), ("vec2", vec2)):
        if x.ndim != 1:
            raise RuntimeError(
                f"outer: Expected 1-D argument {name}, but got {x.ndim}-D"
            )
    return input[:, None] * vec2[None, :]


@op(out=True)
def inner(input: Array, other: Array) -> Array:
    """Sums of products over the last dimension; a 0-d argument scales."""
    if not input.ndim or not other.ndim:
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got "
            f"shapes {list(input.shape)} and {list(other.shape)}"
        )
    return jnp.inner(input, other)


@op(out=True, promote="input other")
def kron(input: Array, other: Array) -> Array:
    """The Kronecker product."""
    if is_bool(input):
        return jnp.kron(input.astype(jnp.uint8), other.astype(jnp.uint8)).astype(bool)
    return jnp.kron(input, other)


# ----- cross -------------------------------------------------------------------------


def _cross(a, b, dim: int):
    a, b = jnp.broadcast_arrays(a, b)
    a, b = jnp.moveaxis(a, dim, 0), jnp.moveaxis(b, dim, 0)
    rows = [a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3)]
    return jnp.stack(rows, dim)


def _no_three(shape) -> RuntimeError:
    return RuntimeError("no dimension of size 3 in input")


@op(name="cross", out=True)
def cross(input: Array, other: Array, dim: int | None = None) -> Array:
    """The vector product along ``dim`` (by default the first of size 3)."""
    if dim is None:
        if 3 not in input.shape:
            raise _no_three(input.shape)
        dim = input.shape.index(3) - input.ndim
    return _vector_product(input, other, dim)


@op(name="cross", scope="linalg", method=False, out=True)
def linalg_cross(input: Array, other: Array, *, dim: int = -1) -> Array:
    """The vector product along ``dim``."""
    return _vector_product(input, other, dim)


def _vector_product(input, other, dim):
    if input.ndim != other.ndim:
        raise RuntimeError(
            "linalg.cross: inputs must have the same number of dimensions."
        )
    asked, dim = dim, wrap_dim(dim, input.ndim)
    if input.shape[dim] != 3 or other.shape[dim] != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {asked} must have length 3. Got "
            f"{input.shape[dim]} and {other.shape[dim]}"
        )
    broadcast_shapes(input.shape, other.shape)
    return _cross(input, other, dim)


# ----- tensordot ---------------------------------------------------------------------


@op(scope=None, method=False, name="tensordot")
def _tensordot(a: Array, b: Array, dims_a: Ints, dims_b: Ints) -> Array:
    for i, j in zip(dims_a, dims_b, strict=True):
        n, m = a.shape[wrap_dim(i, a.ndim)], b.shape[wrap_dim(j, b.ndim)]
        if n != m:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {n} in dim "
                f"{i} and second has size {m} in dim {j}"
            )
    if a.dtype != b.dtype:
        raise RuntimeError("both inputs should have same dtype")
    return jnp.tensordot(a, b, (dims_a, dims_b))


@overloaded(method=False, out=True)
def tensordot(a, b, dims=2):
    """Sums of products over the last ``dims`` dimensions, or over pairs of them."""
    if isinstance(dims, TensorBase):
        dims = int(dims.item()) if not dims.ndim else dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        rank = min(len(a._value().aval.shape), len(b._value().aval.shape))
        if dims > rank:
            raise RuntimeError(
                f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}"
            )
        return _tensordot(a, b, range_ints(-dims, 0), range_ints(0, dims))
    first, second = (list(d) if not isinstance(d, int) else [d] for d in dims)
    if len(first) != len(second):
        raise RuntimeError("both dimension lists should have same length")
    return _tensordot(a, b, first, second)


def range_ints(start: int, stop: int) -> tuple[int, ...]:
    """A range as a tuple."""
    return tuple(range(start, stop))


# ----- einsum ------------------------------------------------------------------------


@op(scope=None, method=False, name="einsum")
def _einsum(operands: Arrays, equation: str) -> Array:
    equation = equation.replace(" ", "")
    inputs, arrow, output = equation.partition("->")
    terms = inputs.split(",")
    _check_count(terms, operands)
    sizes: dict[str, int] = {}
    for i, (term, x) in enumerate(zip(terms, operands, strict=True)):
        _check_term(term, x, i, sizes)
    _check_output(output if arrow else None, inputs)
    for x in operands:
        if x.dtype != operands[0].dtype:
            raise RuntimeError(
                f"expected scalar type {scalar_name(operands[0])} but found "
                f"{scalar_name(x)}"
            )
    terms, operands = zip(
        *(_squeezed(t, x, sizes) for t, x in zip(terms, operands, strict=True)),
        strict=True,
    )
    output = _output(output, arrow, inputs)
    if not is_inexact(operands[0]) and _sums_alone(terms, operands, output):
        operands = tuple(x.astype(jnp.int64) for x in operands)
    return jnp.einsum(",".join(terms) + "->" + output, *operands)


def _sums_alone(terms, operands, output: str) -> bool:
    """Whether an operand is summed before any product: integers become int64 then."""
    for i, (term, x) in enumerate(zip(terms, operands, strict=True)):
        others = output + "".join(terms[:i] + terms[i + 1 :])
        letters = zip(term.replace("...", "")[::-1], x.shape[::-1], strict=False)
        if len(terms) == 1 and set(term) - set(output):
            return True
        if any(letter not in others and n > 1 for letter, n in letters):
            return True
    return False


def _check_count(terms, operands) -> None:
    if len(terms) > len(operands):
        raise RuntimeError(
            "einsum(): fewer operands were provided than specified in the equation"
        )
    if len(terms) < len(operands):
        raise RuntimeError(
            "einsum(): more operands were provided than specified in the equation"
        )


def _check_term(term: str, x, i: int, sizes) -> None:
    letters, dots = term.replace("...", ""), "..." in term
    for letter in letters:
        if letter not in _LETTERS:
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {term.index(letter)} in "
                "the equation string, subscripts must be in [a-zA-Z]"
            )
    if len(letters) != x.ndim and not (dots and len(letters) < x.ndim):
        end = "ellipsis was given" if dots else "no ellipsis was given"
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({len(letters)}) "
            + ("is more than" if dots else "does not match")
            + f" the number of dimensions ({x.ndim}) for operand {i} and {end}"
        )
    before = term.split("...")[0] if dots else term
    for k, letter in enumerate(letters):
        n = x.shape[k if k < len(before) else k - len(letters)]
        seen = sizes.get(letter, 1)
        if seen not in (1, n) and n != 1:
            raise RuntimeError(
                f"einsum(): subscript {letter} has size {n} for operand {i} which does "
                f"not broadcast with previously seen size {seen}"
            )
        sizes[letter] = max(seen, n) if n else n


def _check_output(output: str | None, inputs: str) -> None:
    for letter in (output or "").replace("...", ""):
        if output.count(letter) > 1:
            raise RuntimeError(
                f"einsum(): output subscript {letter} appears more than once in the "
                "output"
            )
        if letter not in inputs:
            raise RuntimeError(
                f"einsum(): output subscript {letter} does not appear in the equation "
                "for any input operand"
            )


def _output(output: str, arrow: str, inputs: str) -> str:
    """The result's subscripts: without an arrow, those seen once, sorted."""
    if arrow:
        return output
    letters = inputs.replace("...", "").replace(",", "")
    once = sorted(c for c in set(letters) if letters.count(c) == 1)
    return ("..." if "..." in inputs else "") + "".join(once)


def _squeezed(term: str, x, sizes):
    """PyTorch lets a subscript's size 1 broadcast: drop such dimensions."""
    if "..." in term:
        return term, x
    keep = [i for i, c in enumerate(term) if x.shape[i] == sizes[c] or sizes[c] == 1]
    if len(keep) == x.ndim:
        return term, x
    return "".join(term[i] for i in keep), x.reshape([x.shape[i] for i in keep])


def _from_sublists(args):
    """Equation and operands of ``einsum(a, [0, 1], b, [1, 2], [0, 2])``."""
    operands, terms = list(args[:-1:2]), list(args[1::2])
    output = args[-1] if len(args) % 2 else None
    equation = ",".join(_subscripts(t) for t in terms)
    if output is not None:
        equation += "->" + _subscripts(output)
    return equation, operands


def _subscripts(numbers) -> str:
    return "".join("..." if n is Ellipsis else _LETTERS_UPPER[n] for n in numbers)


_LETTERS_UPPER = _LETTERS[26:] + _LETTERS[:26]


@overloaded(method=False)
def einsum(*args):
    """Sums of products by subscripts: ``einsum("ij,jk->ik", a, b)``, or by sublists.

    **Source** https://pytorch.org/docs/stable/generated/torch.einsum.html
    """
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or "
            "at least one operand and its subscripts list"
        )
    if isinstance(args[0], str):
        equation, operands = args[0], args[1:]
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = operands[0]
    else:
        equation, operands = _from_sublists(args)
    return _einsum(tuple(operands), equation)


@op(scope=None, method=False, name="chain_matmul")
def _chain(matrices: Arrays) -> Array:
    return matrices[0] if len(matrices) == 1 else jnp.linalg.multi_dot(matrices)


@overloaded(method=False, out=True)
def chain_matmul(*matrices):
    """The product of several matrices in the cheapest order."""
    if len(matrices) == 1 and isinstance(matrices[0], (list, tuple)):
        matrices = matrices[0]
    return _chain(tuple(matrices))
