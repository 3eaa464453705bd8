"""``vmap``: a function of one example made a function of a batch of them."""

from __future__ import annotations

import functools

from .._ops import join, views
from ..autograd.batching import BatchLevel
from ..autograd.variable import TensorBase, wrap
from ._tree import flatten, spread, unflatten

_RANDOMNESS = ("error", "different", "same")


def _name(function) -> str:
    return getattr(function, "__name__", None) or repr(function)


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """``func`` mapped over a dimension of its inputs (``in_dims``; None: not mapped).

    ``out_dims`` is where the mapped dimension stands in the outputs; ``randomness``
    ("error", "different", "same") is what random operations do; ``chunk_size`` limits
    how many entries are computed at once. Keywords are mapped over dimension 0.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.vmap.html
    """
    if randomness not in _RANDOMNESS:
        raise RuntimeError(
            "Only allowed values for randomness are 'error', 'different', or 'same'. "
            f"Got {randomness}"
        )
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(
            f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})"
        )

    @functools.wraps(func)
    def mapped(*args, **kwargs):
        entries, spec, dims = _entries(func, in_dims, args, kwargs)
        size = _size(func, in_dims, entries, dims)
        fronted = _to_front(entries, dims)
        if chunk_size is None or size <= chunk_size:
            return _run(func, fronted, dims, spec, size, out_dims, randomness)
        parts = []
        for start in range(0, size, chunk_size):
            n = min(chunk_size, size - start)
            part = _part(fronted, dims, start, n)
            parts.append(_run(func, part, dims, spec, n, out_dims, randomness))
        return _joined(func, parts, out_dims)

    return mapped


def _entries(func, in_dims, args, kwargs):
    """The flat inputs, their structure and the mapped dimension of each."""
    text = f"vmap({_name(func)}, in_dims={in_dims}, ...)(<inputs>): "
    if not isinstance(in_dims, (int, tuple, list)) and in_dims is not None:
        raise ValueError(
            f"{text}expected `in_dims` to be int or a (potentially nested) tuple "
            f"matching the structure of inputs, got: {type(in_dims)}."
        )
    entries, spec = flatten((args, kwargs))
    if not entries:
        raise ValueError(
            f"vmap({_name(func)})(<inputs>): got no inputs. Maybe you forgot to add "
            "inputs, or you are trying to vmap over a function with no inputs. The "
            "latter is unsupported."
        )
    dims = spread(in_dims, args)
    if dims is None:
        raise ValueError(
            f"{text}in_dims is not compatible with the structure of `inputs`. in_dims "
            f"has structure {flatten(in_dims)[1]} but inputs has structure "
            f"{flatten(args)[1]}."
        )
    dims += [0] * (len(entries) - len(dims))
    return entries, spec, [_dim(text, x, d) for x, d in zip(entries, dims, strict=True)]


def _dim(text: str, x, dim):
    if dim is None:
        return None
    if not isinstance(dim, int):
        raise ValueError(
            f"{text}Got in_dim={dim} for an input but in_dim must be either an integer "
            "dimension or None."
        )
    if not isinstance(x, TensorBase):
        raise ValueError(
            f"{text}Got in_dim={dim} for an input but the input is of type {type(x)}. "
            "We cannot vmap over non-Tensor arguments, please use None as the "
            "respective in_dim"
        )
    n = x.dim()
    if not -n <= dim < n:
        raise ValueError(
            f"{text}Got in_dim={dim} for some input, but that input is a Tensor of "
            f"dimensionality {n} so expected in_dim to satisfy -{n} <= in_dim < {n}."
        )
    return dim % n


def _size(func, in_dims, entries, dims) -> int:
    sizes = {
        x._value().aval.shape[d]: None
        for x, d in zip(entries, dims, strict=True)
        if d is not None
    }
    if not sizes:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if len(sizes) > 1:
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, "
            f"got sizes {list(sizes)} for the mapped dimension"
        )
    return next(iter(sizes))


def _to_front(entries, dims) -> list:
    return [
        views.movedim(x, d, 0) if d else x for x, d in zip(entries, dims, strict=True)
    ]


def _part(entries, dims, start: int, n: int) -> list:
    return [
        x if d is None else views.narrow(x, 0, start, n)
        for x, d in zip(entries, dims, strict=True)
    ]


def _run(func, entries, dims, spec, size, out_dims, randomness):
    with BatchLevel(size, randomness) as level:
        inputs = [
            x if d is None else wrap(level.batch(x))
            for x, d in zip(entries, dims, strict=True)
        ]
        args, kwargs = unflatten(spec, inputs)
        outputs = func(*args, **kwargs)
    return _unwrap(func, level, outputs, out_dims)


def _out_dims(func, out_dims, outputs) -> list:
    dims = spread(out_dims, outputs)
    if dims is None and isinstance(out_dims, tuple) and len(out_dims) == 1:
        dims = spread(out_dims[0], outputs)
    if dims is None:
        raise ValueError(
            f"vmap({_name(func)}, ..., out_dims={out_dims})(<inputs>): out_dims is not "
            "compatible with the structure of `outputs`. out_dims has structure "
            f"{flatten(out_dims)[1]} but outputs has structure {flatten(outputs)[1]}."
        )
    if not all(d is None or isinstance(d, int) for d in dims):
        raise ValueError(
            f"vmap({_name(func)}, ..., out_dims={out_dims}): `out_dims` must be an "
            "int, None or a python collection of ints representing where in "
            "the outputs the vmapped dimension should appear."
        )
    return dims


def _unwrap(func, level, outputs, out_dims):
    leaves, spec = flatten(outputs)
    dims = _out_dims(func, out_dims, outputs)
    return unflatten(
        spec,
        [_output(func, level, x, d) for x, d in zip(leaves, dims, strict=True)],
    )


def _output(func, level, x, dim):
    name = _name(func)
    if not isinstance(x, TensorBase):
        if dim is None:
            return x
        raise ValueError(
            f"vmap({name}, ...): `{name}` must only return Tensors, got type "
            f"{type(x)}. Did you mean to set out_dims= to None for output?"
        )
    value = x._value()
    batched = level.holds(value) and value.tag
    content = level.content(x)
    if dim is None:
        if batched:
            raise ValueError(
                f"vmap({name}, ...): `{name}` can not return a BatchedTensor when "
                "out_dim is None"
            )
        return content
    if not batched:
        content = views.expand(content, (level.size, *value.aval.shape))
    return views.movedim(content, 0, dim) if dim else content


def _joined(func, parts, out_dims):
    dims = _out_dims(func, out_dims, parts[0])
    flat = [flatten(p)[0] for p in parts]
    spec = flatten(parts[0])[1]
    leaves = [
        column[0] if d is None else join.cat(list(column), d)
        for d, column in zip(dims, zip(*flat, strict=True), strict=True)
    ]
    return unflatten(spec, leaves)
