"""Training on the GPU gives what it gives on the CPU."""

from __future__ import annotations

import pytest

import torchlike as torch
import torchlike.nn.functional as F
from torchlike import nn

pytestmark = pytest.mark.cuda


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells = nn.LSTM(12, 16, num_layers=2, batch_first=True)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        return self.head(self.cells(x)[0][:, -1])


class Attentive(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
        self.inner = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        return self.head(self.inner(x).mean(1))


def convolutional():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, stride=2),
        nn.GELU(),
        nn.Flatten(),
        nn.Linear(8 * 3 * 3, 5),
    )


MODELS = {
    "mlp": (lambda: nn.Sequential(nn.Linear(20, 64), nn.Tanh(), nn.Linear(64, 5)), 20),
    "cnn": (convolutional, (3, 16, 16)),
    "lstm": (Recurrent, (9, 12)),
    "transformer": (Attentive, (7, 16)),
}


def losses(name: str, device: str, context=None) -> list[float]:
    """Losses of ten steps from the same weights on the same data."""
    make, shape = MODELS[name]
    shape = (shape,) if isinstance(shape, int) else shape
    torch.manual_seed(0)
    model = make().to(device)
    x, y = torch.randn(32, *shape).to(device), torch.arange(32).to(device) % 5
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    found = []
    for _ in range(10):
        optimizer.zero_grad()
        with context or torch.enable_grad():
            loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    assert all(p.device.type == torch.device(device).type for p in model.parameters())
    return found


@pytest.fixture
def exact(monkeypatch):
    """Convolutions in full float32, as on the CPU."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


@pytest.mark.parametrize("name", MODELS)
def test_losses_are_the_cpus(name, exact):
    assert losses(name, "cuda") == pytest.approx(losses(name, "cpu"), rel=2e-4)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_autocast(name, dtype):
    context = torch.autocast("cuda", dtype=getattr(torch, dtype))
    found = losses(name, "cuda", context)
    assert found[-1] < found[0]
    assert found[:3] == pytest.approx(losses(name, "cpu")[:3], rel=5e-2)


def test_gradient_scaler():
    model = nn.Linear(4, 2).cuda()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    before = model.weight.detach().clone()
    with torch.autocast("cuda", dtype=torch.float16):
        loss = model(torch.ones(3, 4, device="cuda")).square().mean()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    assert not torch.equal(before, model.weight)
    assert torch.isfinite(model.weight).all()


def test_a_step_compiles_once_and_memory_stays():
    model = nn.Sequential(nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 256)).cuda()
    optimizer = torch.optim.Adam(model.parameters())
    x = torch.randn(64, 256, device="cuda")

    def step():
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()

    for _ in range(5):
        step()
    torch.cuda.synchronize()
    compiles = torch._engine.stats().compiles
    held = torch.cuda.memory_allocated()
    for _ in range(200):
        step()
    torch.cuda.synchronize()
    assert torch._engine.stats().compiles == compiles
    assert torch.cuda.memory_allocated() <= held + (1 << 20)


def test_attention_in_half_precision():
    """cuDNN's kernel where it serves; values and gradients near those in float32."""
    torch.manual_seed(1)
    whole = [torch.randn(2, 4, 128, 64) for _ in range(3)]
    found = {}
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        leaves = [x.to("cuda", dtype).requires_grad_() for x in whole]
        out = F.scaled_dot_product_attention(*leaves, is_causal=True)
        assert out.dtype is dtype
        grads = torch.autograd.grad(out.float().square().sum(), leaves)
        found[dtype] = [t.float().cpu() for t in (out, *grads)]
    for dtype, close in ((torch.bfloat16, 3e-2), (torch.float16, 5e-3)):
        for got, want in zip(found[dtype], found[torch.float32], strict=True):
            assert (got - want).norm() < close * want.norm()


def test_precision_of_float32_products():
    """Exact by default; TF32 where it is asked for."""
    torch.manual_seed(2)
    a, b = torch.randn(512, 512), torch.randn(512, 512)
    want = a.double() @ b.double()

    def error():
        return ((a.cuda() @ b.cuda()).cpu().double() - want).norm() / want.norm()

    assert error() < 2e-6
    torch.set_float32_matmul_precision("high")
    try:
        assert 5e-5 < error() < 2e-3
    finally:
        torch.set_float32_matmul_precision("highest")
    assert error() < 2e-6


def test_precision_of_convolutions(exact):
    """TF32 as PyTorch's default is, exact where that is switched off."""
    torch.manual_seed(3)
    x, w = torch.randn(8, 64, 32, 32), torch.randn(64, 64, 3, 3)
    want = F.conv2d(x, w)

    def error():
        got = F.conv2d(x.cuda(), w.cuda()).cpu()
        return (got - want).norm() / want.norm()

    assert error() < 5e-6
    torch.backends.cudnn.allow_tf32 = True
    assert 5e-5 < error() < 2e-3
