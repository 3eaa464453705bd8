"""Reductions and normalisations over the elements where a mask is True.

Masked-out elements are replaced by what changes nothing: 0 in a sum, -inf in a maximum.
The result where everything is masked out is that value, as in PyTorch.
"""

from __future__ import annotations

import builtins
import math

from .. import _dtypes
from .._errors import wrap_dim
from .._limits import iinfo
from .._ops import _registry

_torch = _registry.functions["torch"]
_linalg = _registry.functions["linalg"]
_functional = _registry.functions["nn.functional"]

_WIDENED = frozenset(
    (
        _dtypes.bool_,
        _dtypes.uint8,
        _dtypes.int8,
        _dtypes.int16,
        _dtypes.int32,
    )
)


def _lowest(dtype, name: str):
    if dtype.is_floating_point or (dtype.is_complex and name == "logsumexp"):
        return -math.inf
    return iinfo(dtype).min


def _highest(dtype):
    return math.inf if dtype.is_floating_point else iinfo(dtype).max


def _check_mask(input, mask):
    if mask.dim() > input.dim():
        raise IndexError(
            "_input_mask expected broadcastable mask (got mask dimensionality higher "
            "than of the input)"
        )
    return mask.to(_dtypes.bool_).broadcast_to(input.shape)


def _input_mask(input, *args, mask=None, **kwargs):
    """The mask in the shape of ``input``, as private users of PyTorch ask for it."""
    if mask is None:
        raise ValueError("_input_mask requires explicit mask")
    return _check_mask(input, mask)


_NORMALISING = ("softmax", "log_softmax", "softmin", "normalize", "cumsum", "cumprod")


def _output_mask(op, input, *args, mask=None, dim=None, keepdim=False, **kwargs):
    """Where the result of ``op`` means something: some element of it is not masked."""
    if not callable(op):
        raise ValueError(
            f"_output_mask expected masked operation (got {type(op).__name__} object)"
        )
    seen = _torch["ones_like"](input, dtype=_dtypes.bool_)
    if mask is not None:
        seen = _check_mask(input, mask)
    if op.__name__ in _NORMALISING:
        return seen
    if op.__name__ == "norm":
        args = args[1:]
    for d in reversed(_dims(args[0] if args else dim, input.dim())):
        seen = seen.any(dim=d, keepdim=builtins.bool(keepdim))
    return seen


def _filled(input, mask, value):
    """``input`` with ``value`` where it is masked out."""
    if mask is None:
        return input
    return _torch["masked_fill"](input, ~_check_mask(input, mask), value)


def _dims(dim, rank: int) -> tuple[int, ...]:
    """Dimensions counted from the front; None and () mean all."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(rank)) if rank else (0,)
    dims = []
    for d in (dim,) if isinstance(dim, int) else dim:
        d = wrap_dim(d, rank)
        if d in dims:
            raise RuntimeError(f"dim={d} appears multiple times in the list of dims")
        dims.append(d)
    return tuple(sorted(dims))


def _sum_dtype(input, dtype):
    if dtype is not None:
        return _dtypes.as_dtype(dtype)
    return _dtypes.int64 if input.dtype in _WIDENED else input.dtype


def sum(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The sum over the elements that are not masked out."""
    dtype = _sum_dtype(input, dtype)
    filled = _filled(input, mask, 0)
    return _torch["sum"](
        filled, _dims(dim, input.dim()), builtins.bool(keepdim), dtype=dtype
    )


