"""Epochs of a DataLoader: loading.py tensors | items | images, and the WORKERS.

`tensors` is a TensorDataset, `items` a data set whose ``__getitem__`` is plain Python
with tensors of its own, `images` one that makes its samples from NumPy arrays. A step
is an epoch; workers persist, so that the first step alone starts them.
"""

import sys

import numpy as np
import torch
from timing import measure
from torch.utils.data import DataLoader, Dataset, TensorDataset

KIND, WORKERS = sys.argv[1], int(sys.argv[2])
COUNT, BATCH = 4096, 64


class Items(Dataset):
    """Rows of a tensor, scaled, and their labels."""

    def __init__(self):
        self.rows = torch.randn(COUNT, 64)
        self.labels = torch.randint(0, 10, (COUNT,))

    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        return self.rows[index] * 2 - 1, self.labels[index]


class Images(Dataset):
    """Grey images as bytes, as read from files: flipped, scaled, made a tensor."""

    def __init__(self):
        draw = np.random.default_rng(0)
        self.images = draw.integers(0, 256, (COUNT, 28, 28), dtype=np.uint8)
        self.labels = draw.integers(0, 10, COUNT).tolist()

    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        image = self.images[index]
        if index % 2:
            image = image[:, ::-1]
        scaled = (image.astype(np.float32) / 255 - 0.5) / 0.5
        return torch.from_numpy(scaled)[None], self.labels[index]


def dataset():
    if KIND == "tensors":
        return TensorDataset(torch.randn(COUNT, 64), torch.randint(0, 10, (COUNT,)))
    return {"items": Items, "images": Images}[KIND]()


if __name__ == "__main__":
    torch.manual_seed(0)
    loader = DataLoader(
        dataset(),
        batch_size=BATCH,
        shuffle=True,
        num_workers=WORKERS,
        persistent_workers=WORKERS > 0,
    )

    def step():
        """An epoch; the last batch is read, and with it all before it."""
        seen = 0
        for batch in loader:
            seen += len(batch[1])
        return batch[0][0].sum().item() + batch[1].sum().item() + seen

    measure(step, at_least=2)
