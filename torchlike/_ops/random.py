"""Random factories: rand, randn, randint, randperm and the ``*_like`` forms."""

from __future__ import annotations

from .. import _dtypes
from . import _device_random as on_device
from . import _fills, _write
from . import _random_checks as check
from ._draw import draw, place_of, target
from ._fill_order import memory_order
from ._fills import Site
from ._op import composite


def site_of(shape, out, dtype, device, generator, default) -> Site:
    if out is not None:
        return Site(shape, dtype or _dtype(out), place_of(out), generator)
    kind = default if dtype is None else _dtypes.as_dtype(dtype)
    return Site(shape, kind, target(device), generator)


def _dtype(tensor) -> _dtypes.dtype:
    return tensor._value().aval.dtype


def finish(result, out, requires_grad: bool):
    if out is not None:
        result = _write.into(out, result)
    if requires_grad:
        if _dtype(result).category < 2:
            raise RuntimeError(
                "Only Tensors of floating point and complex dtype can require gradients"
            )
        result._requires_grad = True
    return result


def _factory(name: str, fill, text: str):
    def function(
        *args,
        size=None,
        generator=None,
        out=None,
        dtype=None,
        layout=None,
        device=None,
        requires_grad=False,
        pin_memory=False,
    ):
        shape = check.sizes(name, args, size)
        default = _dtypes.get_default_dtype()
        site = site_of(shape, out, dtype, device, generator, default)
        return finish(fill(site), out, requires_grad)

    source = f"https://pytorch.org/docs/stable/generated/torch.{name}.html"
    function.__name__ = name
    function.__doc__ = f"{text}\n\n    **Source** {source}\n    "
    return composite(function)


rand = _factory("rand", _fills.uniform, "Uniform numbers in [0, 1).")
randn = _factory("randn", _fills.normal, "Normal numbers of mean 0 and variance 1.")


@composite
def randint(
    *args,
    low=None,
    high=None,
    size=None,
    generator=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """``randint(low=0, high, size)``: integers in [low, high).

    **Source** https://pytorch.org/docs/stable/generated/torch.randint.html
    """
    numbers, size = _split_size("randint", list(args), size)
    low, high = _bounds("randint", numbers, low, high)
    site = site_of(size, out, dtype, device, generator, _dtypes.int64)
    return finish(_fills.integers(site, low, high), out, requires_grad)


def _split_size(name, args, size):
    """The sizes stand behind the numbers, or are named."""
    if size is None:
        if not args or hasattr(args[-1], "__index__"):
            raise TypeError(
                f"{name}() received an invalid combination of arguments: size, a "
                "tuple of ints, is missing"
            )
        size = args.pop()
    return args, check.sizes(name, (tuple(size),), None)


def _bounds(name, numbers, low, high):
    """``(high)`` or ``(low, high)``, by position or by name."""
    if len(numbers) == 2:
        low, high = numbers
    elif len(numbers) == 1:
        low, high = (numbers[0], high) if high is not None else (low, numbers[0])
    if high is None or len(numbers) > 2:
        raise TypeError(f"{name}() received an invalid combination of arguments")
    low = 0 if low is None else check.integer(name, "low", 1, low)
    return low, check.integer(name, "high", len(numbers) or 1, high)


@composite
def randperm(
    n,
    *,
    generator=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """A random order of 0 … n - 1.

    **Source** https://pytorch.org/docs/stable/generated/torch.randperm.html
    """
    n = check.integer("randperm", "n", 1, n)
    check.check_size((n,))
    site = site_of((n,), out, dtype, device, generator, _dtypes.int64)
    _check_permutation(n, site.dtype)
    result = draw(
        *(site.place, site.generator, site.shape, site.dtype),
        lambda g: g.permutation(n, site.dtype),
        on_device.permutation,
    )
    return finish(result, out, requires_grad)


def _check_permutation(n: int, dtype: _dtypes.dtype) -> None:
    name = _dtypes.scalar_type_name(dtype)
    if dtype is _dtypes.bool_ or dtype.is_complex or dtype.name in check.UNSIGNED:
        raise check.not_implemented("randperm", dtype)
    most = check.largest(dtype) + dtype.is_floating_point
    if n > most:
        if dtype.is_floating_point:
            raise RuntimeError(f"n cannot be greater than {most} for {name} type.")
        raise RuntimeError(
            f"value cannot be converted to type {dtype.name}_t without overflow"
        )


# ----- like another tensor -----------------------------------------------------------


def _site_like(input, dtype, device, generator, memory_format) -> Site:
    value = input._value()
    kind = value.aval.dtype if dtype is None else _dtypes.as_dtype(dtype)
    place = value.device if device is None else target(device)
    keeps = memory_format is None or "preserve" in str(memory_format)
    order = memory_order(input) if keeps else None
    return Site(value.aval.shape, kind, place, generator, order, order is None)


def _like(name: str, fill, text: str):
    def function(
        input,
        *,
        generator=None,
        dtype=None,
        layout=None,
        device=None,
        requires_grad=False,
        memory_format=None,
        pin_memory=False,
    ):
        site = _site_like(input, dtype, device, generator, memory_format)
        return finish(fill(site), None, requires_grad)

    function.__name__ = name
    function.__doc__ = text + " in the shape, dtype and device of ``input``."
    return composite(function)


rand_like = _like("rand_like", _fills.uniform, "Uniform numbers in [0, 1)")
randn_like = _like("randn_like", _fills.normal, "Normal numbers")


@composite
def randint_like(
    input,
    *args,
    low=None,
    high=None,
    generator=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
):
    """``randint_like(input, low=0, high)``: integers in [low, high)."""
    low, high = _bounds("randint_like", list(args), low, high)
    site = _site_like(input, dtype, device, generator, memory_format)
    return finish(_fills.integers(site, low, high), None, requires_grad)
