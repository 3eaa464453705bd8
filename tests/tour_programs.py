"""The tour's code blocks as one program, and what the two libraries print of it."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCKS = sorted((ROOT / "tests" / "tour").glob("*.py"))

# Blocks that print nothing are asked for what they made.
PROBES = {
    "02_creation": "print(x)",
    "03_operations": "print(torch.equal(z, x + y), z.shape, z.dtype)",
    "04_autograd": "print(y, y.grad_fn is not None, x.is_leaf, x.requires_grad)",
    "05_module": "print(model, list(model.state_dict()), *model.parameters())",
    "06_optimizer": "print(optimizer)",
    "07_loss": "print(criterion, optimizer.param_groups[0]['lr'])",
    "08_training": "print(output, loss, model(x_train), x_train.grad)",
    "09_data": "print(len(dataset), len(dataloader), dataset[3], batch.dtype)",
    "10_saving": "print(model.state_dict(), torch.load('model.pth'))",
    "11_device": "print(x_train.device == y_train.device, device.type, x_train.shape)",
}

MATHEMATICS = """
import torch
a = torch.tensor([1.0, 2.0, 3.0])
b = torch.tensor([4.0, -5.0, 6.0])
print(torch.dot(a, b), a @ b, torch.cross(a, b, dim=0))
print(torch.dot(torch.cross(a, b, dim=0), a), torch.linalg.cross(b, a))
print(torch.norm(a), a.norm(p=1), torch.linalg.norm(b, float("inf")))
cosine = torch.dot(a, b) / (a.norm() * b.norm())
print(cosine, torch.acos(cosine))

h = 1e-3
x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
f = lambda x: x**3 - 2 * x
f(x).backward()
print(x.grad, (f(x.detach() + h) - f(x.detach() - h)) / (2 * h))

w = torch.tensor(0.5, requires_grad=True)
bias = torch.tensor(0.1, requires_grad=True)
for activation in (torch.sigmoid, torch.tanh, torch.relu, torch.nn.functional.elu):
    y_hat = activation(w * 2.0 + bias)
    error = 0.5 * (1.0 - y_hat) ** 2
    w.grad = bias.grad = None
    error.backward()
    print(activation.__name__, error, w.grad, bias.grad)

m = torch.tensor([[2.0, 0.0, 1.0], [1.0, 3.0, -1.0]])
u, s, vh = torch.linalg.svd(m, full_matrices=False)
print(s, torch.allclose(u @ torch.diag(s) @ vh, m, atol=1e-6))
print(torch.linalg.matrix_rank(m), torch.linalg.cond(m), torch.linalg.pinv(m))
"""


def program() -> str:
    """All blocks in order, seeded, each followed by its probe."""
    parts = ["import torch"]
    for block in BLOCKS:
        parts += [f'print("# {block.stem}")', "torch.manual_seed(0)"]
        parts += [block.read_text(), PROBES.get(block.stem, "")]
    return "\n".join(parts)


def own_imports(text: str) -> str:
    """The same program for users who import torchlike by its name."""
    text = re.sub(r"^import torch$", "import torchlike as torch", text, flags=re.M)
    text = re.sub(r"^import torch\.", "import torchlike.", text, flags=re.M)
    return re.sub(r"^from torch\b", "from torchlike", text, flags=re.M)


def run_program(text: str, folder: Path, *start: str) -> str:
    """Run ``text`` as a script in ``folder``; return what it prints."""
    (folder / "program.py").write_text(text)
    result = subprocess.run(
        [sys.executable, *start, "program.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    if result.returncode:
        raise RuntimeError(result.stderr)
    return result.stdout


_NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]\d+)?")


def assert_same_text(got: str, wanted: str, rtol: float = 1e-4, atol: float = 1e-6):
    """Same words, and the same numbers up to rounding, line by line."""
    got_lines, wanted_lines = got.splitlines(), wanted.splitlines()
    for mine, theirs in zip(got_lines, wanted_lines, strict=False):
        assert _NUMBER.sub("#", mine) == _NUMBER.sub("#", theirs), (mine, theirs)
        numbers = zip(_NUMBER.findall(mine), _NUMBER.findall(theirs), strict=True)
        for a, b in numbers:
            close = math.isclose(float(a), float(b), rel_tol=rtol, abs_tol=atol)
            assert close, (mine, theirs)
    assert len(got_lines) == len(wanted_lines)
