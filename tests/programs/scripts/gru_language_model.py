"""Word model with a hand-written GRU cell loop beside nn.GRUCell; tied weights."""

import torch
from torch import nn
from torch.nn import functional as F

LINES = """row row row your boat gently down the stream
merrily merrily merrily merrily life is but a dream
twinkle twinkle little star how i wonder what you are
up above the world so high like a diamond in the sky
mary had a little lamb its fleece was white as snow
and everywhere that mary went the lamb was sure to go"""


class Vocabulary:
    def __init__(self, text):
        self.idx2word = ["<bos>", "<eos>", *dict.fromkeys(text.split())]
        self.word2idx = {w: i for i, w in enumerate(self.idx2word)}

    def encode(self, line):
        return [0, *(self.word2idx[w] for w in line.split()), 1]


class GRUModel(nn.Module):
    def __init__(self, size, width=32):
        super().__init__()
        self.embed = nn.Embedding(size, width)
        self.cell = nn.GRUCell(width, width)
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, size)
        self.out.weight = self.embed.weight

    def forward(self, tokens, h=None):
        if h is None:
            h = torch.zeros(tokens.size(0), self.cell.hidden_size)
        outputs = []
        for x in self.embed(tokens).unbind(dim=1):
            h = self.cell(x, h)
            outputs.append(self.out(self.norm(h)))
        return torch.stack(outputs, dim=1), h


torch.manual_seed(5)
vocab = Vocabulary(LINES)
sequences = [torch.tensor(vocab.encode(line)) for line in LINES.splitlines()]
batch = nn.utils.rnn.pad_sequence(sequences, batch_first=True, padding_value=-1)
tokens, targets = batch[:, :-1].clamp(min=0), batch[:, 1:]
model = GRUModel(len(vocab.idx2word))
print(len(vocab.idx2word), "words;", tuple(batch.shape), len(list(model.parameters())))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(50):
    logits, _ = model(tokens)
    loss = F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=-1)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), 0.1)
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")
model.eval()
for start in ("mary", "twinkle"):
    words, h = [start], None
    token = torch.tensor([[vocab.word2idx[start]]])
    while words[-1] != "<eos>" and len(words) < 12:
        with torch.no_grad():
            logits, h = model(token, h)
        token = logits[:, -1].topk(1).indices
        words.append(vocab.idx2word[token])
    print(*words)
