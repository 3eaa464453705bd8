"""``vmap``: values with a hidden leading dimension, and ops mapped over it."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .._engine import Lifted, Single, aval, describe
from .grad_mode import mode
from .levels import Level, run
from .variable import wrap


class MappedOp:
    """``base`` mapped over the first dimension of the operands in ``mapped``."""

    view = None
    to_float = False

    def __init__(self, base, mapped: tuple[bool, ...]):
        self.base = base
        self.mapped = mapped
        self.differentiable = base.differentiable
        self.name = base.name

    def grad_name(self) -> str:
        return self.base.grad_name()

    def __repr__(self) -> str:
        return f"<mapped {self.base!r}>"

    def stable_name(self) -> str:
        """Its name in every process."""
        return f"mapped {describe((self.base, self.mapped))}"

    def run(self, operands, static) -> list:
        def one(*chosen):
            chosen = iter(chosen)
            filled = [
                next(chosen) if m else x
                for x, m in zip(operands, self.mapped, strict=True)
            ]
            return [jnp.asarray(y) for y in self.base.run(filled, static)]

        chosen = [x for x, m in zip(operands, self.mapped, strict=True) if m]
        return jax.vmap(one)(*chosen)


def mapped_op(base, mapped: tuple[bool, ...]) -> MappedOp:
    """The one ``MappedOp`` of its kind: its identity is part of programs."""
    table = base.__dict__.setdefault("_mapped", {})
    found = table.get(mapped)
    if found is None:
        found = table.setdefault(mapped, MappedOp(base, mapped))
    return found


_READ = (
    "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap "
    "over calling .item() on a Tensor, please try to rewrite what you're doing with "
    "other operations. Data-dependent control flow on a Tensor is not supported either."
)
_RANDOM = (
    "vmap: called random operation while in randomness error mode. Please either use "
    "the 'same' or 'different' randomness flags on vmap or perform the randomness "
    "operation out of vmap"
)


class _Stack(Single):
    name = "stack"
    differentiable = True
    view = None

    def grad_name(self) -> str:
        return "StackBackward0"

    def run(self, operands, static):
        return [jnp.stack(operands)]


STACK = _Stack()


class BatchLevel(Level):
    """A ``vmap`` of ``size`` calls; the tag of its values says whether they differ."""

    def __init__(self, size: int, randomness: str = "error"):
        super().__init__()
        self.size = size
        self.randomness = randomness

    def batch(self, tensor) -> Lifted:
        """A value for each entry of ``tensor`` along its first dimension."""
        value = tensor._value()
        shape_dtype = aval(value.aval.shape[1:], value.aval.dtype)
        return Lifted(shape_dtype, value.device, self, tensor, True)

    def process(self, op, static, operands, place) -> list:
        """Run an op on all entries at once."""
        mapped = tuple(self.holds(x) and bool(x.tag) for x in operands)
        with self.below():
            contents = self.contents(operands)
            if not any(mapped):
                results = run(op, static, contents, place)
                return [self.hold(r) for r in results]
            results = run(mapped_op(op, mapped), static, contents, place)
        return [self.batch(r) for r in results]

    def entries(self, tensor):
        """All entries of a tensor of this level, along a new first dimension."""
        value = tensor._value()
        if self.holds(value) and value.tag:
            return value.content
        content = self.content(tensor)
        return run(STACK, (), [content] * self.size, None)[0]

    def draw(self, one):
        """Random numbers ``one()`` as this level's randomness wants them."""
        if self.randomness == "error":
            raise RuntimeError(_RANDOM)
        with self.below():
            if self.randomness == "same":
                return one()
            draws = [one() for _ in range(self.size)]
            (stacked,) = run(STACK, (), draws, None)
        return wrap(self.batch(stacked))

    def refuse_write(self, tensor) -> None:
        raise RuntimeError(
            "vmap: inplace arithmetic(self, *extra_args) is not possible because there "
            "exists a Tensor `other` in extra_args that has more elements than `self`. "
            "This happened due to `other` being vmapped over but `self` not being "
            "vmapped over at level. Please try to use out-of-place operators "
            "instead of inplace arithmetic, or make `self` inside of vmap."
        )

    def peek(self, value: Lifted):
        return None if value.tag else super().peek(value)

    def realise(self, value: Lifted, trigger: str):
        if value.tag:
            raise RuntimeError(_READ)
        return super().realise(value, trigger)


def innermost() -> BatchLevel | None:
    """The innermost ``vmap`` at work."""
    return next((x for x in mode.levels[::-1] if isinstance(x, BatchLevel)), None)
