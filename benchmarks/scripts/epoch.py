"""An epoch of 2,048 samples through a DataLoader: epoch.py tensors | items.

`tensors` is a TensorDataset, `items` a data set with a ``__getitem__`` in Python.
"""

import sys

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

COUNT, BATCH = 2048, 64


class Items(Dataset):
    def __init__(self, rows, labels):
        self.rows, self.labels = rows, labels

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index] * 2 - 1, self.labels[index]


torch.manual_seed(0)
kind = {"tensors": TensorDataset, "items": Items}[sys.argv[1]]
dataset = kind(torch.rand(COUNT, 64), torch.randint(0, 10, (COUNT,)))
loader = DataLoader(dataset, batch_size=BATCH, shuffle=True)
model = prepare(nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10)))
optimizer = optim.Adam(model.parameters(), lr=1e-3)


def step():
    total = 0.0
    for x, y in loader:
        x, y = x.to(DEVICE), y.to(DEVICE)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


measure(step)
