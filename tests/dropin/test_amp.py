"""``torch.autocast`` casts as PyTorch's lists say; ``GradScaler`` scales as it does."""

from __future__ import annotations

import subprocess
import sys

import pytest

from . import both

MAKE = """
import contextlib
torch.manual_seed(0)
nn = torch.nn
x, v, m = torch.rand(2, 3, 8, 8), torch.rand(4, 4), torch.rand(2, 4, 4)
y = torch.tensor([0, 1, 2, 3])
spd = v @ v.T + torch.eye(4)
def show(f):
    for cast in (lambda a: a, lambda a: a.bfloat16()):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            r = f(cast)
        while isinstance(r, tuple):
            r = r[0]
        print(r.dtype)
"""
CALLS = """
c(v) @ v
torch.matmul(c(v), v)
c(v).mm(v)
torch.bmm(c(m), m)
torch.addmm(c(v), v, v)
torch.baddbmm(c(m), m, m)
torch.einsum("ij,jk->ik", c(v), v)
torch.mv(c(v), c(v[0]))
torch.dot(c(v[0]), c(v[0]))
F.linear(c(v), v)
F.conv2d(c(x), torch.rand(4, 3, 3, 3))
F.conv_transpose2d(c(x), torch.rand(3, 4, 3, 3))
F.scaled_dot_product_attention(c(m), m, m)
F.prelu(c(v), torch.rand(1))
F.mse_loss(c(v), v)
F.cross_entropy(c(v), y)
F.nll_loss(c(v), y)
F.binary_cross_entropy_with_logits(c(v), v)
F.softmax(c(v), -1)
F.layer_norm(c(v), (4,), torch.ones(4), torch.ones(4))
F.batch_norm(c(x), torch.zeros(3), torch.ones(3))
F.avg_pool2d(c(x), 2)
F.adaptive_avg_pool3d(c(x), 2)
torch.exp(c(v))
torch.sum(c(v))
torch.prod(c(v))
torch.cdist(c(v), v)
torch.cat([c(v), v])
torch.stack([c(v), v])
torch.linalg.inv(c(spd))
torch.linalg.svd(c(v))
torch.matmul(v.double(), v.double())
nn.LSTM(4, 4)(c(m))
nn.RNNCell(4, 4)(c(v))
nn.MultiheadAttention(4, 2)(c(m), c(m), c(m))
nn.TransformerEncoderLayer(4, 2, 8)(c(m))
""".strip().splitlines()

TRAINING = """
torch.manual_seed(0)
nn = torch.nn
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu", init_scale=64.0, growth_interval=2)
data, target = torch.randn(32, 8), torch.randint(3, (32,))
for step in range(5):
    optimizer.zero_grad()
    with torch.autocast("cpu"):
        loss = F.cross_entropy(model(data), target)
    if step == 3:
        loss = loss * float("inf")
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    print(f"{loss.item():.2f}", scaler.get_scale(), model[0].weight.grad.dtype)
print(scaler.state_dict())
"""
STATE = """
a = torch.ones(2, 2)
print(torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu"))
with torch.autocast("cpu"):
    print(torch.is_autocast_enabled("cpu"), torch.is_autocast_cpu_enabled())
    with torch.autocast("cpu", enabled=False):
        print(torch.is_autocast_enabled("cpu"), (a @ a).dtype)
    print((a @ a).dtype)
@torch.autocast("cpu")
def f(a):
    return a @ a
print(f(torch.ones(2, 2)).dtype, (a @ a).dtype)
w = torch.ones(2, 2, requires_grad=True)
with torch.autocast("cpu"):
    (w @ w).sum().backward()
print(w.grad)
"""


@pytest.mark.parametrize("call", CALLS, ids=range(len(CALLS)))
def test_casts(call):
    snippet = f"{MAKE}\nshow(lambda c: {call})"
    try:
        wanted = both.output(snippet, "torch")
    except RuntimeError as error:
        if "could not create a primitive" in str(error):
            pytest.skip("PyTorch has no such kernel for this processor")
        raise
    assert both.output(snippet, "torchlike") == wanted


@pytest.mark.parametrize("snippet", [TRAINING, STATE], ids=["training", "state"])
def test_as_a_whole(snippet):
    assert both.output(snippet, "torchlike") == both.output(snippet, "torch")


def test_nothing_is_looked_at_before_the_first_region():
    code = (
        "import torchlike as torch; code = torch.matmul.__code__\n"
        "torch.ones(2, 2) @ torch.ones(2, 2); assert torch.matmul.__code__ is code\n"
        "with torch.autocast('cpu'): assert torch.matmul.__code__ is not code\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