def prod(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The product over the elements that are not masked out."""
    result = _filled(input, mask, 1).to(_sum_dtype(input, dtype))
    for d in reversed(_dims(dim, input.dim())):
        result = result.prod(dim=d, keepdim=builtins.bool(keepdim))
    return result


def cumsum(input, dim, *, dtype=None, mask=None):
    """The running sum of the elements that are not masked out."""
    dtype = dtype or input.dtype
    return _torch["cumsum"](_filled(input, mask, 0), dim, dtype=dtype).to(dtype)


def cumprod(input, dim, *, dtype=None, mask=None):
    """The running product of the elements that are not masked out."""
    dtype = dtype or input.dtype
    return _torch["cumprod"](_filled(input, mask, 1), dim, dtype=dtype).to(dtype)


def amax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The largest of the elements that are not masked out."""
    filled = _filled(input, mask, _lowest(input.dtype, "amax"))
    result = _torch["amax"](filled, _dims(dim, input.dim()), builtins.bool(keepdim))
    return result.to(dtype or input.dtype)


def amin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The smallest of the elements that are not masked out."""
    filled = _filled(input, mask, _highest(input.dtype))
    result = _torch["amin"](filled, _dims(dim, input.dim()), builtins.bool(keepdim))
    return result.to(dtype or input.dtype)


def argmax(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Where the largest element is that is not masked out."""
    filled = _filled(input, mask, _lowest(input.dtype, "argmax"))
    found = _torch["argmax"](filled, dim, builtins.bool(keepdim))
    return found.to(dtype or input.dtype)


def argmin(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """Where the smallest element is that is not masked out."""
    filled = _filled(input, mask, _highest(input.dtype))
    found = _torch["argmin"](filled, dim, builtins.bool(keepdim))
    return found.to(dtype or input.dtype)


def _count(input, dim, keepdim, mask):
    if mask is None:
        mask = _torch["ones"](input.shape, dtype=_dtypes.bool_, device=input.device)
    mask = _check_mask(input, mask)
    return _torch["sum"](mask, _dims(dim, input.dim()), builtins.bool(keepdim))


def mean(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The mean of the elements that are not masked out; nan where there are none."""
    source = "Input" if dtype is None else "Optional"
    dtype = input.dtype if dtype is None else _dtypes.as_dtype(dtype)
    if dtype.category < 2:
        raise ValueError(
            f"mean(): Could not infer output dtype. {source} dtype must be either a "
            f"floating point or complex dtype. Got: {dtype}"
        )
    total = sum(input, dim, keepdim=keepdim, dtype=dtype, mask=mask)
    return total / _count(input, dim, keepdim, mask)


def median(input, dim=-1, *, keepdim=False, dtype=None, mask=None):
    """The median of the elements that are not masked out."""
    dtype = dtype or input.dtype
    dim = wrap_dim(dim, input.dim())
    is_float = input.dtype.is_floating_point
    values = input if is_float else input.to(_dtypes.float32)
    output = _torch["nanmedian"](_filled(values, mask, math.nan), dim, keepdim).values
    if is_float:
        return output
    if _torch["isnan"](output).any():
        raise ValueError(
            "masked median expects no fully masked out rows if dtype is not floating "
            "point"
        )
    return output.to(dtype)


def logsumexp(input, dim=None, *, keepdim=False, dtype=None, mask=None):
    """log of the sum of exp over the elements that are not masked out."""
    filled = _filled(input, mask, _lowest(input.dtype, "logsumexp"))
    dims = _dims(dim, input.dim())
    return _torch["logsumexp"](filled, dims, keepdim).to(dtype or input.dtype)


def logaddexp(input, other, *, dtype=None, input_mask=None, other_mask=None):
    """log(exp(input) + exp(other)), without what is masked out."""
    first = _filled(input, input_mask, _lowest(input.dtype, "logaddexp"))
    second = _filled(other, other_mask, _lowest(other.dtype, "logaddexp"))
    return _torch["logaddexp"](first, second).to(dtype or input.dtype)


def norm(input, ord=2.0, dim=None, *, keepdim=False, dtype=None, mask=None):
    """The vector norm of the elements that are not masked out."""
    value = math.inf if ord == -math.inf else 0
    filled = _filled(input, mask, value)
    dims = _dims(dim, input.dim())
    keep = builtins.bool(keepdim)
    return _linalg["vector_norm"](filled, ord, dims, keep, dtype=dtype or input.dtype)


def normalize(input, ord, dim, *, eps=1e-12, dtype=None, mask=None):
    """``input`` divided by its norm along ``dim``."""
    size = norm(input, ord, dim, keepdim=True, dtype=dtype, mask=mask)
    least = _torch["full"]([], eps, dtype=size.dtype, device=size.device)
    return _filled(input, mask, 0) / _torch["maximum"](size, least)


def _variance(input, dim, unbiased, correction, keepdim, dtype, mask, root: bool):
    if unbiased is not None and correction is not None:
        raise AssertionError("Only one of unbiased and correction may be given")
    if correction is None:
        correction = 0.0 if unbiased is False else 1.0
    dtype = input.dtype if dtype is None else _dtypes.as_dtype(dtype)
    dtype = dtype if dtype.category >= 2 else _dtypes.float32
    count = _count(input, dim, True, mask)
    total = sum(input, dim, keepdim=True, dtype=dtype, mask=mask)
    x = input - total / count
    total = sum(x * x.conj(), dim, keepdim=keepdim, dtype=dtype, mask=mask)
    count = count.reshape(total.shape)
    if correction != 0:
        count = count.to(dtype.to_real()) - float(correction)
        count = _torch["maximum"](count, _torch["zeros_like"](count))
    result = (total / count).to(dtype)
    return _torch["sqrt"](result) if root else result


def var(
    input,
    dim=None,
    unbiased=None,
    *,
    correction=None,
    keepdim=False,
    dtype=None,
    mask=None,
):
    """The variance of the elements that are not masked out."""
    options = (dim, unbiased, correction, keepdim, dtype, mask)
    return _variance(input, *options, False)


def std(
    input,
    dim=None,
    unbiased=None,
    *,
    correction=None,
    keepdim=False,
    dtype=None,
    mask=None,
):
    """The standard deviation of the elements that are not masked out."""
    options = (dim, unbiased, correction, keepdim, dtype, mask)
    return _variance(input, *options, True)


def _spread(name: str, function: str, value, text: str):
    def normalise(input, dim, *, dtype=None, mask=None):
        filled = _filled(input, mask, value(input.dtype))
        dim = wrap_dim(dim, input.dim())
        return _functional[function](filled, dim, dtype=dtype or input.dtype)

    normalise.__name__ = normalise.__qualname__ = name
    normalise.__doc__ = text
    return normalise


def _least(dtype):
    return _lowest(dtype, "amax")


softmax = _spread("softmax", "softmax", _least, "Softmax without what is masked out.")
log_softmax = _spread(
    "log_softmax", "log_softmax", _least, "log of softmax without what is masked out."
)
softmin = _spread("softmin", "softmin", _highest, "Softmax of the negated elements.")
