"""The decorators that turn a pure JAX function into PyTorch's forms of an op.

``@op`` and ``@pointwise`` read the annotations of the function they decorate:

| annotation | meaning |
| --- | --- |
| ``Array``, ``Array | None`` | a tensor: a traced input |
| ``Arrays`` | a sequence of tensors |
| ``Scalar``, ``Scalar | None`` | a number (or 0-d tensor), traced |
| ``Index`` | an int, traced, handed over as a 0-d int64 array |
| anything else | static: part of the program, hashable |

See docs/adding_an_op.md.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

from .. import _dtypes
from .._engine import Nameless, Number
from .._errors import broadcast_shapes
from . import _codegen, _promote, _registry

Array = object
Arrays = object
Scalar = object
Index = object
Ints = object
Dtype = object

_DYNAMIC = ("Array", "Array | None", "Arrays", "Scalar", "Scalar | None", "Index")


class Op:
    """A pure function with what the engine, autograd and the API must know of it.

    The engine calls ``run(operands, static)``: the operands in the order of the
    dynamic parameters (sequences laid flat), the static arguments in theirs.
    """

    view = False
    overlaps = False  # a view that may show one element twice
    write: Op | None = None
    strides = None
    on_host = None
    # Of an op that joins equal arrays: the same of an array they are the rows of.
    joined: Callable | None = None
    # Of an op of one tensor that keeps its result for the backward, not the tensor: the
    # gradient made of the result, the cotangent and the static arguments.
    by_result: Callable | None = None
    adds = False  # the sum of its operands
    slow_by_numpy = False  # far slower than compiled
    # Of an op that returns its operands anew: the parameters that it does not.
    spent: tuple[str, ...] | None = None
    # Of such one that may be a single call, for which nothing is fused: the parameter
    # that is not empty then.
    at_once: str | None = None

    def __init__(self, function: Callable, *, name, promote, to_float, **flags):
        self.function = function
        self.name = name
        self.parameters = flags.pop("parameters", None) or _parameters(function)
        self.dynamic = [n for n, p in self.parameters.items() if p in _DYNAMIC]
        self.static = [n for n, p in self.parameters.items() if p not in _DYNAMIC]
        self.variadic = [n for n in self.dynamic if self.parameters[n] == "Arrays"]
        self.promote = frozenset(promote)
        self.to_float = to_float
        self.opmath = flags.pop("opmath")
        self.broadcasts = flags.pop("broadcasts")
        self.differentiable = flags.pop("differentiable")
        self.check = flags.pop("check", None)
        self.guard = flags.pop("guard", None)
        named = flags.pop("backward")
        self.grad_rule = named if callable(named) else None
        self._grad_name = named or _camel(name) + "Backward0"

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def stable_name(self) -> str:
        """Its name in every process, if it is one of torchlike's own."""
        module = self.function.__module__
        if module.partition(".")[0] != __name__.partition(".")[0]:
            raise Nameless(repr(self))
        text = f"op {module} {self.function.__qualname__} {self.name}"
        if _named.setdefault(text, self) is not self:
            raise Nameless(repr(self))
        return text

    def grad_name(self) -> str:
        """PyTorch's name of this op's node on the autograd graph."""
        return self._grad_name

    def run(self, operands, static) -> list:
        """Call the function on JAX arrays; apply PyTorch's promotion around it."""
        lengths = static[len(self.static) :]
        arguments = self._bind(operands, lengths)
        self._check(arguments)
        if self.check is not None:
            self.check(arguments)
        result_dtype = compute = None
        if self.broadcasts:
            broadcast_shapes(*(x.shape for x in arguments.values() if _shaped(x)))
        if self.promote:
            promoted = [arguments[n] for n in self.promote if n in arguments]
            result_dtype = _promote.result_dtype(_flat(promoted))
            if self.to_float and result_dtype.category < 2:
                result_dtype = _dtypes.get_default_dtype()
            compute = _promote.opmath(result_dtype) if self.opmath else result_dtype
        arguments = self._cast(arguments, compute)
        arguments.update(zip(self.static, static, strict=False))
        out = self.function(**arguments)
        outs = list(out) if isinstance(out, (tuple, list)) else [out]
        if compute is not result_dtype:
            outs = [_promote.narrow(o, compute, result_dtype) for o in outs]
        return outs

    def join(self, stack, static):
        """The result for operands that lie in one array, along its first dimension."""
        return self.joined(stack, *static[: len(self.static)])

    def renewed(self, static) -> list[int] | None:
        """The place of the operand that each result is the new form of."""
        return None if self.spent is None else self._places(static, spent=False)

    def decisive(self, static) -> int | None:
        """The place, from the end, of a number that all results of an op ``at_once``
        need: the first of its last parameter."""
        lengths = dict(zip(self.variadic, static[len(self.static) :], strict=False))
        return -static[-1] if lengths.get(self.at_once) else None

    def places_spent(self, static) -> list[int]:
        """The places of the operands that hardly anybody reads later."""
        return [] if self.spent is None else self._places(static, spent=True)

    def _places(self, static, spent: bool) -> list[int]:
        places, at, lengths = [], 0, iter(static[len(self.static) :])
        for name in self.dynamic:
            count = next(lengths) if name in self.variadic else 1
            if (name in self.spent) is spent:
                places += range(at, at + count)
            at += count
        return places

    def _bind(self, operands, lengths) -> dict:
        if not self.variadic:
            return {
                n: x
                for n, x in zip(self.dynamic, operands, strict=True)
                if x is not ...
            }
        arguments, operands, lengths = {}, iter(operands), iter(lengths)
        for name in self.dynamic:
            if name in self.variadic:
                arguments[name] = tuple(next(operands) for _ in range(next(lengths)))
            elif (x := next(operands)) is not ...:
                arguments[name] = x
        return arguments

    def _check(self, arguments) -> None:
        for i, name in enumerate(self.dynamic):
            if self.parameters[name] != "Array" or name in self.promote:
                continue
            x = arguments.get(name)
            if isinstance(x, (Number, bool, int)) or x is None:
                kind = x.kind.__name__ if isinstance(x, Number) else type(x).__name__
                raise TypeError(
                    f"{self.name}(): argument '{name}' (position {i + 1}) must be "
                    f"Tensor, not {kind}"
                )

    def _cast(self, arguments: dict, compute) -> dict:
        like = compute or _promote.first_dtype(arguments.values())
        cast = {}
        for name, x in arguments.items():
            kind = self.parameters[name]
            if name in self.promote:
                cast[name] = _promote.cast(x, compute)
            elif kind == "Index":
                cast[name] = x.array if isinstance(x, Number) else x
            elif kind.startswith("Scalar"):
                cast[name] = _promote.cast_scalar(x, like)
            else:
                cast[name] = x
        return cast


