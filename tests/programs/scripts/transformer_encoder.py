"""Does a sequence hold the same digit twice in a row? nn.TransformerEncoder."""

import math

import torch
from torch import nn


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, dropout=0.1, max_len=64):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(
            torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model)
        )
        pe = torch.zeros(max_len, d_model)
        pe[:, 0::2] = torch.sin(position * div_term)
        pe[:, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return self.dropout(x + self.pe[: x.size(1)])


class Classifier(nn.Module):
    def __init__(self, d_model=32):
        super().__init__()
        self.embedding = nn.Embedding(11, d_model, padding_idx=10)
        self.pos = PositionalEncoding(d_model)
        layer = nn.TransformerEncoderLayer(
            d_model, nhead=4, dim_feedforward=64, dropout=0.1, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(
            layer, num_layers=2, enable_nested_tensor=False
        )
        self.head = nn.Linear(d_model, 2)

    def forward(self, src):
        padding = src == 10
        x = self.pos(self.embedding(src) * math.sqrt(self.embedding.embedding_dim))
        x = self.encoder(x, src_key_padding_mask=padding)
        keep = (~padding).unsqueeze(-1).float()
        return self.head((x * keep).sum(1) / keep.sum(1))


def make(n, length=12):
    x = torch.randint(0, 10, (n, length))
    cut = torch.randint(4, length + 1, (n, 1))
    x[torch.arange(length) >= cut] = 10
    y = ((x[:, 1:] == x[:, :-1]) & (x[:, 1:] != 10)).any(1).long()
    return x, y


torch.manual_seed(0)
model = Classifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, weight_decay=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 20, gamma=0.5)
model.train()
for step in range(50):
    x, y = make(32)
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    scheduler.step()
    print(f"step {step} loss {loss.item():.7f}")
print(f"lr {scheduler.get_last_lr()[0]:g}; {sum(map(len, model.state_dict()))} letters")
model.eval()
x, y = make(64)
with torch.no_grad():
    print(f"accuracy {(model(x).argmax(1) == y).float().mean():.1f}")
