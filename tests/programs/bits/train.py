"""Train a model by name for a few steps; print losses and weights as bits.

After the first epoch a checkpoint is saved; ``resume`` as second argument starts there.
"""

import hashlib
import sys

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 16, batch_first=True)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


def convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(0.2), nn.Flatten(), nn.Linear(128, 4),
    )  # fmt: skip


def attention():
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
    return nn.Sequential(layer, nn.Flatten(), nn.Linear(64, 4))


MODELS = {
    "mlp": (
        lambda: nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 4)),
        (8,),
    ),
    "cnn": (convolutional, (1, 8, 8)),
    "lstm": (Recurrent, (8, 8)),
    "transformer": (attention, (8, 8)),
}


def checkpoint(model, optimizer):
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
    }


def restore(model, optimizer):
    saved = torch.load("checkpoint")
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["random"])


def main(name, resumed):
    torch.manual_seed(0)
    make, shape = MODELS[name]
    model = make()
    data = TensorDataset(torch.randn(64, *shape), torch.randint(4, (64,)))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    if resumed:
        restore(model, optimizer)
    for epoch in range(int(resumed), 3):
        if epoch == 1 and not resumed:
            torch.save(checkpoint(model, optimizer), "checkpoint")
        for x, y in DataLoader(data, batch_size=16, shuffle=True):
            loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            print("step", loss.item().hex(), repr(loss.item()))
    for key, value in model.state_dict().items():
        digest = hashlib.sha256(value.numpy().tobytes()).hexdigest()[:16]
        print(key, digest, value.double().abs().sum().item())


if __name__ == "__main__":
    main(sys.argv[1], "resume" in sys.argv)
