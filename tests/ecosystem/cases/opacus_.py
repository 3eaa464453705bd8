# packages: opacus
import torch
from opacus import GradSampleModule
from opacus.optimizers import DPOptimizer

torch.manual_seed(0)
net = torch.nn.Sequential(
    torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(),
    torch.nn.Linear(64, 8), torch.nn.LayerNorm(8), torch.nn.Linear(8, 3),
)  # fmt: skip
model = GradSampleModule(net)
optimizer = DPOptimizer(
    torch.optim.SGD(model.parameters(), lr=0.1), noise_multiplier=0.5,
    max_grad_norm=1.0, expected_batch_size=4,
    generator=torch.Generator().manual_seed(1),
)  # fmt: skip
x, y = torch.randn(4, 1, 6, 6), torch.randint(3, (4,))
for step in range(3):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    norms = [
        p.grad_sample.flatten(1).norm(dim=1).sum().item() for p in net.parameters()
    ]
    optimizer.step()
    print("loss", loss.item(), "norms", *norms)
