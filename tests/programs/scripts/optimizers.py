"""The same problem with every optimiser, parameter groups and closures among them."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(100, 6)
y = (x[:, :2].prod(1, keepdim=True) + x[:, 2:3].abs()) / 2
MAKERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-4),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.01, amsgrad=True),
    "NAdam": lambda p: torch.optim.NAdam(p, lr=0.01),
    "RAdam": lambda p: torch.optim.RAdam(p, lr=0.01),
    "Adamax": lambda p: torch.optim.Adamax(p, lr=0.01),
    "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05),
    "Adadelta": lambda p: torch.optim.Adadelta(p, lr=1.0),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.005, centered=True, momentum=0.5),
    "Rprop": lambda p: torch.optim.Rprop(p, lr=0.01),
    "ASGD": lambda p: torch.optim.ASGD(p, lr=0.05),
    "LBFGS": lambda p: torch.optim.LBFGS(p, lr=0.5, max_iter=4),
}
for name, make in MAKERS.items():
    torch.manual_seed(2)
    model = nn.Sequential(nn.Linear(6, 12), nn.Mish(), nn.Linear(12, 1))
    optimizer = make(model.parameters())

    def closure():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        return loss

    for step in range(6):
        loss = optimizer.step(closure)
        print(f"step {step} {name} {loss.item():.7f}")
    keys = sorted(optimizer.state[model[0].weight])
    print(name, keys[0], len(optimizer.param_groups[0]["params"]))

# groups with options of their own
torch.manual_seed(2)
model = nn.ModuleDict({"body": nn.Linear(6, 12), "head": nn.Linear(12, 1)})
optimizer = torch.optim.AdamW(
    [{"params": model["body"].parameters(), "lr": 1e-3}], lr=1e-2, weight_decay=0.1
)
optimizer.add_param_group({"params": model["head"].parameters(), "weight_decay": 0.0})
for step in range(20):
    loss = nn.functional.l1_loss(model["head"](model["body"](x).relu()), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} groups {loss.item():.7f}")
print([(g["lr"], g["weight_decay"], len(g["params"])) for g in optimizer.param_groups])
