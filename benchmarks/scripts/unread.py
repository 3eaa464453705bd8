"""Memory while BENCH_STEPS × 100 operations run whose results nobody reads."""

import gc
import os

import torch
from probes import resident_bytes
from timing import report

STEPS = int(os.environ.get("BENCH_STEPS", "10000"))

torch.manual_seed(0)
x = torch.randn(256)
average = torch.zeros(256)
resident = []
for step in range(1, STEPS + 1):
    for _ in range(34):
        average = average * 0.99 + 0.01 * x  # three operations
    if step % (STEPS // 10) == 0:
        gc.collect()
        resident.append(resident_bytes())

report(
    operations=STEPS * 102,
    resident_mib=[round(r / 2**20, 1) for r in resident],
    growth_mib=(max(resident[2:]) - resident[1]) / 2**20,
    last=average.sum().item(),
)
