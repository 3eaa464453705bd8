"""Stop, save, start again: the resumed run repeats the first, bit for bit."""

import os
import tempfile

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def build():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(10, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2)
    )
    model.append(nn.Linear(32, 3))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, amsgrad=True)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=8)
    return model, optimizer, scheduler


def run(model, optimizer, scheduler, epochs, show=True):
    history = []
    for epoch in epochs:
        loader = DataLoader(dataset, batch_size=16, shuffle=True)
        for x, y in loader:
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.append(loss.item())
            if show:
                print(f"step {len(history)} loss {loss.item():.7f}")
        scheduler.step()
        print(f"epoch {epoch} lr {optimizer.param_groups[0]['lr']:.5f}")
    return history


data = torch.Generator().manual_seed(5)
features = torch.randn(96, 10, generator=data)
dataset = TensorDataset(features, torch.randint(3, (96,), generator=data))

model, optimizer, scheduler = build()
run(model, optimizer, scheduler, range(4))
folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "checkpoint.pt")
torch.save(
    {
        "epoch": 3,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "rng": torch.get_rng_state(),
    },
    path,
)
straight = run(model, optimizer, scheduler, range(4, 8), show=False)

fresh, optimizer, scheduler = build()
checkpoint = torch.load(path, map_location="cpu", weights_only=True)
fresh.load_state_dict(checkpoint["model"])
optimizer.load_state_dict(checkpoint["optimizer"])
scheduler.load_state_dict(checkpoint["scheduler"])
torch.set_rng_state(checkpoint["rng"])
start = checkpoint["epoch"] + 1
resumed = run(fresh, optimizer, scheduler, range(start, 8), show=False)
print("same losses:", straight == resumed)
same = [
    torch.equal(a, b)
    for a, b in zip(model.state_dict().values(), fresh.state_dict().values())
]
print("same weights:", all(same), len(same))
folder.cleanup()
