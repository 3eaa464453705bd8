"""Reverse a string: GRU encoder, attention decoder, teacher forcing by chance."""

import random

import torch
import torch.nn as nn
import torch.nn.functional as F

SOS, EOS, LETTERS = 0, 1, 8


class Encoder(nn.Module):
    def __init__(self, size, hidden):
        super().__init__()
        self.embedding = nn.Embedding(size, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x):
        return self.gru(self.dropout(self.embedding(x)))


class BahdanauAttention(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.Wa = nn.Linear(hidden, hidden)
        self.Ua = nn.Linear(hidden, hidden)
        self.Va = nn.Linear(hidden, 1)

    def forward(self, query, keys):
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys)))
        weights = F.softmax(scores.squeeze(2).unsqueeze(1), dim=-1)
        return torch.bmm(weights, keys), weights


class Decoder(nn.Module):
    def __init__(self, hidden, size):
        super().__init__()
        self.embedding = nn.Embedding(size, hidden)
        self.attention = BahdanauAttention(hidden)
        self.gru = nn.GRU(2 * hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, size)

    def forward(self, encoded, hidden, length, target=None):
        token = torch.full((encoded.size(0), 1), SOS, dtype=torch.long)
        outputs, attentions = [], []
        for i in range(length):
            embedded = self.embedding(token)
            query = hidden.permute(1, 0, 2)
            context, weights = self.attention(query, encoded)
            out, hidden = self.gru(torch.cat((embedded, context), dim=2), hidden)
            out = self.out(out)
            outputs.append(out)
            attentions.append(weights)
            if target is not None:
                token = target[:, i].unsqueeze(1)
            else:
                _, topi = out.topk(1)
                token = topi.squeeze(-1).detach()
        return F.log_softmax(torch.cat(outputs, 1), dim=-1), torch.cat(attentions, 1)


def batch(n, length=5):
    words = torch.randint(2, 2 + LETTERS, (n, length))
    end = torch.full((n, 1), EOS)
    return words, torch.cat([words.flip(1), end], dim=1)


random.seed(0)
torch.manual_seed(0)
encoder, decoder = Encoder(2 + LETTERS, 24), Decoder(24, 2 + LETTERS)
params = [*encoder.parameters(), *decoder.parameters()]
optimizer = torch.optim.Adam(params, lr=0.01)
criterion = nn.NLLLoss()
for step in range(50):
    source, target = batch(32)
    optimizer.zero_grad()
    encoded, hidden = encoder(source)
    forced = target if random.random() < 0.7 else None
    log_probs, _ = decoder(encoded, hidden, target.size(1), forced)
    loss = criterion(log_probs.view(-1, 2 + LETTERS), target.view(-1))
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f} forced {forced is not None}")
encoder.eval(), decoder.eval()
with torch.no_grad():
    source, target = batch(64)
    log_probs, attention = decoder(*encoder(source), target.size(1))
hits = (log_probs.argmax(-1) == target).float().mean()
print(f"tokens right {hits:.1f}; attention {tuple(attention.shape)}")
