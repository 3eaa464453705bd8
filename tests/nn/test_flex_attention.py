"""``flex_attention`` beside PyTorch's."""

import pytest
import torch as real
from torch.nn.attention import flex_attention as theirs

import torchlike as torch
from torchlike.nn.attention import flex_attention as ours


def causal(b, h, q, kv):
    return q >= kv


def window(b, h, q, kv):
    return (q - kv) < 3


def distance(score, b, h, q, kv):
    return score + (kv - q) * 0.25 * (h + 1)


def soft_cap(score, b, h, q, kv):
    return 2.0 * (score / 2.0).tanh()


CASES = {
    "plain": {},
    "scale": {"scale": 0.3},
    "score": {"score_mod": distance},
    "cap": {"score_mod": soft_cap, "mask": lambda f: causal},
    "causal": {"mask": lambda f: causal},
    "window": {"mask": lambda f: f.and_masks(causal, window)},
    "either": {"mask": lambda f: f.or_masks(causal, window)},
    "grouped": {"enable_gqa": True, "shared": 2},
}


def run(torch, flex, tensors, mask=None, shared=4, **options):
    if mask is not None:
        n, m = tensors[0].shape[2], tensors[1].shape[2]
        made = flex.create_block_mask(mask(flex), None, None, n, m, device="cpu")
        options["block_mask"] = made
    return flex.flex_attention(*tensors, **options)


def arrays(shared=4):
    generator = real.Generator().manual_seed(3)
    shapes = [(2, 4, 5, 8), (2, shared, 7, 8), (2, shared, 7, 6)]
    return [real.randn(s, generator=generator).double().numpy() for s in shapes]


@pytest.mark.parametrize("name", CASES)
def test_beside_pytorch(name):
    """The results; PyTorch has no gradients of it on the CPU."""
    case = CASES[name]
    data = arrays(case.get("shared", 4))
    want = run(real, theirs, [real.tensor(a) for a in data], **case)
    got = run(torch, ours, [torch.tensor(a) for a in data], **case)
    assert got.numpy() == pytest.approx(want.numpy(), rel=1e-6, abs=1e-7)


def test_gradients():
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays()]

    def attend(*tensors):
        return run(torch, ours, tensors, mask=lambda f: causal, score_mod=distance)

    assert torch.autograd.gradcheck(attend, tensors)


def test_block_mask():
    mine = ours.create_block_mask(causal, 2, None, 300, 260, device="cpu")
    other = theirs.create_block_mask(causal, 2, None, 300, 260, device="cpu")
    assert mine.to_dense().tolist() == other.to_dense().tolist()
    assert mine.shape == other.shape
    assert mine.sparsity() == pytest.approx(other.sparsity())


def test_errors():
    q, k = torch.ones(1, 4, 2, 2), torch.ones(1, 2, 2, 2)
    with pytest.raises(ValueError, match="Try setting enable_gqa=True"):
        ours.flex_attention(q, k, k)
    with pytest.raises(ValueError, match="must be 4D tensors"):
        ours.flex_attention(q[0], k[0], k[0])
