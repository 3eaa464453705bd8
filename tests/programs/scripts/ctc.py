"""Unsegmented labels: convolution, bidirectional GRU, CTC loss, greedy decoding."""

import torch
from torch import nn


class Recogniser(nn.Module):
    def __init__(self, classes=5, width=16):
        super().__init__()
        self.conv = nn.Conv1d(4, width, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm1d(width)
        self.rnn = nn.GRU(width, width, bidirectional=True)
        self.fc = nn.Linear(2 * width, classes)

    def forward(self, x):  # (N, 4, T) -> (T, N, classes)
        x = nn.functional.gelu(self.norm(self.conv(x)))
        x, _ = self.rnn(x.permute(2, 0, 1))
        return self.fc(x).log_softmax(2)


def utterances(n, symbols=3, hold=4):
    """Each symbol is a feature that stays on for ``hold`` frames, with noise."""
    targets = torch.randint(1, 5, (n, symbols))
    frames = nn.functional.one_hot(targets - 1, 4).repeat_interleave(hold, dim=1)
    x = frames.float().transpose(1, 2) + 0.3 * torch.randn(n, 4, symbols * hold)
    return x, targets


torch.manual_seed(0)
model = Recogniser()
ctc = nn.CTCLoss(blank=0, zero_infinity=True)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(40):
    x, targets = utterances(16)
    log_probs = model(x)
    input_lengths = torch.full((16,), log_probs.size(0), dtype=torch.long)
    target_lengths = torch.full((16,), targets.size(1), dtype=torch.long)
    loss = ctc(log_probs, targets, input_lengths, target_lengths)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")
model.eval()
with torch.no_grad():
    x, targets = utterances(4)
    best = model(x).argmax(2).T
for row, target in zip(best, targets, strict=True):
    merged = torch.unique_consecutive(row)
    print(len(merged[merged > 0]) > 0, target.tolist())
