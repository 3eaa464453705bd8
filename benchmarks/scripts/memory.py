"""Memory over 10,000 steps of a small network, in the process and in the caches."""

import gc
import os

import torch
from probes import cache_sizes, resident_bytes
from timing import report
from torch import nn, optim

STEPS = int(os.environ.get("BENCH_STEPS", "10000"))

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1))
optimizer = optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(64, 64)
y = torch.randn(64, 1)

resident, caches = [], []
total = torch.zeros(())
for step in range(1, STEPS + 1):
    optimizer.param_groups[0]["lr"] = 0.01 / step
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    total += loss.detach()
    if step % 100 == 0:
        total.item()
    if step % (STEPS // 10) == 0:
        gc.collect()
        resident.append(resident_bytes())
        caches.append(cache_sizes())

# The first fifth fills pools and caches; from there on nothing may grow.
report(
    resident_mib=[round(r / 2**20, 1) for r in resident],
    growth_mib=(resident[-1] - resident[1]) / 2**20,
    caches_at_a_fifth=caches[1],
    caches_at_the_end=caches[-1],
)
