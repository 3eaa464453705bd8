"""Batches of 16 sentences, each padded to its own longest: lengths.py.

Of 64 batches, met one after the other, the longest sentences have 33 to 64 words.
"""

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

VOCABULARY, WIDTH, BATCH, BATCHES = 1000, 64, 16, 64


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, WIDTH, padding_idx=0)
        self.hidden = nn.Linear(WIDTH, 2 * WIDTH)
        self.score = nn.Linear(2 * WIDTH, 1)
        self.head = nn.Linear(2 * WIDTH, 4)

    def forward(self, tokens):  # (N, T)
        x = torch.tanh(self.hidden(self.embedding(tokens)))
        score = self.score(x).squeeze(-1).masked_fill(tokens == 0, float("-inf"))
        return self.head((score.softmax(1).unsqueeze(-1) * x).sum(1))


def batch(number):
    """Sentences of random lengths, one of them of 33 + number % 32 words."""
    longest = 33 + number * 7 % 32
    lengths = [longest, *torch.randint(5, longest, (BATCH - 1,)).tolist()]
    rows = [torch.randint(1, VOCABULARY, (length,)) for length in lengths]
    return pad_sequence(rows, batch_first=True).to(DEVICE)


torch.manual_seed(0)
model = prepare(Classifier())
optimizer = optim.Adam(model.parameters(), lr=1e-3)
batches = [batch(number) for number in range(BATCHES)]
labels = torch.randint(0, 4, (BATCH,), device=DEVICE)
met = 0


def step():
    global met
    optimizer.zero_grad()
    loss = F.cross_entropy(model(batches[met % BATCHES]), labels)
    loss.backward()
    optimizer.step()
    met += 1
    return loss.item()


measure(step, at_least=BATCHES)
