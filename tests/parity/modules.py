"""ModuleInfo: every module of PyTorch's own table of tests, in training and evaluation.

| check | compares |
| --- | --- |
| construct | constructor arguments; the text of ``repr`` |
| state | names and shapes of ``state_dict``; PyTorch's is then loaded |
| forward | the outputs on sample inputs |
| grads | gradients of the inputs and the parameters |
| after | the state after the call: running means and the like |
| copies | outputs and state of a pickled and of a deep-copied module |
"""

from __future__ import annotations

import copy
import functools
import pickle
import zlib
from collections.abc import Iterator

import jax
import torch as theirs
from torch.testing._internal.common_modules import module_db

import torchlike as ours

from . import exceptions, translate
from .compare import Different, compare
from .rebuild import as_leaves, counterpart, leaves, rebuild
from .results import DTYPES, Options, Row, occurrences
from .tally import Tally

CHECKS = ("construct", "state", "forward", "grads", "after", "copies")


@functools.cache
def entries() -> dict:
    """All ModuleInfos by name, such as ``nn.Linear``."""
    return {info.name: info for info in module_db}


def names() -> list[str]:
    """The names of all entries."""
    return sorted(entries())


def listed() -> dict[str, int]:
    """How many entries have each dtype."""
    return occurrences(
        str(d).removeprefix("torch.") for i in module_db for d in i.dtypes
    )


def run(name: str, options: Options) -> Iterator[Row]:
    """The rows of one entry."""
    info = entries()[name]
    listed = {str(d).removeprefix("torch.") for d in info.dtypes}
    for dtype in DTYPES:
        if dtype in listed and (not options.dtypes or dtype in options.dtypes):
            tally = Tally(name, dtype)
            for training in (True, False):
                _run_mode(tally, info, dtype, training, options)
            yield from tally.rows.values()
    jax.clear_caches()


def _run_mode(tally: Tally, info, dtype: str, training: bool, options) -> None:
    mode = "train" if training else "eval"
    for i, sample in _samples(info, dtype, training, options.samples):
        one = Sample(info, sample, dtype, training)
        for check in CHECKS:
            if not tally.add(check, f"{mode} {i}", getattr(one, check)):
                break  # what follows needs this


def _samples(info, dtype: str, training: bool, count: int) -> list[tuple]:
    """At most ``count`` (0: all) samples with their numbers, evenly spaced."""
    theirs.manual_seed(zlib.crc32(info.name.encode()))
    found = info.module_inputs_func(
        info,
        device="cpu",
        dtype=getattr(theirs, dtype),
        requires_grad=True,
        training=training,
    )
    found = list(enumerate(found))
    if not count or len(found) <= count:
        return found
    step = (len(found) - 1) / max(1, count - 1)
    return [found[round(i * step)] for i in range(count)]


class Sample:
    """One module and its arguments on both sides."""

    def __init__(self, info, sample, dtype: str, training: bool):
        self.info, self.dtype, self.training = info, dtype, training
        self.build = sample.constructor_input
        call = sample.forward_input
        self.their_args = as_leaves(call.args), as_leaves(call.kwargs)

    def construct(self) -> None:
        """Both modules, from the same arguments."""
        cls, args, kwargs = self.info.module_cls, self.build.args, self.build.kwargs
        self.theirs = self._set_up(theirs, cls(*args, **kwargs))
        made = counterpart(cls)(*rebuild(args), **rebuild(kwargs))
        self.ours = self._set_up(ours, made)
        self.our_args = rebuild(self.their_args)
        text = repr(self.ours)
        if text != repr(self.theirs):
            raise Different(f"repr {text}, not {self.theirs!r}")

    def _set_up(self, library, module):
        return module.to(dtype=getattr(library, self.dtype)).train(self.training)

    def state(self) -> None:
        """The same names and shapes; then PyTorch's contents in ours."""
        if self.info.is_lazy:
            self._call(theirs, self.theirs, self.their_args)
            self._call(ours, copy.deepcopy(self.ours), self.our_args)
        state, own = self.theirs.state_dict(), self.ours.state_dict()
        if list(own) != list(state):
            raise Different(f"state {list(own)}, not {list(state)}")
        if not self.info.is_lazy:
            compare(list(own.values()), list(state.values()), "state", values=False)
        self.ours.load_state_dict(rebuild(dict(state)))

    def forward(self) -> None:
        """The outputs of both."""
        self.before = pickle.dumps(self.ours), copy.deepcopy(self.ours)
        self.want = self._call(theirs, self.theirs, self.their_args)
        self.got = self._call(ours, self.ours, self.our_args)
        compare(self.got, self.want, "output")

    def _call(self, library, module, args):
        library.manual_seed(1)
        return module(*args[0], **args[1])

    def grads(self) -> None:
        """For random gradients of the outputs that have any."""
        pairs = zip(leaves(self.got), leaves(self.want), strict=True)
        pairs = [(a, b) for a, b in pairs if b.requires_grad]
        if not pairs:
            return
        given = [theirs.randn_like(b) for _, b in pairs]
        theirs.autograd.backward([b for _, b in pairs], given)
        ours.autograd.backward(
            [a for a, _ in pairs], list(map(translate.tensor, given))
        )
        named = zip(
            self.ours.named_parameters(), self.theirs.named_parameters(), strict=True
        )
        for (name, p), (_, q) in named:
            loose = exceptions.loose(self.info.name, self.dtype, "grads")
            compare(p.grad, q.grad, f"gradient of {name}", loose)
        inputs = zip(leaves(self.our_args), leaves(self.their_args), strict=True)
        for i, (p, q) in enumerate(inputs):
            compare(p.grad, q.grad, f"gradient of input {i}")

    def after(self) -> None:
        """Buffers that the call changes."""
        got, want = self.ours.state_dict(), self.theirs.state_dict()
        compare(list(got.values()), list(want.values()), "state")

    def copies(self) -> None:
        """Copies made before the call do what the module did."""
        pickled, copied = self.before
        for which, module in (("pickled", pickle.loads(pickled)), ("copied", copied)):
            got = self._call(ours, module, self.our_args)
            compare(got, self.want, f"output of the {which} module")
            got, want = module.state_dict(), self.theirs.state_dict()
            if list(got) != list(want):
                raise Different(f"the {which} module's state {list(got)}")
            compare(list(got.values()), list(want.values()), f"{which} state")
