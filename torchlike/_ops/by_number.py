"""ATen's forms of functions of ``nn.functional``: reductions and modes by number.

``torch.kl_div(x, y, 2)`` is what ``nn.functional.kl_div(x, y, reduction="sum")`` calls
in PyTorch; some packages call it too.
"""

from __future__ import annotations

from . import copies, embedding, grid, loss, margin, norm, rearrange
from ._op import composite

_REDUCTIONS = ("none", "mean", "sum")
_BAGS = ("sum", "mean", "max")


@composite
def binary_cross_entropy_with_logits(
    input, target, weight=None, pos_weight=None, reduction=1
):
    """``nn.functional.binary_cross_entropy_with_logits``."""
    return loss.binary_cross_entropy_with_logits(
        input,
        target,
        weight,
        reduction=_REDUCTIONS[reduction],
        pos_weight=pos_weight,
    )


@composite
def kl_div(input, target, reduction=1, *, log_target=False):
    """``nn.functional.kl_div``; the mean (1) is over all elements."""
    made = loss.kl_div(input, target, reduction="none", log_target=log_target)
    if reduction == 0:
        return made
    return made.mean() if reduction == 1 else made.sum()


@composite
def poisson_nll_loss(input, target, log_input, full, eps, reduction):
    """``nn.functional.poisson_nll_loss``."""
    return loss.poisson_nll_loss(
        input, target, log_input, full, eps=eps, reduction=_REDUCTIONS[reduction]
    )


@composite
def hinge_embedding_loss(input, target, margin=1.0, reduction=1):
    """``nn.functional.hinge_embedding_loss``."""
    return _hinge(input, target, margin, reduction=_REDUCTIONS[reduction])


@composite
def cosine_embedding_loss(input1, input2, target, margin=0.0, reduction=1):
    """``nn.functional.cosine_embedding_loss``."""
    return _cosine(input1, input2, target, margin, reduction=_REDUCTIONS[reduction])


@composite
def margin_ranking_loss(input1, input2, target, margin=0.0, reduction=1):
    """``nn.functional.margin_ranking_loss``."""
    return _ranking(input1, input2, target, margin, reduction=_REDUCTIONS[reduction])


@composite
def triplet_margin_loss(
    anchor,
    positive,
    negative,
    margin=1.0,
    p=2.0,
    eps=1e-06,
    swap=False,
    reduction=1,
):
    """``nn.functional.triplet_margin_loss``."""
    options = {"p": p, "eps": eps, "swap": swap, "reduction": _REDUCTIONS[reduction]}
    return _triplet(anchor, positive, negative, margin, **options)


# The parameter called margin hides the module.
_hinge, _cosine = margin.hinge_embedding_loss, margin.cosine_embedding_loss
_ranking, _triplet = margin.margin_ranking_loss, margin.triplet_margin_loss


# ----- layers ------------------------------------------------------------------------


@composite
def instance_norm(
    input,
    weight,
    bias,
    running_mean,
    running_var,
    use_input_stats,
    momentum,
    eps,
    cudnn_enabled,
):
    """``nn.functional.instance_norm``; the last argument changes nothing here."""
    return norm.instance_norm(
        input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps
    )


@composite
def embedding_renorm_(input, indices, max_norm, norm_type):
    """Rows of ``input`` at ``indices`` longer than ``max_norm`` are scaled to it."""
    embedding._limit(input, indices, max_norm, norm_type)
    return input


@composite
def affine_grid_generator(theta, size, align_corners):
    """``nn.functional.affine_grid``."""
    return grid.affine_grid(theta, size, bool(align_corners))


@composite
def native_channel_shuffle(input, groups):
    """``channel_shuffle``."""
    return rearrange.channel_shuffle(input, groups)


# ----- methods as functions ----------------------------------------------------------


@composite
def detach_(input):
    """``input.detach_()``."""
    return input.detach_()


@composite
def fill_(input, value):
    """``input.fill_(value)``."""
    return input.fill_(value)


@composite
def values_copy(input):
    """A copy of ``input.values()`` of a sparse tensor."""
    return copies.clone(input.values())


@composite
def indices_copy(input):
    """A copy of ``input.indices()`` of a sparse tensor."""
    return copies.clone(input.indices())


@composite
def crow_indices_copy(input):
    """A copy of ``input.crow_indices()``."""
    return copies.clone(input.crow_indices())


@composite
def col_indices_copy(input):
    """A copy of ``input.col_indices()``."""
    return copies.clone(input.col_indices())


@composite
def ccol_indices_copy(input):
    """A copy of ``input.ccol_indices()``."""
    return copies.clone(input.ccol_indices())


@composite
def row_indices_copy(input):
    """A copy of ``input.row_indices()``."""
    return copies.clone(input.row_indices())
