"""Make the Python functions users call from an op's signature.

The source is generated, as dataclasses do it, so that a call binds its arguments at
the interpreter's own speed and wrong arguments get Python's own checks.
"""

from __future__ import annotations

import inspect
import operator

from .. import _dtypes
from .._engine.infer import UnsupportedOperand
from ..autograd import short
from ..autograd.variable import TensorBase
from ..autograd.views import apply_view
from . import _intercept, _write
from ._results import result_type

_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "x2": "other"}
_EMPTY = inspect.Parameter.empty


def _ints(x):
    if x is None:
        return None
    if isinstance(x, (tuple, list)):
        return tuple([operator.index(i) for i in x])
    return (operator.index(x),)


def _index(x):
    return None if x is None else operator.index(x)


def _float(x):
    return None if x is None else float(x)


def _dtype(x):
    return None if x is None else _dtypes.as_dtype(x)


_NORMALISE = {
    "int": "_index({})",
    "int | None": "_index({})",
    "Ints": "_ints({})",
    "Ints | None": "_ints({})",
    "float": "_float({})",
    "float | None": "_float({})",
    "Dtype": "_dtype({})",
    "Dtype | None": "_dtype({})",
}


def _elide(x, default):
    """``...`` for a number that is the parameter's default: no traced input then."""
    return ... if x.__class__ is default.__class__ and x == default else x


def _tensors(x, name: str, argument: str, position: int) -> tuple:
    if isinstance(x, TensorBase):
        raise TypeError(
            f"{name}(): argument '{argument}' (position {position}) must be tuple of "
            "Tensors, not Tensor"
        )
    return tuple(x)


def _operand(op, name: str, parameter) -> str:
    kind = op.parameters[name]
    if kind == "Index":
        return f"_index({name})"
    if kind.startswith("Scalar") and isinstance(
        parameter.default, (bool, int, float, complex)
    ):
        return f"_elide({name}, _default_{name})"
    return f"*{name}" if kind == "Arrays" else name


def _call(op, parameters) -> tuple[str, list[str]]:
    """Source of the static tuple and of each operand."""
    static = [_NORMALISE.get(op.parameters[n], "{}").format(n) for n in op.static] + [
        f"len({n})" for n in op.variadic
    ]
    operands = [_operand(op, n, parameters[n]) for n in op.dynamic]
    return _tuple(static), operands


def _tuple(items: list[str]) -> str:
    return "(" + "".join(item + ", " for item in items) + ")"


def _signature(parameters, extra: list[str]) -> tuple[str, dict]:
    parts, defaults, keyword_only = [], {}, False
    for p in parameters.values():
        if p.kind is p.KEYWORD_ONLY and not keyword_only:
            parts.append("*")
            keyword_only = True
        if p.default is _EMPTY:
            parts.append(p.name)
        else:
            defaults[f"_default_{p.name}"] = p.default
            parts.append(f"{p.name}=_default_{p.name}")
    if extra and not keyword_only:
        parts.append("*")
    return ", ".join([*parts, *extra, "**names"]), defaults


def _compile(op, name: str, source: str, values: dict):
    namespace = {
        "_op": op,
        "_apply": short.call_all,
        "_view": apply_view,
        "_call": short.call,
        "_ints": _ints,
        "_index": _index,
        "_float": _float,
        "_dtype": _dtype,
        "_elide": _elide,
        "_tensors": _tensors,
        "_rename": _rename,
        "_Unsupported": UnsupportedOperand,
        "_refused": _refused,
        "_into": _write.into,
        "_inplace": _write.inplace,
        **values,
    }
    exec(compile(source, f"<torchlike {name}>", "exec"), namespace)
    made = namespace[name]
    made.__doc__ = op.function.__doc__
    made.__module__ = "torch"
    made.op = op
    return made


def _body(op, name: str, signature: str, action: str) -> str:
    parameters = inspect.signature(op.function).parameters
    positions = {n: i for i, n in enumerate(parameters, 1)}
    variadic = "".join(
        f"    {n} = _tensors({n}, {name!r}, {n!r}, {positions[n]})\n"
        for n in op.variadic
    )
    static, operands = _call(op, parameters)
    places = {
        "static": static,
        "operands": _tuple(operands),
        "one": _one_result(op, static, operands),
    }
    guard = f"        _op.guard({_tuple(operands)}, {static})\n" if op.guard else ""
    return (
        f"def {name}({signature}):\n"
        f"    if names:\n"
        f"        return _rename({name}, locals(), names)\n"
        f"{variadic}"
        f"    try:\n"
        f"{guard}"
        f"        {action.format(**places)}\n"
        f"    except _Unsupported as error:\n"
        f"        operands = {_tuple(operands)}\n"
        f"        return _refused(_op, {name}, locals(), operands, error)\n"
    )


