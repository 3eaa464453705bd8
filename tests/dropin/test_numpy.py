"""NumPy functions on tensors, and tensors where NumPy wants arrays."""

from __future__ import annotations

import pytest

from . import both

EXPRESSIONS = """
np.ones(2) * torch.ones(2)
torch.ones(2) * np.ones(2)
np.float64(2) * torch.ones(2)
np.float32(2) + torch.ones(2)
torch.ones(2) + np.float64(2)
torch.ones(2) > np.ones(2)
np.ones(2) == torch.ones(2)
torch.ones(2)[np.array([0, 1])]
np.ones(3)[torch.tensor([0, 1])]
np.ones(3)[torch.tensor(1)]
np.array([torch.tensor(1.), torch.tensor(2.)])
np.asarray(torch.ones(2))
np.array(torch.ones(2), dtype=np.int32)
np.dot(torch.ones(2), np.ones(2))
np.isclose(torch.ones(2), 1.0)
np.allclose(torch.ones(2), 1)
np.sqrt(torch.tensor(4.))
np.greater(torch.ones(2), 0)
np.exp(torch.ones(1, requires_grad=True))
np.mean([torch.tensor(1.), torch.tensor(3.)])
np.stack([torch.ones(1), torch.ones(1)])
np.linalg.norm(torch.ones(2))
np.argmax(torch.ones(2))
np.round(torch.ones(2))
np.from_dlpack(torch.arange(3.))
torch.from_dlpack(np.arange(3.))
torch.utils.dlpack.from_dlpack(torch.utils.dlpack.to_dlpack(torch.arange(3)))
torch.full((2,), np.float32(3))
torch.full((2,), np.int64(3))
torch.ones(np.int64(2))
torch.add(torch.ones(2), np.float32(1))
torch.tensor([np.array([1, 2]), np.array([3, 4])])
hasattr(torch.ones(1), '__cuda_array_interface__')
torch.ones(2) @ np.ones(2)
np.ones(2) @ torch.ones(2)
""".strip().splitlines()


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=range(len(EXPRESSIONS)))
def test_numpy(expression):
    assert both.outcome(expression, "torchlike") == both.outcome(expression, "torch")
