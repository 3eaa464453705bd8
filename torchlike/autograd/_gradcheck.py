"""``gradcheck``: derivatives of the graph beside differences of values.

Everything is compared in real coordinates: a complex number counts as two.
"""

from __future__ import annotations

import numpy as np

from .. import _dtypes
from .._engine import cold, from_host, realise
from ..func._forward import jvp
from ..testing import make_tensor
from . import api
from .grad_mode import enable_grad, no_grad
from .variable import TensorBase, wrap


class GradcheckError(RuntimeError):
    """A derivative is wrong."""


def _tuple(x) -> tuple:
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def _numpy(tensor) -> np.ndarray:
    return np.array(realise(tensor._value(), "gradcheck").array)


def _real(array: np.ndarray) -> np.ndarray:
    """The numbers of an array as one real vector."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.view(flat.real.dtype) if flat.dtype.kind == "c" else flat


def _complete(real: np.ndarray, like: np.ndarray) -> np.ndarray:
    """The opposite of ``_real``."""
    return np.ascontiguousarray(real).view(like.dtype).reshape(like.shape)


def _tensor(array: np.ndarray, like):
    return wrap(from_host(np.array(array), like._value().device))


def _differentiable(x) -> bool:
    return isinstance(x, TensorBase) and x.requires_grad


def _outputs(func, inputs) -> list:
    outs = _tuple(func(*inputs))
    return [
        o
        for o in outs
        if isinstance(o, TensorBase) and o._value().aval.dtype.category >= 2
    ]


def _numerical(func, inputs, i: int, eps: float) -> list[np.ndarray]:
    """For each output the derivatives by input ``i``: (input, output) in reals."""
    base = _numpy(inputs[i])
    flat = _real(base).copy()
    rows = []
    for k in range(flat.size):
        sides = []
        for step in (eps, -eps):
            moved = flat.copy()
            moved[k] += step
            changed = list(inputs)
            changed[i] = _tensor(_complete(moved, base), inputs[i])
            with no_grad():
                sides.append([_real(_numpy(o)) for o in _outputs(func, changed)])
        rows.append([(a - b) / (2 * eps) for a, b in zip(*sides, strict=True)])
    n = len(_outputs(func, inputs))
    return [np.array([r[j] for r in rows]) for j in range(n)]


def _analytical(func, inputs, chosen, j: int) -> list[np.ndarray]:
    """The derivatives of output ``j`` by each chosen input, in reals."""
    with enable_grad():
        out = _outputs(func, inputs)[j]
    like = _numpy(out)
    columns = []
    for k in range(_real(like).size):
        unit = np.zeros(_real(like).size, like.real.dtype)
        unit[k] = 1
        cotangent = _tensor(_complete(unit, like), out)
        grads = (None,) * len(chosen)
        if out.requires_grad:
            grads = api.grad(
                out, chosen, cotangent, retain_graph=True, allow_unused=True
            )
        columns.append(
            [
                _real(np.zeros_like(_numpy(x)) if g is None else _numpy(g))
                for g, x in zip(grads, chosen, strict=True)
            ]
        )
    n = [_real(_numpy(x)).size for x in chosen]
    return [
        np.array([c[i] for c in columns]).T if columns else np.zeros((n[i], 0))
        for i in range(len(chosen))
    ]


def _forward(func, inputs, i: int) -> list[np.ndarray]:
    """As ``_numerical``, by forward mode."""
    base = _numpy(inputs[i])
    rows = []
    for k in range(_real(base).size):
        unit = np.zeros(_real(base).size, base.real.dtype)
        unit[k] = 1
        tangent = _tensor(_complete(unit, base), inputs[i])

        def one(x):
            return tuple(_outputs(func, [*inputs[:i], x, *inputs[i + 1 :]]))

        _, pushed = jvp(one, (inputs[i].detach(),), (tangent,))
        rows.append([_real(_numpy(t)) for t in pushed])
    n = len(_outputs(func, inputs))
    return [np.array([r[j] for r in rows]) for j in range(n)]


def _shown(array: np.ndarray) -> str:
    return repr(wrap(from_host(np.ascontiguousarray(array))))


def _compare(numerical, analytical, j, i, atol, rtol, what="") -> None:
    if numerical.shape != analytical.shape:
        raise GradcheckError("Analytical gradient has incorrect size")
    if not np.allclose(analytical, numerical, rtol, atol, equal_nan=True):
        raise GradcheckError(
            f"{what}Jacobian mismatch for output {j} with respect to input {i},\n"
            f"numerical:{_shown(numerical)}\nanalytical:{_shown(analytical)}\n"
        )


def _check(func, inputs, eps, atol, rtol, nondet_tol, forward, backward) -> None:
    chosen = [x for x in inputs if _differentiable(x)]
    if not chosen:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none "
            "of them have requires_grad=True."
        )
    places = [i for i, x in enumerate(inputs) if _differentiable(x)]
    numerical = {i: _numerical(func, inputs, i, eps) for i in places}
    for j in range(len(_outputs(func, inputs))):
        if not backward:
            break
        analytical = _analytical(func, inputs, chosen, j)
        again = _analytical(func, inputs, chosen, j)
        for i, a, b in zip(places, analytical, again, strict=True):
            _compare(numerical[i][j], a, j, i, atol, rtol)
            if a.size and np.abs(a - b).max() > nondet_tol:
                raise GradcheckError(
                    "Backward is not reentrant, i.e., running backward with same input "
                    "and grad_output multiple times gives different values, although "
                    "analytical gradient matches numerical gradient.The tolerance for "
                    f"nondeterminism was {nondet_tol}."
                )
    if forward:
        for i in places:
            for j, pushed in enumerate(_forward(func, inputs, i)):
                what = "Forward AD: "
                _compare(numerical[i][j], pushed, j, i, atol, rtol, what)


def gradcheck(
    func,
    inputs,
    *,
    eps=1e-6,
    atol=1e-5,
    rtol=1e-3,
    raise_exception=True,
    nondet_tol=0.0,
    check_undefined_grad=True,
    check_grad_dtypes=False,
    check_batched_grad=False,
    check_batched_forward_grad=False,
    check_forward_ad=False,
    check_backward_ad=True,
    fast_mode=False,
    masked=None,
) -> bool:
    """Compare the gradients of ``func`` with central differences; float64 inputs.

    Every element is checked, whatever ``fast_mode`` says.
    """
    inputs = _tuple(inputs)
    try:
        with cold.compiled():
            _check(
                func,
                inputs,
                eps,
                atol,
                rtol,
                nondet_tol,
                check_forward_ad,
                check_backward_ad,
            )
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func,
    inputs,
    grad_outputs=None,
    *,
    eps=1e-6,
    atol=1e-5,
    rtol=1e-3,
    gen_non_contig_grad_outputs=False,
    raise_exception=True,
    nondet_tol=0.0,
    check_undefined_grad=True,
    check_grad_dtypes=False,
    check_batched_grad=False,
    check_fwd_over_rev=False,
    check_rev_over_rev=True,
    fast_mode=False,
    masked=False,
) -> bool:
    """``gradcheck`` of the gradients of ``func``."""
    inputs = _tuple(inputs)
    if grad_outputs is None:
        grad_outputs = [_random(o) for o in _outputs(func, inputs)]
    grad_outputs = _tuple(grad_outputs)
    n = len(grad_outputs)
    places = [i for i, x in enumerate(inputs) if _differentiable(x)]

    def gradients(*args):
        given, cotangents = args[:-n], args[-n:]
        with enable_grad():
            given = [
                x.detach().requires_grad_()
                if i in places and not x.requires_grad
                else x
                for i, x in enumerate(given)
            ]
            outs = _outputs(func, given)
            return api.grad(
                outs,
                [given[i] for i in places],
                cotangents,
                create_graph=True,
                allow_unused=True,
                materialize_grads=True,
            )

    return gradcheck(
        gradients,
        (*inputs, *grad_outputs),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
    )


def _random(out):
    """Like ``out``, drawn from the default generator as PyTorch draws it."""
    aval = out._value().aval
    dtype = aval.dtype if aval.dtype.category >= 2 else _dtypes.float64
    return make_tensor(
        aval.shape,
        dtype=dtype,
        device=out._value().device,
        low=-1,
        high=1,
        requires_grad=True,
    )
