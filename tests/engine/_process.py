"""A small training in a process of its own, which reports in its last line."""

from __future__ import annotations

import json
import os
import subprocess
import sys

SETUP = """
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
x, y = torch.randn(9, 5), torch.randn(9, 2)
"""
STEPS = """
found = []
for _ in range(4):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    found.append(loss.item().hex())
"""


def report(arguments: list[str], folder, **environment) -> dict:
    """What Python with these arguments prints last, as JSON; programs in ``folder``."""
    own = {"TORCHLIKE_CACHE_DIR": str(folder), "TORCHLIKE_FLUSH": "", **environment}
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return json.loads(lines[-1]) if lines else {}
