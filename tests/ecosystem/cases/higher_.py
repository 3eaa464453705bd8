# packages: higher
import higher
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
inner = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(8, 3), torch.randn(8, 1)
context = higher.innerloop_ctx(model, inner, copy_initial_weights=False)
with context as (fast, optimizer):
    for step in range(2):
        optimizer.step((fast(x) - y).pow(2).mean())
    loss = (fast(x) - y).pow(2).mean()
    loss.backward()
print(loss.item(), *model.weight.grad.flatten().tolist())
