"""Questions about JAX arrays that ops ask, and the errors PyTorch raises for them."""

from __future__ import annotations

import jax.numpy as jnp

from .. import _dtypes


def dtype_of(x) -> _dtypes.dtype:
    """The torchlike dtype of an array."""
    return _dtypes.from_numpy(x.dtype)


def is_complex(x) -> bool:
    """Whether an array is complex."""
    return jnp.issubdtype(x.dtype, jnp.complexfloating)


def is_float(x) -> bool:
    """Whether an array holds real floating numbers."""
    return jnp.issubdtype(x.dtype, jnp.floating)


def is_inexact(x) -> bool:
    """Whether an array holds floating or complex numbers."""
    return jnp.issubdtype(x.dtype, jnp.inexact)


def is_bool(x) -> bool:
    """Whether an array holds booleans."""
    return x.dtype == jnp.bool_


def scalar_name(x) -> str:
    """PyTorch's name of an array's dtype in errors, such as ``Long``."""
    return _dtypes.scalar_type_name(dtype_of(x))


def not_implemented(kernel: str, x) -> NotImplementedError:
    """PyTorch's error for a dtype that a kernel does not take."""
    return NotImplementedError(f"\"{kernel}\" not implemented for '{scalar_name(x)}'")


def real_only(kernel: str, x) -> None:
    """Raise for a complex array."""
    if is_complex(x):
        raise not_implemented(kernel, x)


def float_only(kernel: str, x) -> None:
    """Raise for anything but real floating numbers."""
    if not is_float(x):
        raise not_implemented(kernel, x)


def inexact_only(kernel: str, x) -> None:
    """Raise for integers and booleans."""
    if not is_inexact(x):
        raise not_implemented(kernel, x)


def no_bool(kernel: str, x) -> None:
    """Raise for booleans."""
    if is_bool(x):
        raise not_implemented(kernel, x)


def integers_only(kernel: str, x) -> None:
    """Raise for floating and complex numbers and for booleans."""
    if is_bool(x) or is_inexact(x):
        raise not_implemented(kernel, x)


def _number(x) -> type | None:
    kind = getattr(x, "kind", None) or type(x)
    return kind if kind in (bool, int, float, complex) else None


def tensors_only(name: str):
    """A check that refuses numbers where PyTorch takes only tensors."""

    def check(arguments):
        for i, (key, x) in enumerate(arguments.items()):
            if kind := _number(x):
                raise TypeError(
                    f"{name}(): argument '{key}' (position {i + 1}) must be Tensor, "
                    f"not {kind.__name__}"
                )

    return check


def some_tensor(name: str, first: bool = False):
    """A check that refuses numbers only, or (``first``) a number in the first place."""

    def check(arguments):
        kinds = [_number(x) for x in arguments.values()]
        if all(kinds) or first and kinds[0]:
            given = ", ".join(k.__name__ if k else "Tensor" for k in kinds)
            raise TypeError(
                f"{name}() received an invalid combination of arguments - got "
                f"({given}), but expected a Tensor in place of a number"
            )

    return check


def tensor_first(name: str):
    """A check that refuses a number as the first argument."""
    return some_tensor(name, first=True)


def same_dtype(first, second, name: str) -> None:
    """Raise where PyTorch wants the dtype of the first argument."""
    want, got = dtype_of(first), dtype_of(second)
    if want is not got:
        raise RuntimeError(
            f"expected dtype {short(want)} for `{name}` but got dtype {short(got)}"
        )


_SHORT = {"float32": "float", "float64": "double", "float16": "c10::Half"}
_SHORT |= {"bfloat16": "c10::BFloat16", "int64": "long int", "int32": "int"}
_SHORT |= {"uint8": "unsigned char", "int8": "signed char", "int16": "short int"}
_SHORT |= {"complex64": "c10::complex<float>", "complex128": "c10::complex<double>"}


def short(dtype: _dtypes.dtype) -> str:
    """The C++ name of a dtype, as some errors have it."""
    return _SHORT.get(dtype.name, dtype.name)
