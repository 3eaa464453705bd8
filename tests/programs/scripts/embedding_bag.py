"""Text classification with EmbeddingBag, offsets and per-sample weights."""

import torch
from torch import nn
from torch.utils.data import DataLoader

POSITIVE = ["a fine warm film", "great fun and great songs", "i loved this warm story"]
NEGATIVE = ["a dull slow film", "bad songs and bad jokes", "i hated this slow story"]
samples = [(1, s) for s in POSITIVE] + [(0, s) for s in NEGATIVE]
samples += [(1, "fine fun film"), (0, "dull bad film"), (1, "loved it"), (0, "so slow")]
vocab = {"<unk>": 0}
for _, sentence in samples[:8]:
    for word in sentence.split():
        vocab.setdefault(word, len(vocab))


class TextClassifier(nn.Module):
    def __init__(self, size, width=16, mode="mean"):
        super().__init__()
        self.embedding = nn.EmbeddingBag(size, width, mode=mode)
        self.fc = nn.Linear(width, 2)
        self.embedding.weight.data.uniform_(-0.5, 0.5)
        self.fc.weight.data.uniform_(-0.5, 0.5)
        self.fc.bias.data.zero_()

    def forward(self, text, offsets, weights=None):
        return self.fc(self.embedding(text, offsets, weights))


def collate_batch(batch):
    labels, texts, offsets = [], [], [0]
    for label, sentence in batch:
        ids = torch.tensor([vocab.get(w, 0) for w in sentence.split()])
        labels.append(label)
        texts.append(ids)
        offsets.append(ids.size(0))
    return torch.tensor(labels), torch.cat(texts), torch.tensor(offsets[:-1]).cumsum(0)


def train(mode, epochs):
    torch.manual_seed(11)
    model = TextClassifier(len(vocab), mode=mode)
    loader = DataLoader(samples, batch_size=5, shuffle=True, collate_fn=collate_batch)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    step = 0
    for _ in range(epochs):
        for labels, text, offsets in loader:
            weights = torch.linspace(0.5, 1.5, len(text)) if mode == "sum" else None
            loss = nn.functional.cross_entropy(model(text, offsets, weights), labels)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            optimizer.step()
            print(f"step {step} loss {loss.item():.7f} words {len(text)}")
            step += 1
    return model


for mode in ("mean", "sum", "max"):
    model = train(mode, 8)
    labels, text, offsets = collate_batch(samples)
    with torch.no_grad():
        right = (model(text, offsets).argmax(1) == labels).sum().item()
    print(f"{mode}: {right} of {len(samples)} right")