def _one_result(op, static: str, operands: list[str]) -> str:
    """Source of a call that returns one tensor."""
    arguments = ", ".join(["_op", static, *operands])
    return f"{'_view' if op.view else '_call'}({arguments})"


def function(op, *, out: bool, returns, inplace_flag: bool = False):
    """The function form: ``torch.add(input, other, *, alpha=1, out=None)``.

    With ``inplace_flag`` it also takes ``inplace=False``, as activations do.
    """
    parameters = inspect.signature(op.function).parameters
    extra = ["out=None"] if out else ["inplace=False"] if inplace_flag else []
    signature, defaults = _signature(parameters, extra)
    if inplace_flag:
        signature = signature.replace("*, inplace", "inplace")
    values = dict(defaults)
    result = "_apply(_op, {static}, {operands})"
    if inplace_flag:
        action = (
            "if inplace:\n            return _inplace(_op, {static}, {operands})\n"
            "        result = {one}"
        )
    elif returns:
        values["_Result"] = result_type(op.name, returns)
        action = f"result = _Result(*{result})"
    elif returns == ():
        action = f"result = tuple({result})"
    else:
        action = "result = {one}"
    tail = "    return result if out is None else _into(out, result)\n"
    source = _body(op, op.name, signature, action)
    return _compile(
        op, op.name, source + (tail if out else "    return result\n"), values
    )


def inplace(op):
    """The in-place form: ``x.add_(other, *, alpha=1)``."""
    parameters = inspect.signature(op.function).parameters
    signature, defaults = _signature(parameters, [])
    name = op.name + "_"
    action = "return _inplace(_op, {static}, {operands})"
    return _compile(op, name, _body(op, name, signature, action), defaults)


def varargs_method(op, public, parameter: str):
    """The method form that takes ``x.view(2, 3)`` as well as ``x.view((2, 3))``."""
    first = op.dynamic[0]
    if list(op.parameters)[1] != parameter:
        raise ValueError(f"{op.name}: {parameter} must be the second parameter")

    def method(self, *args, **kwargs):
        if not args:
            return public(self, **kwargs)
        if len(args) == 1 and not isinstance(args[0], (int, TensorBase)):
            return public(self, args[0], **kwargs)
        return public(self, args, **kwargs)

    method.__name__ = op.name
    method.__doc__ = public.__doc__
    method.op = op
    method.first = first
    return method


def _rename(made, bound: dict, names: dict):
    """Call again with NumPy's argument names changed to PyTorch's."""
    parameters = inspect.signature(made).parameters
    arguments = {
        n: bound[n]
        for n, p in parameters.items()
        if n != "names" and bound[n] is not p.default
    }
    for name, value in names.items():
        own = _NUMPY_NAMES.get(name)
        if own not in parameters or own in arguments:
            raise TypeError(
                f"{made.__name__}() got an unexpected keyword argument '{name}'"
            )
        arguments[own] = value
    return made(**arguments)


def _refused(op, made, bound: dict, operands, error: UnsupportedOperand):
    """An operand is no tensor: perhaps its class takes calls over."""
    if not _intercept.met(type(error.args[0])):
        raise _explain(op, made.__name__, operands, error) from None
    args, kwargs = [], {}
    for n, p in inspect.signature(made).parameters.items():
        if p.kind is p.KEYWORD_ONLY and bound[n] is not p.default:
            kwargs[n] = bound[n]
        elif p.kind is p.POSITIONAL_OR_KEYWORD:
            args.append(bound[n])
    return made(*args, **kwargs)


def _explain(op, name: str, operands, error: UnsupportedOperand) -> TypeError:
    wrong = error.args[0]
    for i, parameter in enumerate(op.dynamic):
        if i < len(operands) and operands[i] is wrong:
            wanted = "Tensor"
            if op.parameters[parameter].startswith("Scalar"):
                wanted = "Number"
            return TypeError(
                f"{name}(): argument '{parameter}' (position {i + 1}) must be "
                f"{wanted}, not {type(wrong).__name__}"
            )
    return TypeError(
        f"{name}(): expected Tensor or Number, but got {type(wrong).__name__}"
    )
