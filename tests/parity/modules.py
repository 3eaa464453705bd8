"""PyTorch's ``ModuleInfo``: every module, dtype and mode beside torchlike.

For each sample: the constructor's arguments, the names and shapes of the state, the
state of PyTorch's module loaded into ours, ``forward``, the gradients of inputs and
parameters, the state afterwards, and copies by ``pickle`` and ``deepcopy``.
"""

from __future__ import annotations

import copy
import io
import pickle
import warnings
from collections.abc import Iterator

import torch
from torch.testing._internal.common_modules import module_db

import torchlike

from ._sides import Different, compare, kind_of, leaves, tensor_to, to_ours

DTYPES = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
CHECKS = ("construct", "state", "forward", "gradient", "after", "copies")


def names() -> list[str]:
    """The modules, as ``nn.Linear``."""
    return [info.name for info in module_db]


def dtypes(info) -> list[str]:
    """Those dtypes of ``info`` that torchlike has."""
    return [k for k in map(kind_of, info.dtypes) if k in DTYPES]


def run(info, dtype: str, *, most: int | None = None) -> Iterator[tuple]:
    """``(mode, number of the sample, check, message or None)`` for every check.

    ``most`` is the largest number of samples a mode, taken evenly over all of them.
    """
    for training in (True, False):
        mode = "train" if training else "eval"
        for i, sample in _samples(info, dtype, training, most):
            one = _Sample(info, sample, dtype, training)
            for check in CHECKS:
                message = _outcome(getattr(one, check))
                yield mode, i, check, message
                if message is not None:
                    break


def _samples(info, dtype: str, training: bool, most: int | None):
    torch.manual_seed(0)
    kind = getattr(torch, dtype)
    samples = info.module_inputs_func(
        info, device="cpu", dtype=kind, requires_grad=True, training=training
    )
    step = 1 if most is None else max(1, -(-len(samples) // most))
    return list(enumerate(samples))[::step]


def _outcome(check) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check()
        except Different as difference:
            return str(difference)
        except Exception as error:  # whatever it is, it is the result of this check
            return f"{type(error).__name__}: {error}"
    return None


class _Sample:
    """One module and its arguments on both sides."""

    def __init__(self, info, sample, dtype: str, training: bool):
        self.info = info
        self.build, self.call = sample.constructor_input, sample.forward_input
        self.call.args = _as_leaves(self.call.args)
        self.call.kwargs = _as_leaves(self.call.kwargs)
        self.dtype, self.training = dtype, training

    def construct(self) -> None:
        """Both modules, from the same arguments."""
        self.theirs = self._made(torch, self.info.module_cls, self.build)
        cls = getattr(torchlike.nn, self.info.module_cls.__name__)
        self.ours = self._made(torchlike, cls, self.build, to_ours)
        self.args = to_ours(self.call.args), to_ours(self.call.kwargs)
        if not self.info.is_lazy and "Custom" not in repr(self.theirs):
            ours = repr(self.ours).replace("torchlike.", "torch.")
            if ours != repr(self.theirs):
                raise Different(f"repr {ours}, not {self.theirs!r}")

    def _made(self, package, cls, build, convert=lambda item: item):
        module = cls(*convert(build.args), **convert(build.kwargs))
        module = module.to(dtype=getattr(package, self.dtype))
        return module.train(self.training)

    def state(self) -> None:
        """The same names and shapes; then the contents of PyTorch's in ours."""
        if self.info.is_lazy:
            self._forward(torch, self.theirs, self.call.args, self.call.kwargs)
            _forward_once(copy.deepcopy(self.ours), *self.args)
        theirs, ours = self.theirs.state_dict(), self.ours.state_dict()
        if list(ours) != list(theirs):
            raise Different(f"state {list(ours)}, not {list(theirs)}")
        self.ours.load_state_dict({k: to_ours(v) for k, v in theirs.items()})
        if self.info.is_lazy:
            return
        compare(ours_shapes(ours), ours_shapes(theirs), "shapes of the state")

    def forward(self) -> None:
        """The outputs of both."""
        self.their_out = self._forward(
            torch, self.theirs, self.call.args, self.call.kwargs
        )
        self.before = copy.deepcopy(self.ours)
        self.our_out = self._forward(torchlike, self.ours, *self.args)
        compare(self.our_out, self.their_out, "output")

    def _forward(self, package, module, args, kwargs):
        package.manual_seed(1)
        return module(*args, **kwargs)

    def gradient(self) -> None:
        """Of inputs and parameters, for random gradients of the outputs."""
        outs = [
            (a, b)
            for a, b in zip(leaves(self.our_out), leaves(self.their_out), strict=True)
            if b.requires_grad
        ]
        if not outs:
            return
        wanted = [torch.randn_like(b) for _, b in outs]
        torch.autograd.backward([b for _, b in outs], wanted)
        ours = [tensor_to(torchlike, g) for g in wanted]
        torchlike.autograd.backward([a for a, _ in outs], ours)
        theirs = self.theirs.named_parameters()
        for (name, p), (_, q) in zip(self.ours.named_parameters(), theirs, strict=True):
            _compare_grads(p, q, name)
        inputs = zip(
            leaves(self.args), leaves((self.call.args, self.call.kwargs)), strict=True
        )
        for i, (p, q) in enumerate(inputs):
            _compare_grads(p, q, f"input {i}")

    def after(self) -> None:
        """The state after the call: running means and the like."""
        compare(self.ours.state_dict(), self.theirs.state_dict(), "state afterwards")

    def copies(self) -> None:
        """A pickled and a copied module give the same outputs and hold the same."""
        file = io.BytesIO()
        pickle.dump(self.before, file)
        pickled = pickle.loads(file.getvalue())
        for which, module in (("pickled", pickled), ("copied", self.before)):
            out = self._forward(torchlike, module, *self.args)
            compare(out, self.their_out, f"output of the {which} module")
            if list(module.state_dict()) != list(self.theirs.state_dict()):
                raise Different(f"the state of the {which} module")


def _as_leaves(item):
    """Inputs that were computed lose their history, so that they get gradients."""
    if isinstance(item, torch.Tensor):
        leaf = item.detach()
        return leaf.requires_grad_(item.requires_grad)
    if isinstance(item, dict):
        return {k: _as_leaves(v) for k, v in item.items()}
    if isinstance(item, (list, tuple)):
        return type(item)(map(_as_leaves, item))
    return item


def _forward_once(module, args, kwargs) -> None:
    module(*args, **kwargs)


def ours_shapes(state) -> list:
    """Empty tensors stand for the shapes, so that only those are compared."""
    return [torch.empty(tuple(t.shape)).fill_(0) for t in state.values()]


def _compare_grads(ours, theirs, name: str) -> None:
    if (ours.grad is None) != (theirs.grad is None):
        raise Different(f"gradient of {name}: {ours.grad}, not {theirs.grad}")
    if theirs.grad is not None:
        compare(ours.grad, theirs.grad, f"gradient of {name}")
