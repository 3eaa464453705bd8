"""Learning-rate schedulers, alone, chained and in sequence, while training."""

import torch
from torch import nn
from torch.optim import lr_scheduler as S

MAKERS = {
    "step": lambda o: S.StepLR(o, 3, 0.5),
    "multistep": lambda o: S.MultiStepLR(o, [2, 5], gamma=0.3),
    "exponential": lambda o: S.ExponentialLR(o, 0.9),
    "cosine": lambda o: S.CosineAnnealingLR(o, 6, eta_min=1e-3),
    "restarts": lambda o: S.CosineAnnealingWarmRestarts(o, 3, T_mult=2),
    "lambda": lambda o: S.LambdaLR(o, lambda e: min(1.0, (e + 1) / 4)),
    "multiplicative": lambda o: S.MultiplicativeLR(o, lambda e: 0.95),
    "polynomial": lambda o: S.PolynomialLR(o, 8, power=2.0),
    "cyclic": lambda o: S.CyclicLR(o, 0.01, 0.1, step_size_up=3, cycle_momentum=False),
    "onecycle": lambda o: S.OneCycleLR(o, max_lr=0.2, total_steps=9),
    "chained": lambda o: S.ChainedScheduler(
        [S.ConstantLR(o, 0.1, total_iters=3), S.ExponentialLR(o, 0.9)]
    ),
    "sequential": lambda o: S.SequentialLR(
        o,
        [S.LinearLR(o, 0.2, total_iters=3), S.CosineAnnealingLR(o, 5)],
        milestones=[3],
    ),
}

torch.manual_seed(0)
x = torch.randn(64, 5)
y = x.sum(1, keepdim=True).sigmoid()
for name, make in MAKERS.items():
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(5, 8), nn.ELU(), nn.Linear(8, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.8)
    scheduler = make(optimizer)
    rates = []
    for _ in range(8):
        optimizer.zero_grad()
        loss = nn.functional.smooth_l1_loss(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        rates.append(round(scheduler.get_last_lr()[0], 8))
    print(name, rates)
    print(f"step {name} loss {loss.item():.7f}")

optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
plateau = S.ReduceLROnPlateau(optimizer, "min", factor=0.5, patience=1)
for metric in (1.0, 0.9, 0.95, 0.93, 0.92, 0.91, 0.8):
    plateau.step(metric)
    print(metric, optimizer.param_groups[0]["lr"], plateau.num_bad_epochs)
state = plateau.state_dict()
print(state["best"], state["last_epoch"], sorted(state)[:3])
