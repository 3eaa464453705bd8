"""Maxima and minima, with PyTorch's gradients at ties, and their places."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from .._errors import wrap_dim
from ..autograd.variable import TensorBase
from . import _out, binary
from ._check import is_bool, is_complex, is_float, not_implemented
from ._forms import overloaded
from ._op import Array, Ints, op
from ._write import into
from .reduce import axes


def _no_elements(name: str, x, dims, everything: bool = False) -> None:
    if everything and x.size == 0:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
            "Specify the reduction dim with the 'dim' argument."
        )
    for d in dims:
        if x.shape[d] == 0:
            raise IndexError(
                f"{name}(): Expected reduction dim {d} to have non-zero size."
            )


def _extreme(x, dims, keepdim: bool, largest: bool):
    return (jnp.max if largest else jnp.min)(x, axis=dims, keepdims=keepdim)


@jax.custom_jvp
def _spread_evenly(x, extreme):
    """``extreme`` of ``x`` over its last dimension; ties share the gradient evenly."""
    return extreme


@_spread_evenly.defjvp
def _spread_evenly_jvp(primals, tangents):
    (x, extreme), (dx, _) = primals, tangents
    chosen = (x == extreme[..., None]) | (jnp.isnan(x) & jnp.isnan(extreme[..., None]))
    weights = chosen.astype(x.dtype)
    share = weights / jnp.sum(weights, -1, keepdims=True)
    return _spread_evenly(x, extreme), jnp.sum(share * dx, -1)


def _even_extreme(x, dims, keepdim: bool, largest: bool):
    if not is_float(x):
        return _extreme(x, dims, keepdim, largest)
    rest = tuple(d for d in range(x.ndim) if d not in dims)
    count = math.prod(x.shape[d] for d in dims)
    flat = x.transpose(rest + dims).reshape(*(x.shape[d] for d in rest), count)
    made = _spread_evenly(flat, jax.lax.stop_gradient(_extreme(flat, -1, 0, largest)))
    return jnp.expand_dims(made, sorted(dims)) if keepdim else made


def _amax_like(name: str, largest: bool, text: str):
    def amax(input: Array, dim: Ints | None = None, keepdim: bool = False) -> Array:
        if is_complex(input):
            raise not_implemented(f"{name}_cpu", input)
        dims = axes(dim, input.ndim)
        _no_elements(name, input, dims, not dim)
        return _even_extreme(input, dims, keepdim, largest)

    amax.__name__, amax.__doc__ = name, text
    made = op(amax, scope=None, method=False)
    return overloaded(made, name=name, out=(_out.of_input,))


amax = _amax_like("amax", True, "The maximum over dimensions; ties share gradients.")
amin = _amax_like("amin", False, "The minimum over dimensions; ties share gradients.")


@overloaded(out=(_out.exact,))
@op(scope=None, method=False, returns=("min", "max"))
def aminmax(input: Array, *, dim: int | None = None, keepdim: bool = False) -> tuple:
    """The minimum and the maximum."""
    dims = axes(None if dim is None else (dim,), input.ndim)
    if dim is None and input.size == 0:
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the "
            "operation has no identity."
        )
    for d in dims:
        if input.shape[d] == 0:
            raise IndexError(
                f"aminmax: Expected reduction dim {d} to have non-zero size."
            )
    low = _even_extreme(input, dims, keepdim, False)
    return low, _even_extreme(input, dims, keepdim, True)


def _place(x, dim: int, largest: bool):
    """The index of the first extreme along ``dim``; NaN counts as the extreme."""
    return (jnp.argmax if largest else jnp.argmin)(x, axis=dim).astype(jnp.int64)


def _pick(x, index, dim: int):
    return jnp.take_along_axis(x, jnp.expand_dims(index, dim), axis=dim).squeeze(dim)


def _along(name: str, largest: bool):
    def along(input: Array, dim: int, keepdim: bool) -> tuple:
        if is_complex(input):
            raise not_implemented(f"{name}_cpu", input)
        d = wrap_dim(dim, input.ndim)
        if input.ndim == 0:
            return input, jnp.zeros((), jnp.int64)
        _no_elements(name, input, (d,))
        index = _place(input, d, largest)
        values = _pick(input, index, d)
        if keepdim:
            values, index = jnp.expand_dims(values, d), jnp.expand_dims(index, d)
        return values, index

    along.__name__ = name
    return op(along, scope=None, method=False, returns=("values", "indices"), out=True)


def _total(name: str, largest: bool):
    def total(input: Array) -> Array:
        if is_complex(input):
            raise not_implemented(f"{name}_all", input)
        if input.size == 0:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() "
                "== 0. Specify the reduction dim with the 'dim' argument."
            )
        return _even_extreme(input, tuple(range(input.ndim)), False, largest)

    total.__name__ = name
    return op(total, scope=None, method=False, backward=f"{name.capitalize()}Backward1")


def _overloads(name: str, largest: bool, pairwise):
    along, total = _along(name, largest), _total(name, largest)

    def function(input, dim=None, keepdim=False, *, other=None, out=None, axis=None):
        dim = axis if dim is None else dim
        if isinstance(input, (bool, int, float)):
            kinds = ", ".join(
                "Tensor" if isinstance(x, TensorBase) else type(x).__name__
                for x in (input, dim)
                if x is not None
            )
            raise TypeError(
                f"{name}() received an invalid combination of arguments - got "
                f"({kinds}), but expected a Tensor first"
            )
        other = dim if isinstance(dim, TensorBase) else other
        if other is not None:
            return pairwise(input, other, out=out)
        if dim is None:
            result = total(input)
            return result if out is None else into(out, result)
        return along(input, dim, bool(keepdim), out=out)

    function.__name__ = name
    function.__doc__ = f"The {name}imum: of all, along ``dim``, or of two tensors."
    return overloaded(function, name=name)


max = _overloads("max", True, binary.maximum)
min = _overloads("min", False, binary.minimum)


def _arg(name: str, largest: bool):
    def arg(input: Array, dim: int | None = None, keepdim: bool = False) -> Array:
        if is_complex(input):
            raise not_implemented(f"{name}_cpu", input)
        if is_bool(input):
            raise RuntimeError(f"{name}(): does not support bool input")
        if dim is None:
            if input.size == 0:
                raise IndexError(
                    f"{name}(): Expected reduction dim to be specified for "
                    "input.numel() == 0."
                )
            made = _place(input.reshape(-1), 0, largest)
            return made.reshape((1,) * input.ndim) if keepdim else made
        d = wrap_dim(dim, input.ndim)
        if input.ndim == 0:
            return jnp.zeros((), jnp.int64)
        _no_elements(name, input, (d,))
        made = _place(input, d, largest)
        return jnp.expand_dims(made, d) if keepdim else made

    arg.__name__ = name
    arg.__doc__ = f"The index of the {name[3:]}imum (the first of equal ones)."
    return op(arg, out=True, differentiable=False)


argmax = _arg("argmax", True)
argmin = _arg("argmin", False)
