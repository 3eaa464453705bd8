"""Character model with a two-layer LSTM: truncated backpropagation, clipping."""

import math

import torch
import torch.nn as nn

TEXT = (
    """It was the best of times, it was the worst of times, it was the age of
wisdom, it was the age of foolishness, it was the epoch of belief, it was the epoch of
incredulity, it was the season of Light, it was the season of Darkness, it was the
spring of hope, it was the winter of despair. """
    * 3
)


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp=24, nhid=32, nlayers=2, dropout=0.2):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid, nlayers, dropout=dropout)
        self.decoder = nn.Linear(nhid, ntoken)
        self.nhid, self.nlayers = nhid, nlayers
        self.init_weights()

    def init_weights(self):
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)
        nn.init.uniform_(self.decoder.weight, -0.1, 0.1)

    def forward(self, input, hidden):
        output, hidden = self.rnn(self.drop(self.encoder(input)), hidden)
        decoded = self.decoder(self.drop(output))
        return decoded.view(-1, decoded.size(-1)), hidden

    def init_hidden(self, bsz):
        weight = next(self.parameters())
        shape = (self.nlayers, bsz, self.nhid)
        return weight.new_zeros(shape), weight.new_zeros(shape)


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    return data.narrow(0, 0, nbatch * bsz).view(bsz, -1).t().contiguous()


def repackage_hidden(h):
    if isinstance(h, torch.Tensor):
        return h.detach()
    return tuple(repackage_hidden(v) for v in h)


torch.manual_seed(1111)
vocabulary = sorted(set(TEXT))
ids = torch.tensor([vocabulary.index(c) for c in TEXT], dtype=torch.int64)
data = batchify(ids, 4)
model = RNNModel(len(vocabulary))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=2.0)
bptt, step = 20, 0
for epoch in range(4):
    model.train()
    hidden = model.init_hidden(4)
    total = 0.0
    for i in range(0, data.size(0) - bptt - 1, bptt):
        inputs, targets = data[i : i + bptt], data[i + 1 : i + 1 + bptt].reshape(-1)
        optimizer.zero_grad()
        hidden = repackage_hidden(hidden)
        output, hidden = model(inputs, hidden)
        loss = criterion(output, targets)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
        optimizer.step()
        print(f"step {step} loss {loss.item():.7f} norm {norm.item():.7f}")
        total += loss.item()
        step += 1
    print(f"epoch {epoch} ppl {math.exp(total / (i // bptt + 1)):.1f}")
model.eval()
with torch.no_grad():
    hidden = model.init_hidden(1)
    letter, written = ids[:1].view(1, 1), ""
    for _ in range(30):
        output, hidden = model(letter, hidden)
        letter = output.argmax(dim=1, keepdim=True)
        written += vocabulary[letter.item()]
print(repr(written))
