"""``torch.autograd.functional``: products with Jacobians and Hessians, and they."""

from __future__ import annotations

from ..func._forward import jvp as _push
from ..func._jacobian import _rows, _shape
from ..func._reverse import _variables, ones, pull, zeros
from ..func._tree import unflatten
from .engine import filled
from .grad_mode import mode
from .graph import edge_of
from .levels import GradLevel
from .variable import TensorBase


def _tuple(x, what: str, function: str) -> tuple:
    """``x`` as a tuple of tensors; PyTorch's error for anything else."""
    text = f"The {what} given to {function} must be either a Tensor or a tuple of "
    if isinstance(x, TensorBase):
        return (x,)
    if not isinstance(x, tuple):
        name = {"inputs": "inputs", "outputs of the user-provided function": "outputs"}
        raise TypeError(
            f"{text}Tensors but the given {name.get(what, what)} has type {type(x)}."
        )
    for i, item in enumerate(x):
        if not isinstance(item, TensorBase):
            raise TypeError(
                f"{text}Tensors but the value at index {i} has type {type(item)}."
            )
    return x


_OUTPUTS = "outputs of the user-provided function"


def _like(x, items):
    return items[0] if isinstance(x, TensorBase) else tuple(items)


def _result(x, items, create_graph: bool):
    """Results in the shape of ``x``, off the graph unless it is wanted."""
    return _like(x, [t if create_graph else t.detach() for t in items])


def _vector(v, wanted, function: str) -> tuple:
    """The vector of a product, checked against what it multiplies."""
    v = _tuple(v, "v", function)
    if len(v) != len(wanted):
        if len(wanted) == 1:
            raise RuntimeError("The given v should contain a single Tensor.")
        raise RuntimeError(
            f"v is a tuple of invalid length: should be {len(wanted)} but got {len(v)}."
        )
    for i, (a, b) in enumerate(zip(v, wanted, strict=True)):
        if a.shape != b.shape:
            where = f"Entry {i} in " if len(wanted) > 1 else ""
            raise RuntimeError(
                f"{where}v has invalid size: should be {b.size()} but got {a.size()}."
            )
    return v


def _default(v, tensors, text: str, function: str) -> tuple:
    if v is not None:
        return _vector(v, tensors, function)
    if len(tensors) != 1 or tensors[0].numel() != 1:
        raise RuntimeError(f"The vector v can only be None if the {text}")
    return (ones(tensors[0]),)


_ONE_OUTPUT = "user-provided function returns a single Tensor with a single element."
_ONE_INPUT = (
    "input to the user-provided function is a single Tensor with a single element."
)


def _traced(func, inputs, function: str):
    """Run ``func`` on a level of its own: level, leaves, outputs, what it returned."""
    with GradLevel() as level:
        mode.enabled = True
        leaves, spec = _variables(level, inputs)
        given = func(*unflatten(spec, leaves))
        outputs = _tuple(given, _OUTPUTS, function)
    return level, leaves, outputs, given


def _require(level, outputs, leaves) -> None:
    """``strict``: every output depends on every input."""
    for i, out in enumerate(outputs):
        if edge_of(out) is None:
            raise RuntimeError(
                f"Output {i} of the user-provided function does not require gradients. "
                "The outputs must be computed in a differentiable manner from the "
                "input when running in strict mode."
            )
    for i, leaf in enumerate(leaves):
        if not all(_depends(out, leaf) for out in outputs):
            raise RuntimeError(
                "The output of the user-provided function is independent of input "
                f"{i}. This is not allowed in strict mode."
            )


def _depends(out, leaf) -> bool:
    stack, seen = [edge_of(out)[0]], set()
    while stack:
        target = stack.pop()
        if target is leaf:
            return True
        if isinstance(target, TensorBase) or target in seen:
            continue
        seen.add(target)
        stack += [edge[0] for edge in target.edges if edge is not None]
    return False


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """The outputs of ``func`` and ``v`` times its Jacobian."""
    entries = _tuple(inputs, "inputs", "vjp")
    level, leaves, outputs, given = _traced(func, entries, "vjp")
    if strict:
        _require(level, outputs, leaves)
    v = _default(v, outputs, _ONE_OUTPUT, "vjp")
    grads = pull(level, outputs, leaves, v)
    outputs = [level.content(o) for o in outputs]
    return _result(given, outputs, create_graph), _result(inputs, grads, create_graph)


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """The outputs of ``func`` and its Jacobian times ``v``."""
    entries = _tuple(inputs, "inputs", "jvp")
    v = _default(v, entries, _ONE_INPUT, "jvp")
    if strict:
        level, leaves, outputs, _ = _traced(func, entries, "jvp")
        _require(level, outputs, leaves)

    def checked(*args):
        given = func(*args)
        _tuple(given, _OUTPUTS, "jvp")
        return given

    outputs, derivative = _push(checked, entries, v)
    return tuple(
        _result(x, _tuple(x, _OUTPUTS, "jvp"), create_graph)
        for x in (outputs, derivative)
    )


