"""nn.TransformerEncoder, 2 layers of width 128, 4 heads, batch 32 × 32: encoder.py."""

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.nn import functional as F

VOCABULARY, WIDTH, LENGTH, BATCH = 1000, 128, 32, 32


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH)
        self.position = nn.Parameter(torch.zeros(LENGTH, WIDTH))
        layer = nn.TransformerEncoderLayer(WIDTH, 4, 256, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.head = nn.Linear(WIDTH, 4)

    def forward(self, tokens):  # (N, T)
        return self.head(self.encoder(self.embedding(tokens) + self.position).mean(1))


torch.manual_seed(0)
model = prepare(Classifier())
optimizer = optim.AdamW(model.parameters(), lr=1e-3)
tokens = torch.randint(0, VOCABULARY, (BATCH, LENGTH), device=DEVICE)
labels = torch.randint(0, 4, (BATCH,), device=DEVICE)


def step():
    optimizer.zero_grad()
    loss = F.cross_entropy(model(tokens), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