_named: dict[str, Op] = {}  # who has a name: two ops must not share one


def _shaped(x) -> bool:
    return hasattr(x, "shape") and not isinstance(x, Number)


def _flat(items):
    for x in items:
        if isinstance(x, tuple):
            yield from x
        else:
            yield x


def _parameters(function) -> dict[str, str]:
    return {
        n: p.annotation if isinstance(p.annotation, str) else ""
        for n, p in inspect.signature(function).parameters.items()
    }


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.strip("_").split("_"))


def op(
    function: Callable | None = None,
    *,
    name: str | None = None,
    scope: str | None = "torch",
    method: bool | str = True,
    inplace: bool = False,
    inplace_flag: bool = False,
    out: bool = False,
    promote: str = "",
    to_float: bool = False,
    opmath: bool = False,
    broadcasts: bool = False,
    differentiable: bool = True,
    backward: str | Callable | None = None,
    returns: tuple[str, ...] | None = None,
    aliases: tuple[str, ...] = (),
    varargs: str | None = None,
    view: bool = False,
    check: Callable | None = None,
    guard: Callable | None = None,
):
    """Declare an op. The decorated name becomes the function on tensors.

    ``scope`` names the public modules that get the function (None: none); ``method``
    makes it a Tensor method; ``inplace_flag`` adds a parameter ``inplace=False``;
    ``promote`` names the parameters brought to their common dtype (``to_float``: at
    least the default float; ``opmath``: half precision is computed in float32 and
    rounded once); ``backward`` is the name of the autograd node, or a function of the
    static arguments (by name) and the plan of the call that gives it; ``returns`` are
    the field names of a multiple result; ``varargs`` is the parameter that methods
    also take as ``x.permute(0, 1)``; ``aliases`` are further names;
    ``view`` is for ``@view_op``;
    ``check(arguments)`` sees the dynamic arguments by name before promotion;
    ``guard(operands, static)`` sees each call's tensors (see ``_bounds``). The ``Op``
    is ``function.op``.
    """

    def decorate(f):
        made = Op(
            f,
            name=name or f.__name__,
            promote=promote.split(),
            to_float=to_float,
            opmath=opmath,
            broadcasts=broadcasts,
            differentiable=differentiable,
            backward=backward,
            check=check,
            guard=guard,
        )
        made.view = view
        public = _codegen.function(
            made, out=out, returns=returns, inplace_flag=inplace_flag
        )
        forms = {"": public}
        if inplace:
            forms["_"] = _codegen.inplace(made)
        as_method = public
        if varargs:
            as_method = _codegen.varargs_method(made, public, varargs)
        for n in (made.name, *aliases):
            _registry.add(n, forms, as_method, scope=scope, method=method)
        return public

    return decorate if function is None else decorate(function)


