"""Run one call on PyTorch and on torchlike from the same seed and compare."""

import numpy as np
import pytest
import torch

import torchlike

BOTH = (torch, torchlike)
EPS = {
    f"torch.{name}": torch.finfo(getattr(torch, name)).eps
    for name in ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
}


def _plain_bernoulli() -> bool:
    torch.manual_seed(1)
    mask = torch.empty(64).bernoulli_(0.5).bool()
    torch.manual_seed(1)
    return bool((mask == (torch.rand(64, dtype=torch.float64) < 0.5)).all())


# On Intel CPUs PyTorch draws masks (and exponentials) from a generator of MKL's.
PLAIN_BERNOULLI = _plain_bernoulli()
_MKL = ("bernoulli", "exponential", "multinomial", "dropout", "alpha")


def skip_if_mkl(name: str = "dropout") -> None:
    """Skip the comparison where PyTorch itself leaves its Mersenne Twister."""
    if not PLAIN_BERNOULLI and any(word in name for word in _MKL):
        pytest.skip("PyTorch on this CPU draws this from MKL's generator")


def values(x):
    if isinstance(x, (torch.Tensor, torchlike.Tensor)):
        name = str(x.dtype)
        x = x.detach()
        return (x.float() if name == "torch.bfloat16" else x).numpy(), name
    return x, type(x).__name__


def run(call, t, seed=5):
    """The result of ``call(t)`` and the draw that follows it."""
    t.manual_seed(seed)
    result = call(t)
    return result, t.rand(3, dtype=t.float64)


def same(call, ulps=0):
    (expected, after), (got, ours_after) = (run(call, t) for t in BOTH)
    for a, b in ((expected, got), (after, ours_after)):
        (a, a_dtype), (b, b_dtype) = values(a), values(b)
        assert a_dtype == b_dtype
        assert np.shape(a) == np.shape(b)
        eps = EPS.get(a_dtype, 0) if ulps else 0
        scale = np.abs(a).max(initial=1) if np.size(a) else 1
        np.testing.assert_allclose(b, a, rtol=0, atol=ulps * eps * scale)


def errors_agree(call):
    """Both raise the same type with the same first line."""
    with pytest.raises(Exception) as expected:
        call(torch)
    with pytest.raises(type(expected.value)) as got:
        call(torchlike)
    wanted = str(expected.value).splitlines()[0].split(", but expected")[0]
    assert str(got.value).splitlines()[0].startswith(wanted)
