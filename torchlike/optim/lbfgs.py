"""L-BFGS."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .._engine import Number
from .._ops._op import Array, Arrays, op
from .._tensor import Tensor
from ..autograd.grad_mode import enable_grad, no_grad
from ._counters import filled
from ._history import History
from ._wolfe import Point, search
from .optimizer import Optimizer


def _numbers(numbers) -> list:
    return [n.array if isinstance(n, Number) else n for n in numbers]


def _flat(x):
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        x = jnp.stack([x.real, x.imag], -1)
    return x.reshape(-1)


@op(scope=None, method=False, differentiable=False)
def _joined(grads: Arrays):
    return jnp.concatenate([_flat(g) for g in grads])


@op(scope=None, method=False, differentiable=False, returns=())
def _moved(params: Arrays, direction: Array, size: Arrays):
    (t,) = _numbers(size)
    out, start = [], 0
    for p in params:
        n = _flat(p).size
        step = direction[start : start + n] * t.astype(direction.dtype)
        if jnp.issubdtype(p.dtype, jnp.complexfloating):
            pairs = step.reshape(*p.shape, 2)
            out.append(p + jax.lax.complex(pairs[..., 0], pairs[..., 1]))
        else:
            out.append(p + step.reshape(p.shape).astype(p.dtype))
        start += n
    return tuple(out)


@op(scope=None, method=False, differentiable=False)
def _facts(grad: Array, direction: Array):
    """What the loop decides by: slope, largest gradient, its sum, largest move."""
    size = jnp.abs(grad)
    largest = jnp.max(jnp.abs(direction))
    return jnp.stack([grad @ direction, jnp.max(size), jnp.sum(size), largest])


class LBFGS(Optimizer):
    """A quasi-Newton method that keeps the last ``history_size`` steps.

    ``step(closure)`` evaluates the loss several times. The loss, the slope and a few
    norms are read on the host each time, as its decisions depend on them.

    State, at the first parameter: ``func_evals``, ``n_iter``, ``d``, ``t``,
    ``old_dirs``, ``old_stps``, ``ro``, ``H_diag``, ``prev_flat_grad``, ``prev_loss``.

    **Source** https://doi.org/10.1007/BF01589116
    """

    def __init__(
        self,
        params,
        lr: float | Tensor = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ):
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not 0.0 <= lr:
            raise ValueError(f"Invalid learning rate: {lr}")
        defaults = dict(
            lr=lr,
            max_iter=max_iter,
            max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
        )
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError(
                "LBFGS doesn't support per-parameter options (parameter groups)"
            )

    @property
    def _params(self) -> list[Tensor]:
        return self.param_groups[0]["params"]

    def step(self, closure):
        """Minimise from here on; returns the loss at the beginning."""
        with no_grad():
            return _Run(self, enable_grad()(closure)).run()

    def _flat_grad(self) -> Tensor:
        return _joined([filled(p) if p.grad is None else p.grad for p in self._params])

    def _move(self, direction: Tensor, t) -> None:
        self._set(_moved(self._params, direction, [t]))

    def _set(self, contents) -> None:
        for p, new in zip(self._params, contents, strict=True):
            p._overwrite(new)

    def _history_of(self, state: dict, grad: Tensor) -> History:
        history = self.__dict__.get("_history")
        if history is None or not history.is_in(state):
            names = ("old_dirs", "old_stps", "ro")
            lists = [state.get(name) or [] for name in names]
            size = self.param_groups[0]["history_size"]
            history = self._history = History(size, grad, *lists)
        return history


class _Run:
    """One call of ``step``."""

    def __init__(self, optimizer: LBFGS, evaluate):
        self.optimizer = optimizer
        self.evaluate = evaluate
        self.options = optimizer.param_groups[0]
        self.state = optimizer.state[optimizer._params[0]]
        self.state.setdefault("func_evals", 0)
        self.state.setdefault("n_iter", 0)

    def run(self):
        """Iterate until a tolerance or a limit is reached."""
        original = self.evaluate()
        self.loss = float(original)
        self.evaluations = 1
        self.state["func_evals"] += 1
        self.grad = self.optimizer._flat_grad()
        if _largest(self.grad) <= self.options["tolerance_grad"]:
            return original
        for n in range(1, self.options["max_iter"] + 1):
            if self.iterate(n == self.options["max_iter"]):
                break
        return original

    def iterate(self, last: bool) -> bool:
        """One direction and the step along it; whether it is time to stop."""
        state, options = self.state, self.options
        state["n_iter"] += 1
        direction = state["d"] = self.direction()
        state["prev_flat_grad"], state["prev_loss"] = self.grad, self.loss
        slope, _, total, largest = _facts(self.grad, direction).tolist()
        t = options["lr"]
        if state["n_iter"] == 1:
            t = min(1.0, 1.0 / total) * float(t)
        state["t"] = t
        if slope > -options["tolerance_change"]:
            return True
        before = self.evaluations
        if options["line_search_fn"] is None:
            self.optimizer._move(direction, t)
            if last:
                return True
            self.look()
        else:
            t = state["t"] = self.search(direction, float(t), slope, largest)
        state["func_evals"] += self.evaluations - before
        return last or self.is_done(state["prev_loss"], largest * abs(float(t)))

    def is_done(self, loss_before: float, moved: float) -> bool:
        """Whether a limit is reached or nothing moves any more."""
        options = self.options
        return (
            self.evaluations >= options["max_eval"]
            or _largest(self.grad) <= options["tolerance_grad"]
            or moved <= options["tolerance_change"]
            or abs(self.loss - loss_before) < options["tolerance_change"]
        )

    def direction(self) -> Tensor:
        """Down the gradient the first time, then by what the last steps have shown."""
        state = self.state
        if state["n_iter"] == 1:
            for name in ("old_dirs", "old_stps", "ro"):
                state.pop(name, None)
            state["H_diag"] = 1
        history = self.optimizer._history_of(state, self.grad)
        state["old_dirs"], state["old_stps"], state["ro"] = history.lists
        if state["n_iter"] == 1:
            return -self.grad
        scale = history.note(self.grad, state["prev_flat_grad"], state["d"], state["t"])
        if scale is not None:
            state["H_diag"] = scale
        return history.direction(self.grad, state["H_diag"])

    def look(self) -> None:
        """Evaluate the loss and its gradient where the parameters are."""
        self.loss = float(self.evaluate())
        self.grad = self.optimizer._flat_grad()
        self.evaluations += 1

    def search(self, direction, t: float, slope: float, largest: float) -> float:
        """Search along the direction; leave the parameters at the step size found."""
        if self.options["line_search_fn"] != "strong_wolfe":
            raise RuntimeError("only 'strong_wolfe' is supported")
        optimizer = self.optimizer
        begin = [p.detach().clone() for p in optimizer._params]

        def at(t: float) -> Point:
            optimizer._move(direction, t)
            self.look()
            optimizer._set(begin)
            slope = _facts(self.grad, direction).tolist()[0]
            return Point(t, self.loss, self.grad, slope)

        start = Point(0.0, self.loss, self.grad, slope)
        most = self.options["max_eval"] - self.evaluations
        found, _ = search(at, start, t, largest, most)
        self.loss, self.grad = found.loss, found.grad
        optimizer._move(direction, found.t)
        return found.t


def _largest(grad: Tensor) -> float:
    return _facts(grad, grad).tolist()[1]
