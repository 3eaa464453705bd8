"""Skip-gram with negative sampling; nearest words by cosine similarity."""

from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

TEXT = """the king rules the land and the queen rules the land the king and the queen
live in the castle the dog chases the cat the cat chases the mouse the dog and the cat
live in the house the king has a dog the queen has a cat a mouse lives in the castle"""


class SkipGram(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        self.centre = nn.Embedding(size, width)
        self.context = nn.Embedding(size, width)
        self.centre.weight.data.uniform_(-0.5 / width, 0.5 / width)
        self.context.weight.data.zero_()

    def forward(self, centre, positive, negative):
        v = self.centre(centre)  # (B, D)
        u = self.context(positive)  # (B, D)
        n = self.context(negative)  # (B, K, D)
        pos = F.logsigmoid((u * v).sum(1))
        neg = F.logsigmoid(-torch.bmm(n, v.unsqueeze(2)).squeeze(2)).sum(1)
        return -(pos + neg).mean()


torch.manual_seed(0)
words = TEXT.split()
counts = Counter(words)
vocab = sorted(counts)
ids = {w: i for i, w in enumerate(vocab)}
pairs = torch.tensor(
    [
        (ids[words[i]], ids[words[j]])
        for i in range(len(words))
        for j in range(max(0, i - 2), min(len(words), i + 3))
        if i != j
    ]
)
frequency = torch.tensor([counts[w] for w in vocab], dtype=torch.float) ** 0.75
model = SkipGram(len(vocab), 12)
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.3)
step = 0
for epoch in range(10):
    for index in torch.randperm(len(pairs)).split(64):
        centre, context = pairs[index].T
        noise = torch.multinomial(frequency, len(index) * 4, replacement=True)
        loss = model(centre, context, noise.view(-1, 4))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step < 50:
            print(f"step {step} loss {loss.item():.7f}")
        step += 1
vectors = F.normalize(model.centre.weight.detach(), dim=1)
similarity = vectors @ vectors.T
similarity.fill_diagonal_(-1)
for word in ("king", "cat"):
    print(word, "is near", vocab[similarity[ids[word]].argmax().item()])
print(len(pairs), "pairs,", step, "steps")