def pointwise(
    function: Callable | None = None,
    *,
    inplace: bool = True,
    out: bool = True,
    opmath: bool = True,
    promote: str | None = None,
    **options,
):
    """Declare an elementwise op: all its arrays broadcast and share a dtype."""

    def decorate(f):
        names = promote
        if names is None:
            kinds = _parameters(f).items()
            names = " ".join(n for n, kind in kinds if kind.startswith("Array"))
        forms = {"inplace": inplace, "out": out, "opmath": opmath}
        return op(f, promote=names, broadcasts=True, **forms, **options)

    return decorate if function is None else decorate(function)


def view_op(write: Callable, *, strides: Callable | None = None, **options):
    """Declare a view op; ``write(base, new, …)`` puts new contents back in the base.

    The first parameter is the viewed array, the others are static or ``Index``.
    ``strides(shape, strides, offset, …)`` gives the view's shape, strides, offset.
    """

    def decorate(f):
        public = op(f, view=True, **options)
        made = public.op
        made.strides = strides
        if write is not None:
            made.write = _write_op(made, write)
        return public

    return decorate


def _write_op(viewer: Op, write: Callable) -> Op:
    """The op ``write(base, new, …)``; its further parameters are the viewer's."""
    further = list(viewer.parameters.items())[1:]
    return Op(
        write,
        name=viewer.name + "_write",
        parameters={"base": "Array", "new": "Array", **dict(further)},
        promote=(),
        to_float=False,
        opmath=False,
        broadcasts=False,
        differentiable=True,
        backward="CopySlices",
    )


def composite(
    function: Callable | None = None,
    *,
    name: str | None = None,
    scope: str | None = "torch",
    method: bool | str = False,
    aliases: tuple[str, ...] = (),
):
    """Publish a function made of other ops; it is not recorded itself."""

    def decorate(f):
        for n in (name or f.__name__, *aliases):
            _registry.add(n, {"": f}, f, scope=scope, method=method)
        return f

    return decorate if function is None else decorate(function)
