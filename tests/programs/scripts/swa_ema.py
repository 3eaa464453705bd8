"""Stochastic weight averaging and an exponential moving average of the weights."""

import copy

import torch
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn, update_bn
from torch.utils.data import DataLoader, TensorDataset


class EMA:
    """The hand-written kind: a shadow copy, updated in place."""

    def __init__(self, model, decay):
        self.shadow = copy.deepcopy(model).eval()
        self.decay = decay
        for p in self.shadow.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        pairs = zip(self.shadow.parameters(), model.parameters(), strict=True)
        for ema, p in pairs:
            ema.mul_(self.decay).add_(p, alpha=1 - self.decay)
        for ema, b in zip(self.shadow.buffers(), model.buffers(), strict=True):
            ema.copy_(b)


torch.manual_seed(0)
x = torch.randn(120, 6)
y = (x[:, :1] * x[:, 1:2] + 0.3 * x[:, 2:3]).tanh()
loader = DataLoader(TensorDataset(x, y), batch_size=24, shuffle=True)
model = nn.Sequential(nn.Linear(6, 24), nn.BatchNorm1d(24), nn.SiLU(), nn.Linear(24, 1))
swa_model = AveragedModel(model)
ema_model = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
own = EMA(model, 0.9)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
swa_scheduler = SWALR(optimizer, swa_lr=0.05, anneal_epochs=2)
step = 0
for epoch in range(10):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = nn.functional.huber_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        ema_model.update_parameters(model)
        own.update(model)
        print(f"step {step} loss {loss.item():.7f}")
        step += 1
    if epoch >= 5:
        swa_model.update_parameters(model)
        swa_scheduler.step()
    else:
        scheduler.step()
    print(f"epoch {epoch} lr {optimizer.param_groups[0]['lr']:.6f}")
update_bn(loader, swa_model)
for name, candidate in (("last", model), ("swa", swa_model), ("ema", ema_model)):
    candidate.eval()
    with torch.no_grad():
        error = nn.functional.mse_loss(candidate(x), y)
    print(f"step {name} error {error.item():.7f}")
with torch.no_grad():
    print(f"step own error {nn.functional.mse_loss(own.shadow(x), y).item():.7f}")
print(int(swa_model.n_averaged), int(ema_model.n_averaged), len(own.shadow))
