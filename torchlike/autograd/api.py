"""``backward`` and ``grad``: PyTorch's arguments and errors around the engine."""

from __future__ import annotations

from .._engine import before_backward
from . import memo
from .batching import BatchLevel
from .engine import filled, run_again, run_backward
from .graph import edge_of
from .variable import TensorBase, wrap


def _sequence(x) -> tuple:
    return (x,) if isinstance(x, TensorBase) else tuple(x)


def _roots(tensors, grads) -> list:
    before_backward()
    roots = []
    for i, (tensor, grad) in enumerate(zip(tensors, grads, strict=True)):
        aval = (value := tensor._value()).aval
        edge = edge_of(tensor)
        if edge is None:
            raise RuntimeError(
                f"element {i} of tensors does not require grad and does not have a "
                "grad_fn"
            )
        if grad is None:
            if aval.shape and any(n != 1 for n in aval.shape):
                raise RuntimeError(
                    "grad can be implicitly created only for scalar outputs"
                )
            if aval.dtype.category < 2 or aval.dtype.is_complex:
                raise RuntimeError(
                    "grad can be implicitly created only for real scalar outputs but "
                    f"got {aval.dtype}"
                )
            grad = filled(aval, value.device, 1)
        elif grad._value().aval.shape != aval.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{i}] has a shape of "
                f"{_size(grad)} and output[{i}] has a shape of {_size(tensor)}."
            )
        roots.append((*edge, grad))
    return roots


def _size(tensor) -> str:
    return f"torch.Size({list(tensor._value().aval.shape)})"


def _gradients(tensors, grads) -> tuple:
    if grads is None:
        return (None,) * len(tensors)
    grads = _sequence(grads)
    if len(grads) != len(tensors):
        raise RuntimeError(f"got {len(tensors)} tensors and {len(grads)} gradients")
    return grads


def backward(
    tensors,
    grad_tensors=None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables=None,
    inputs=None,
) -> None:
    """Add the gradients of ``tensors`` to ``.grad`` of the leaves.

    ``grad_tensors`` have the shapes of ``tensors`` (None for scalars); ``inputs``
    restricts which leaves accumulate.
    """
    retain = create_graph if retain_graph is None else retain_graph
    tensors = _sequence(tensors)
    plain = len(tensors) == 1 and grad_tensors is None and inputs is None
    plain = plain and not (retain or create_graph)
    if plain and run_again(tensors[0]):
        return
    recorder = memo.recorder(tensors[0]) if plain else None
    roots = _roots(tensors, _gradients(tensors, grad_tensors))
    if inputs is None:
        run_backward(
            roots, retain_graph=retain, create_graph=create_graph, recorder=recorder
        )
        return
    inputs = _sequence(inputs)
    if not inputs:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    found = _capture(roots, inputs, retain, create_graph)
    for i, tensor in enumerate(inputs):
        if i in found:
            have, new = tensor._grad, found[i]
            tensor._grad = new if have is None else have + new


def _capture(roots, inputs, retain_graph, create_graph) -> dict:
    edges = []
    for tensor in inputs:
        edge = edge_of(tensor)
        if edge is None:
            raise RuntimeError(
                "One of the differentiated Tensors does not require grad"
            )
        edges.append(edge)
    captures = {}
    for i, edge in enumerate(edges):
        captures.setdefault(edge, i)
    found = run_backward(
        roots,
        retain_graph=retain_graph,
        create_graph=create_graph,
        captures=captures,
    )
    return {i: found[captures[e]] for i, e in enumerate(edges) if captures[e] in found}


def grad(
    outputs,
    inputs,
    grad_outputs=None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple:
    """The gradients of ``outputs`` with respect to ``inputs``; ``.grad`` stays.

    Raises ``RuntimeError`` for an input the outputs do not depend on, unless
    ``allow_unused`` (then None) or ``materialize_grads`` (then zeros).
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when "
            "materialize_grads=True, but got: allow_unused=False."
        )
    if is_grads_batched:
        return _batched(outputs, inputs, grad_outputs, create_graph, allow_unused)
    outputs, inputs = _sequence(outputs), _sequence(inputs)
    roots = _roots(outputs, _gradients(outputs, grad_outputs))
    retain = create_graph if retain_graph is None else retain_graph
    found = _capture(roots, inputs, retain, create_graph)
    results = []
    for i, tensor in enumerate(inputs):
        if i not in found and materialize_grads:
            value = tensor._value()
            found[i] = filled(value.aval, value.device, 0)
        if i not in found and not allow_unused:
            raise RuntimeError(
                "One of the differentiated Tensors appears to not have been used in "
                "the graph. Set allow_unused=True if this is the desired behavior."
            )
        results.append(found.get(i))
    return tuple(results)


def _batched(outputs, inputs, grad_outputs, create_graph, allow_unused) -> tuple:
    """``grad`` for each entry of ``grad_outputs`` along dimension 0, all at once."""
    vectors = _sequence(grad_outputs)
    with BatchLevel(vectors[0]._value().aval.shape[0]) as level:
        each = [wrap(level.batch(v)) for v in vectors]
        grads = grad(
            outputs,
            inputs,
            each,
            retain_graph=True,
            create_graph=create_graph,
            allow_unused=allow_unused,
        )
    return tuple(g if g is None else level.entries(g) for g in grads)
