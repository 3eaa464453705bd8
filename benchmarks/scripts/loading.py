"""Passes of a DataLoader over 8,192 samples of 784 numbers: loading.py KIND WORKERS.

KIND is what the dataset gives: ``rows`` of a TensorDataset; or by a ``__getitem__`` in
Python a ``tensor`` and an int, a ``numpy`` array and an int, a tensor that a small
``transform`` made of bytes. A third argument ``kept`` keeps the workers from pass to
pass. A step is a whole pass.
"""

import sys

import numpy as np
import torch
from timing import measure
from torch.utils.data import DataLoader, Dataset, TensorDataset

SAMPLES = 8192


class Tensors(Dataset):
    def __init__(self):
        self.data = torch.rand(SAMPLES, 784)
        self.labels = torch.randint(0, 10, (SAMPLES,)).tolist()

    def __getitem__(self, i):
        return self.data[i], self.labels[i]

    def __len__(self):
        return SAMPLES


class Arrays(Tensors):
    def __init__(self):
        self.data = np.random.rand(SAMPLES, 784).astype(np.float32)
        self.labels = np.random.randint(0, 10, SAMPLES).tolist()


class Transformed(Tensors):
    def __init__(self):
        self.data = torch.randint(0, 256, (SAMPLES, 784), dtype=torch.uint8)
        self.labels = torch.randint(0, 10, (SAMPLES,)).tolist()

    def __getitem__(self, i):
        return (self.data[i] / 255 - 0.1307) / 0.3081, self.labels[i]


def rows():
    labels = torch.randint(0, 10, (SAMPLES,))
    return TensorDataset(torch.rand(SAMPLES, 784), labels)


def passes(dataset, workers, kept):
    loader = DataLoader(
        dataset,
        batch_size=64,
        shuffle=True,
        num_workers=workers,
        persistent_workers=kept,
    )

    def step():
        seen = 0
        for data, labels in loader:  # noqa: B007
            seen += len(labels)
        assert seen == SAMPLES and data[-1, -1].item() <= 3

    return step


if __name__ == "__main__":
    kinds = {"rows": rows, "tensor": Tensors, "numpy": Arrays, "transform": Transformed}
    dataset = kinds[sys.argv[1]]()
    measure(passes(dataset, int(sys.argv[2]), "kept" in sys.argv), warmup=2)
