# packages: botorch gpytorch linear_operator jaxtyping wadler-lindig pyro-ppl pyro-api
import torch
from botorch.acquisition import LogExpectedImprovement
from botorch.models import SingleTaskGP
from gpytorch.mlls import ExactMarginalLogLikelihood

torch.manual_seed(0)
x = torch.rand(6, 2, dtype=torch.double)
y = 1 - (x - 0.5).norm(dim=-1, keepdim=True)
model = SingleTaskGP(x, y)
mll = ExactMarginalLogLikelihood(model.likelihood, model)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
for step in range(3):
    optimizer.zero_grad()
    loss = -mll(model(*model.train_inputs), model.train_targets)
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
acquisition = LogExpectedImprovement(model.eval(), best_f=y.max())
at = torch.tensor([[[0.4, 0.6]]], dtype=torch.double, requires_grad=True)
value = acquisition(at)
value.sum().backward()
print(value.item(), *at.grad.flatten().tolist())
