"""Sequences of different lengths through a packed bidirectional LSTM."""

import torch
from torch import nn
from torch.nn.utils.rnn import (
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
)
from torch.utils.data import DataLoader, Dataset


class Parity(Dataset):
    """Is the number of ones in a sequence of bits even? With noise features."""

    def __init__(self, size):
        g = torch.Generator().manual_seed(42)
        self.items = []
        for _ in range(size):
            length = int(torch.randint(3, 9, (), generator=g))
            bits = torch.randint(0, 2, (length,), generator=g)
            noise = torch.rand(length, 2, generator=g)
            x = torch.cat([bits.float().unsqueeze(1), noise], dim=1)
            self.items.append((x, int(bits.sum() > length / 2)))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    xs, ys = zip(*batch, strict=True)
    lengths = torch.tensor([len(x) for x in xs])
    return pad_sequence(xs, batch_first=True), lengths, torch.tensor(ys)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 16, batch_first=True, bidirectional=True)
        self.head = nn.Linear(64, 2)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        )
        out, (h, _) = self.rnn(packed)
        out, sizes = pad_packed_sequence(out, batch_first=True)
        mean = out.sum(1) / sizes.unsqueeze(1)
        return self.head(torch.cat([h[0], h[1], mean], dim=1))


torch.manual_seed(0)
loader = DataLoader(Parity(160), batch_size=32, shuffle=True, collate_fn=collate)
model = Tagger()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
step = 0
for epoch in range(6):
    correct = 0
    for x, lengths, y in loader:
        logits = model(x, lengths)
        loss = nn.functional.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        correct += (logits.argmax(1) == y).sum().item()
        print(f"step {step} loss {loss.item():.7f} longest {lengths.max().item()}")
        step += 1
    print(f"epoch {epoch} accuracy {correct / 160:.2f}")
packed = pack_sequence([torch.arange(4.0), torch.arange(2.0), torch.arange(1.0)])
print(packed.data, packed.batch_sizes)
