"""Compare functions of nn.functional with PyTorch: values, dtypes and gradients.

A row is ``case(name, *args, **kwargs)``: arrays among the arguments become tensors,
those of floating type with a gradient unless wrapped in ``const``.
"""

import dataclasses
import types
import warnings

import numpy as np
import torch
import torch.nn.functional as F

import torchlike
from torchlike._ops import _registry

TOLERANCES = {
    "float16": (2e-3, 2e-3),
    "bfloat16": (2e-2, 2e-2),
    "float32": (2e-5, 2e-5),
    "float64": (1e-9, 1e-9),
}


@dataclasses.dataclass
class Const:
    array: object


const = Const


@dataclasses.dataclass
class Case:
    name: str
    args: tuple
    kwargs: dict
    half: str | None = None
    second: bool = True
    same_name: bool = True
    tolerance: float | None = None

    def __str__(self):
        shapes = [_brief(a) for a in (*self.args, *self.kwargs.items())]
        return f"{self.name}({', '.join(shapes)})"

    def with_(self, **changes):
        return dataclasses.replace(self, **changes)


def _brief(a):
    if isinstance(a, tuple) and len(a) == 2 and isinstance(a[0], str):
        return f"{a[0]}={_brief(a[1])}"
    a = a.array if isinstance(a, Const) else a
    return "x".join(map(str, a.shape)) if isinstance(a, np.ndarray) else str(a)


def case(name, *args, **kwargs):
    return Case(name, args, kwargs)


def real(*shape, seed=0, low=None, high=None, dtype=np.float32):
    """Reproducible numbers: normal, or uniform in [low, high)."""
    rng = np.random.default_rng([seed, *shape])
    if low is None:
        return np.asarray(rng.standard_normal(shape), dtype)
    return np.asarray(rng.uniform(low, high, shape), dtype)


def ints(*shape, high, seed=0):
    """Reproducible indices below ``high``."""
    return np.random.default_rng([seed, *shape]).integers(0, high, shape)


class _Library:
    """PyTorch or torchlike, used alike."""

    def __init__(self, module, functional):
        self.module, self.functional = module, functional

    def tensor(self, array, grad):
        t = self.module.from_numpy(np.array(array))
        return t.requires_grad_(bool(grad and t.is_floating_point()))

    def half(self, t, dtype):
        made = t.detach().to(getattr(self.module, dtype))
        return made.requires_grad_(t.requires_grad)

    def function(self, name):
        found = getattr(self.functional, name, None)
        return found if found is not None else getattr(self.module, name)

    def numpy(self, t):
        """The values, as a tensor of PyTorch's."""
        t = t.detach().cpu().clone()
        t = t.to(self.module.float64) if t.dtype is self.module.bfloat16 else t
        return torch.from_numpy(np.array(t.numpy()))

    def grads(self, outs, inputs, weights, create_graph):
        return self.module.autograd.grad(
            outs, inputs, weights, create_graph=create_graph, allow_unused=True
        )

    def on_graph(self, t):
        return t is not None and t.requires_grad

    def dtype(self, t):
        return str(t.dtype).removeprefix("torch.")

    def grad_name(self, t):
        return t.grad_fn.name() if t.grad_fn is not None else None

    def is_tensor(self, t):
        return isinstance(t, self.module.Tensor)


OURS = types.SimpleNamespace(**_registry.functions["nn.functional"])
BACKENDS = (_Library(torch, F), _Library(torchlike, OURS))


def _convert(backend, a, half):
    grad = not isinstance(a, Const)
    a = a.array if isinstance(a, Const) else a
    if isinstance(a, (list, tuple)):
        return type(a)(_convert(backend, x, half) for x in a)
    if not isinstance(a, np.ndarray):
        return a
    t = backend.tensor(a, grad)
    return backend.half(t, half) if half and a.dtype.kind == "f" else t


def _tensors(backend, things):
    found = []
    for t in things:
        if backend.is_tensor(t):
            found.append(t)
        elif isinstance(t, (tuple, list)):
            found += _tensors(backend, t)
    return found


def call(backend, row: Case):
    """The outputs and the inputs with a gradient."""
    args = [_convert(backend, a, row.half) for a in row.args]
    kwargs = {k: _convert(backend, a, row.half) for k, a in row.kwargs.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = backend.function(row.name)(*args, **kwargs)
    tensors = _tensors(backend, [*args, *kwargs.values()])
    inputs = [t for t in tensors if backend.on_graph(t)]
    constant = [t for t in tensors if not backend.on_graph(t)]
    return _tensors(backend, [out]), inputs, constant


def _weights(backend, tensors, seed):
    made = []
    for i, t in enumerate(tensors):
        shape = tuple(backend.numpy(t).shape)
        w = backend.tensor(np.asarray(real(*shape, seed=seed + i)), False)
        made.append(backend.half(w, backend.dtype(t)))
    return made


def evaluate(backend, row: Case) -> dict:
    """Everything that is compared, by name."""
    outs, inputs, constant = call(backend, row)
    seen = {f"out{i}": t for i, t in enumerate(outs)}
    # Some functions write to their arguments.
    seen |= {f"argument{i}": t for i, t in enumerate(constant)}
    names = [backend.grad_name(t) for t in outs]
    tracked = [t for t in outs if backend.on_graph(t)]
    if tracked and inputs:
        weights = _weights(backend, tracked, 100)
        second = row.second and not row.half
        grads = backend.grads(tracked, inputs, weights, second)
        seen |= {f"grad{i}": t for i, t in enumerate(grads)}
        again = [t for t in grads if backend.on_graph(t)]
        if second and again:
            twice = backend.grads(again, inputs, _weights(backend, again, 200), False)
            seen |= {f"second{i}": t for i, t in enumerate(twice)}
    return {"names": names, **seen}


def check(row: Case) -> None:
    """Compare one row; the message names the part that differs."""
    wanted, got = (evaluate(backend, row) for backend in BACKENDS)
    reference, ours = BACKENDS
    names = got.pop("names"), wanted.pop("names")
    assert names[0] == names[1] or not row.same_name
    for part in wanted.keys() | got.keys():
        want, have = wanted.get(part), got.get(part)
        if want is None or have is None:
            # A gradient that is zero everywhere may be left out by either side.
            for backend, t in ((reference, want), (ours, have)):
                if t is not None and part[0] in "gs":
                    assert not backend.numpy(t).any(), f"{part}: {want} {have}"
                else:
                    assert t is None, part
            continue
        assert ours.dtype(have) == reference.dtype(want), part
        atol, rtol = TOLERANCES.get(reference.dtype(want), (0, 0))
        if row.tolerance:
            atol = rtol = row.tolerance
        torch.testing.assert_close(
            ours.numpy(have),
            reference.numpy(want),
            atol=atol,
            rtol=rtol,
            equal_nan=True,
            msg=lambda m, part=part: f"{part}: {m}",
        )


def check_error(row: Case) -> None:
    """Both raise the same type; ours starts with the same words."""
    try:
        call(BACKENDS[0], row)
    except Exception as error:
        wanted = error
    else:
        raise AssertionError(f"PyTorch accepts {row}")
    try:
        call(BACKENDS[1], row)
    except Exception as error:
        assert type(error) is type(wanted), f"{error!r} instead of {wanted!r}"
        words = str(wanted).splitlines()[0][:60]
        assert str(error).startswith(words), f"{error!r} instead of {wanted!r}"
    else:
        raise AssertionError(f"{wanted!r} was not raised")
