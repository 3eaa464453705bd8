"""The adaptive softmax: rare classes share clusters with fewer features."""

from __future__ import annotations

import itertools
from collections import namedtuple

from .. import _torch as torch
from .. import functional as F
from ..module import Module
from .container import ModuleList, Sequential
from .linear import Linear

_ASMoutput = namedtuple("_ASMoutput", ["output", "loss"])


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log probabilities of targets where classes are sorted by frequency.

    The head knows the ``cutoffs[0]`` most frequent classes and one entry for each
    cluster of the others; cluster i works on ``in_features / div_value**(i + 1)``.

    **Shape** input (N, in_features), target (N), output (N); also without N.
    **Source** https://arxiv.org/abs/1609.04309
    **Differs** Every cluster is computed for every row, so that the shapes do not
    depend on the targets. A target out of range is not seen: its output is NaN.
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs,
        div_value: float = 4.0,
        head_bias: bool = False,
        device=None,
        dtype=None,
    ):
        super().__init__()
        factory = {"device": device, "dtype": dtype}
        cutoffs = _checked(list(cutoffs), n_classes)
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cutoffs, n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = cutoffs[0]
        self.n_clusters = len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, head_bias, **factory)
        self.tail = ModuleList()
        for i, (start, end) in enumerate(itertools.pairwise(self.cutoffs)):
            hidden = int(in_features // div_value ** (i + 1))
            down = Linear(in_features, hidden, bias=False, **factory)
            self.tail.append(
                Sequential(down, Linear(hidden, end - start, bias=False, **factory))
            )

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        self.head.reset_parameters()
        for cluster in self.tail:
            for linear in cluster:
                linear.reset_parameters()

    def forward(self, input_, target_):
        _check_shapes(input_, target_)
        batched = target_.dim() > 0
        input = input_ if batched else input_.unsqueeze(0)
        target = target_ if batched else target_.unsqueeze(0)
        head = F.log_softmax(self.head(input), dim=1)
        output = _pick(head, target, 0, self.shortlist_size)
        for i, (start, end) in enumerate(itertools.pairwise(self.cutoffs)):
            inner = F.log_softmax(self.tail[i](input), dim=1)
            found = _pick(inner, target, start, end) + head[:, self.shortlist_size + i]
            output = torch.where(target >= start, found, output)
        known = (target >= 0) & (target < self.n_classes)
        output = torch.where(known, output, float("nan"))
        loss = (-output).mean()
        return _ASMoutput(output if batched else output.squeeze(0), loss)

    def _get_full_log_prob(self, input, head_output):
        head = F.log_softmax(head_output, dim=1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail):
            inner = F.log_softmax(cluster(input), dim=1)
            parts.append(inner + head[:, self.shortlist_size + i].unsqueeze(1))
        return torch.cat(parts, 1)

    def log_prob(self, input):
        """Log probabilities (N, n_classes) of all classes."""
        return self._get_full_log_prob(input, self.head(input))

    def predict(self, input):
        """The most probable class. Shape: (N, in_features) to (N)."""
        head = self.head(input)
        first = torch.argmax(head, dim=1)
        full = torch.argmax(self._get_full_log_prob(input, head), dim=1)
        # As in PyTorch: where the head prefers a frequent class, that one.
        return torch.where(first < self.shortlist_size, first, full)


def _pick(log_prob, target, start: int, end: int):
    """The log probabilities of the targets in start … end; any others elsewhere."""
    inside = (target - start).clamp(0, end - start - 1)
    return log_prob.gather(1, inside.unsqueeze(1)).squeeze(1)


def _checked(cutoffs: list, n_classes: int) -> list:
    if not cutoffs:
        raise ValueError("cutoffs should be a sequence of length larger than 0")
    rising = all(a < b for a, b in itertools.pairwise(cutoffs))
    inside = min(cutoffs) > 0 and max(cutoffs) < n_classes
    if not (rising and inside and all(int(c) == c for c in cutoffs)):
        raise ValueError(
            "cutoffs should be a sequence of unique, positive integers sorted in an "
            "increasing order, where each value is between 1 and n_classes-1"
        )
    return cutoffs


def _check_shapes(input, target) -> None:
    if target.dim() > 1:
        raise RuntimeError(
            "0D or 1D target tensor expected, multi-target not supported"
        )
    if target.dim() == 1 and input.size(0) != target.size(0):
        raise RuntimeError(
            "Input and target should have the same size in the batch dimension."
        )
    if input.dim() != target.dim() + 1:
        raise RuntimeError(
            f"{target.dim()}D target tensor expects {target.dim() + 1}D input tensors, "
            f"but found inputs with size {input.size()}"
        )
