"""Call an op on tensors: record it, and its node if a gradient is wanted."""

from __future__ import annotations

from .._devices import CPU, META, device
from .._engine import Lifted, Value, before_forward, move, record
from .._engine.record import here
from .at_once import apply_at_once
from .grad_mode import mode
from .graph import connect, edge_of
from .levels import bind_apply, lift
from .variable import TensorBase, wrap


def apply(op, static: tuple, operands, place: device | None = None) -> list:
    """Run ``op`` on tensors, numbers and None; return a list of new tensors.

    This is the long way, for any operands; ``short`` has the one that most calls take.
    """
    if here.plans is not None and (place is None or place is CPU):
        results = apply_at_once(op, static, operands)
        if results is not None:
            return results
    if mode.levels:
        operands = lift(operands)
    values = []
    edges, leaf = None, False
    for x in operands:
        if isinstance(x, TensorBase):
            value = x._storage.value if x._view is None else x._fresh()
            if x._node is not None or x._requires_grad:
                if edges is None:
                    edges = {}
                edges[len(values)] = edge_of(x)
                leaf = leaf or x._node is None
            if value.device is not place:
                place = value.device if place is None else _MIXED
            values.append(value)
        else:
            values.append(x)
    if place is _MIXED:
        place = unify_devices(values)
    if leaf and mode.enabled:
        before_forward()
    state, outs = record(op, static, values, place or CPU)
    node = None
    if edges is not None and mode.enabled and op.differentiable:
        wanted = [edges.get(i) for i in range(len(values))]
        node = connect(op, static, state, tuple(values), wanted, outs, place)
    return [_result(value, node, i) for i, value in enumerate(outs)]


def _result(value: Value, node, i: int):
    cls = value.level.tensor_class if isinstance(value, Lifted) else None
    tensor = wrap(value, cls)
    if node is not None and value.aval.dtype.category >= 2:
        tensor._node = node
        tensor._output_nr = i
    return tensor


_MIXED = object()


def unify_devices(values: list) -> device:
    """The one device of the operands; 0-d CPU tensors go wherever they are needed."""
    places = {v.device for v in values if v.__class__ is Value and v.aval.shape}
    places = places or {v.device for v in values if v.__class__ is Value} - {CPU}
    if len(places) > 1:
        names = [str(v.device) for v in values if v.__class__ is Value]
        names = list(dict.fromkeys(names))
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two "
            f"devices, {names[0]} and {names[1]}!"
        )
    (place,) = places
    for i, v in enumerate(values):
        if v.__class__ is Value and v.device is not place:
            if v.aval.shape or (v.device is not CPU and place is not META):
                raise RuntimeError(
                    "Expected all tensors to be on the same device, but found at "
                    f"least two devices, {place} and {v.device}!"
                )
            values[i] = move(v, place)
    return place


bind_apply(apply)
