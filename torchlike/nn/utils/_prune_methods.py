"""The methods of pruning."""

from __future__ import annotations

import numbers

from .. import _torch as torch
from ._prune_base import BasePruningMethod


class Identity(BasePruningMethod):
    """Prunes nothing."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        return default_mask

    @classmethod
    def apply(cls, module, name):
        return super().apply(module, name)


class _Amount(BasePruningMethod):
    """Prunes ``amount`` units: a count, or a fraction of all."""

    def __init__(self, amount):
        _check_amount(amount)
        self.amount = amount

    def _count(self, size: int) -> int:
        count = self.amount
        if not isinstance(count, numbers.Integral):
            count = round(count * size)
        if count > size:
            raise ValueError(
                f"amount={count} should be smaller than the number of parameters to "
                f"prune={size}"
            )
        return int(count)


class RandomUnstructured(_Amount):
    """Prunes numbers at random."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        count = self._count(t.nelement())
        return _without(default_mask, torch.rand_like(t), count, largest=True)

    @classmethod
    def apply(cls, module, name, amount):
        return super().apply(module, name, amount=amount)


class L1Unstructured(_Amount):
    """Prunes the smallest numbers."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        count = self._count(t.nelement())
        return _without(default_mask, t.abs(), count, largest=False)

    @classmethod
    def apply(cls, module, name, amount, importance_scores=None):
        return super().apply(
            module, name, amount=amount, importance_scores=importance_scores
        )


def _without(mask, scores, count: int, largest: bool):
    """The mask without the ``count`` largest or smallest scores."""
    mask = mask.clone()
    if count:
        chosen = torch.topk(scores.reshape(-1), k=count, largest=largest).indices
        mask.view(-1)[chosen] = 0
    return mask


class _Structured(_Amount):
    """Prunes whole channels along ``dim``."""

    PRUNING_TYPE = "structured"

    def compute_mask(self, t, default_mask):
        if t.dim() <= 1:
            raise ValueError(
                "Structured pruning can only be applied to multidimensional tensors. "
                f"Found tensor of shape {t.shape} with {t.dim()} dims"
            )
        if self.dim >= t.dim():
            raise IndexError(f"Invalid index {self.dim} for tensor of size {t.shape}")
        count = self._count(t.shape[self.dim])
        if not count:
            return default_mask
        mask = torch.zeros_like(t)
        index = [slice(None)] * t.dim()
        index[self.dim] = self._kept(t, count)
        mask[tuple(index)] = 1
        return mask * default_mask.to(dtype=mask.dtype)


class RandomStructured(_Structured):
    """Prunes channels at random."""

    def __init__(self, amount, dim=-1):
        super().__init__(amount)
        self.dim = dim

    def _kept(self, t, count: int):
        drawn = torch.rand(t.shape[self.dim])
        return drawn > torch.kthvalue(drawn, k=count).values

    @classmethod
    def apply(cls, module, name, amount, dim=-1):
        return super().apply(module, name, amount=amount, dim=dim)


class LnStructured(_Structured):
    """Prunes the channels with the smallest n-norm."""

    def __init__(self, amount, n, dim=-1):
        super().__init__(amount)
        self.n = n
        self.dim = dim

    def _kept(self, t, count: int):
        others = list(range(t.dim()))
        del others[self.dim]
        norm = torch.norm(t, p=self.n, dim=others)
        return torch.topk(norm, k=t.shape[self.dim] - count, largest=True).indices

    @classmethod
    def apply(cls, module, name, amount, n, dim, importance_scores=None):
        return super().apply(
            module,
            name,
            amount=amount,
            n=n,
            dim=dim,
            importance_scores=importance_scores,
        )


class CustomFromMask(BasePruningMethod):
    """Prunes where a given mask is 0."""

    PRUNING_TYPE = "global"

    def __init__(self, mask):
        self.mask = mask

    def compute_mask(self, t, default_mask):
        if default_mask.shape != self.mask.shape:
            raise AssertionError(
                f"default_mask shape {default_mask.shape} must match self.mask shape "
                f"{self.mask.shape}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)

    @classmethod
    def apply(cls, module, name, mask):
        return super().apply(module, name, mask=mask)


def _check_amount(amount) -> None:
    if not isinstance(amount, numbers.Real):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    whole = isinstance(amount, numbers.Integral)
    if amount < 0 or (not whole and amount > 1):
        raise ValueError(
            f"amount={amount} should either be a float in the range [0, 1] or a "
            "non-negative integer"
        )
