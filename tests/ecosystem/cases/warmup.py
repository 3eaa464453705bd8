# packages: pytorch-warmup
import pytorch_warmup as warmup
import torch

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)
warm = warmup.UntunedLinearWarmup(optimizer)
x = torch.randn(8, 3)
for step in range(4):
    optimizer.zero_grad()
    loss = model(x).pow(2).mean()
    loss.backward()
    optimizer.step()
    with warm.dampening():
        scheduler.step()
    print(loss.item(), optimizer.param_groups[0]["lr"])
