"""A language model: LSTM of 2 layers of 256, 35 × 20 tokens.

The state is carried from batch to batch, gradients are clipped, the step is SGD's.
"""

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.nn import functional as F

VOCABULARY, WIDTH, LENGTH, BATCH = 1000, 256, 35, 20


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(VOCABULARY, WIDTH)
        self.lstm = nn.LSTM(WIDTH, WIDTH, num_layers=2)
        self.decoder = nn.Linear(WIDTH, VOCABULARY)

    def forward(self, tokens, state):  # (T, N)
        output, state = self.lstm(self.encoder(tokens), state)
        return self.decoder(output), state


torch.manual_seed(0)
model = prepare(Model())
optimizer = optim.SGD(model.parameters(), lr=1.0)
text = torch.randint(0, VOCABULARY, (LENGTH + 1, BATCH), device=DEVICE)
state = tuple(torch.zeros(2, BATCH, WIDTH, device=DEVICE) for _ in range(2))


def step():
    global state
    state = tuple(s.detach() for s in state)
    output, state = model(text[:-1], state)
    loss = F.cross_entropy(output.view(-1, VOCABULARY), text[1:].view(-1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.25)
    optimizer.step()
    return loss.item()


measure(step)