def jacobian(
    func,
    inputs,
    create_graph=False,
    strict=False,
    vectorize=False,
    strategy="reverse-mode",
):
    """The Jacobian of ``func``: output shape, then input shape.

    All rows are computed at once, whatever ``vectorize`` and ``strategy`` say.
    """
    entries = _tuple(inputs, "inputs", "jacobian")
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If '
            'your function has more outputs than inputs, "forward-mode" tends to be '
            "more performant. Otherwise, prefer to use reverse-mode."
        )
    if vectorize and strict:
        raise RuntimeError(
            "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` "
            "are not supported together. Please either set `strict=False` or "
            "`vectorize=False`."
        )
    level, leaves, outputs, given = _traced(func, entries, "jacobian")
    if strict:
        _require(level, outputs, leaves)
    rows = []
    for out in outputs:
        if edge_of(out) is None:
            row = [_no_rows(out, leaf) for leaf in leaves]
        else:
            row = _rows(level, out, leaves, None)
        rows.append(_result(inputs, row, create_graph))
    return rows[0] if isinstance(given, TensorBase) else tuple(rows)


def _no_rows(out, leaf):
    value = zeros(leaf)._value()
    shape = _shape(out) + _shape(leaf)
    return filled(type(value.aval)(shape, value.aval.dtype), value.device, 0)


def _scalar(func, function: str):
    """``func`` checked to return one number."""

    def checked(*args):
        out = func(*args)
        if not isinstance(out, TensorBase):
            _tuple(out, _OUTPUTS, function)
            raise RuntimeError(
                f"The function given to {function} should return a single Tensor"
            )
        if out.numel() != 1:
            raise RuntimeError(
                f"The Tensor returned by the function given to {function} should "
                "contain a single element"
            )
        return out.squeeze()

    return checked


def hessian(
    func,
    inputs,
    create_graph=False,
    strict=False,
    vectorize=False,
    outer_jacobian_strategy="reverse-mode",
):
    """The second derivatives of ``func``, which returns one number."""
    _tuple(inputs, "inputs", "hessian")
    scalar = _scalar(func, "hessian")

    def gradient(*args):
        one = isinstance(inputs, TensorBase)
        return jacobian(scalar, args[0] if one else args, True, strict)

    return jacobian(gradient, inputs, create_graph, strict, vectorize)


def _gradient(func, function: str):
    """A function from inputs to the value and the gradients of ``func``."""
    scalar = _scalar(func, function)

    def gradient(*args):
        level, leaves, (out,), _ = _traced(scalar, args, function)
        return (level.content(out), *pull(level, [out], leaves, [ones(out)]))

    return gradient


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """The value of ``func`` and ``v`` times its Hessian."""
    entries = _tuple(inputs, "inputs", "vhp")
    v = _default(v, entries, _ONE_INPUT, "vhp")
    gradient = _gradient(func, "vhp")
    level, leaves, (out, *grads), _ = _traced(gradient, entries, "vhp")
    if strict:
        _require(level, [out], leaves)
    product = pull(level, grads, leaves, v)
    value = level.content(out)
    return value if create_graph else value.detach(), _result(
        inputs, product, create_graph
    )


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """The value of ``func`` and its Hessian times ``v``."""
    entries = _tuple(inputs, "inputs", "hvp")
    v = _default(v, entries, _ONE_INPUT, "hvp")
    gradient = _gradient(func, "hvp")
    if strict:
        level, leaves, (out, *_), _ = _traced(gradient, entries, "hvp")
        _require(level, [out], leaves)
    (out, *_), (_, *product) = _push(gradient, entries, v)
    return out if create_graph else out.detach(), _result(inputs, product, create_graph)
