"""Fine-tuning: freeze the body, a new head, groups with their own rates, EarlyStop."""

import copy

import torch
from sklearn.datasets import load_digits
from torch import nn


class EarlyStopping:
    def __init__(self, patience=2):
        self.patience, self.best, self.bad, self.state = patience, None, 0, None

    def __call__(self, loss, model):
        if self.best is None or loss < self.best:
            self.best, self.bad = loss, 0
            self.state = copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience


def train(model, optimizer, keep, steps, name):
    for step in range(steps):
        index = keep[torch.randint(len(keep), (64,))]
        loss = nn.functional.cross_entropy(model(x[index]), y[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step} {name} {loss.item():.7f}")


torch.manual_seed(0)
images, labels = load_digits(return_X_y=True)
x, y = torch.tensor(images).float() / 16, torch.tensor(labels)
body = nn.Sequential(nn.Linear(64, 48, bias=False), nn.BatchNorm1d(48), nn.ReLU())
model = nn.Sequential()
model.add_module("body", body)
model.add_module("fc", nn.Linear(48, 5))
first = torch.nonzero(y[:1400] < 5).flatten()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
train(model, optimizer, first, 25, "pretrain")

y = y % 5
for param in model.parameters():
    param.requires_grad = False
num_ftrs = model.fc.in_features
model.fc = nn.Linear(num_ftrs, 5)
trainable = [n for n, p in model.named_parameters() if p.requires_grad]
print(trainable)
before = body[0].weight.clone()
optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), 0.1)
train(model, optimizer, torch.arange(1400), 20, "head")
print("body unchanged:", torch.equal(before, body[0].weight))

body.requires_grad_(True)
optimizer = torch.optim.Adam(
    [{"params": body.parameters(), "lr": 1e-3}, {"params": model.fc.parameters()}],
    lr=1e-2,
)
stop = EarlyStopping()
for epoch in range(4):
    model.train()
    train(model, optimizer, torch.arange(1400), 10, f"all {epoch}")
    model.eval()
    with torch.no_grad():
        held = nn.functional.cross_entropy(model(x[1400:]), y[1400:]).item()
    print(f"step {epoch} held {held:.6f}")
    if stop(held, model):
        break
missing, unexpected = model.load_state_dict(stop.state, strict=False)
print(missing, unexpected, type(stop.state).__name__, list(stop.state)[:3])
