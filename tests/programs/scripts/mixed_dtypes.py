"""float64, bfloat16, float16, integers and booleans in one script."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 8)
y = (x[:, 0] > 0).long()

# double precision
model = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 2)).double()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(25):
    loss = nn.functional.cross_entropy(model(x.double()), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.10f}")
print(loss.dtype, next(model.parameters()).grad.dtype)

# float32 master weights, forward pass in bfloat16
master = nn.Linear(8, 2)
optimizer = torch.optim.SGD(master.parameters(), lr=0.5)
for _ in range(25):
    weight, bias = (p.to(torch.bfloat16) for p in master.parameters())
    logits = nn.functional.linear(x.bfloat16(), weight, bias)
    loss = nn.functional.cross_entropy(logits.float(), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(logits.dtype, master.weight.grad.dtype, f"{loss.item():.2f}")

# how types meet
i8, i32 = torch.tensor([100, 27], dtype=torch.int8), torch.tensor([1, 2]).int()
mask = torch.tensor([True, False])
print(i8 + i8, (i8 + i32).dtype, (i8 * 1.5).dtype, (mask + mask).dtype, mask.sum())
print((x.half() + x).dtype, (x.half() * 2).dtype, (x.bfloat16() @ x.bfloat16().T).dtype)
print(torch.tensor(3) / 2, torch.tensor(-7) // 2, torch.tensor(-7) % 3, 2**i32)
print(torch.arange(5, dtype=torch.uint8).sub(3), torch.tensor([1e5]).half())
print(torch.result_type(i8, 1.0), torch.promote_types(torch.half, torch.bfloat16))
print(torch.finfo(torch.bfloat16).eps, torch.iinfo(torch.int16).max)
print(torch.tensor([1.5, -2.5, 3.5]).round().to(torch.int64), torch.tensor(2.7).int())
counts = torch.bincount(torch.tensor([0, 1, 1, 3]), minlength=5)
print(counts, counts.float().div(counts.sum()).tolist(), mask.float().mean().item())
print(torch.complex(torch.tensor(1.0), torch.tensor(2.0)).abs().item())
