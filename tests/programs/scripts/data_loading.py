"""DataLoader with workers, samplers, an iterable dataset, splits and transforms."""

import torch
from torch import nn
from torch.utils.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Subset,
    WeightedRandomSampler,
    get_worker_info,
    random_split,
)


class Points(Dataset):
    def __init__(self, n, shift, transform=None):
        g = torch.Generator().manual_seed(n)
        self.x = torch.randn(n, 4, generator=g) + shift
        self.y = torch.full((n,), int(shift > 0))
        self.transform = transform

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        x = self.x[i]
        if self.transform is not None:
            x = self.transform(x)
        return {"x": x, "y": self.y[i], "index": i}


class Stream(IterableDataset):
    def __iter__(self):
        info = get_worker_info()
        start, stride = (info.id, info.num_workers) if info else (0, 1)
        for i in range(start, 12, stride):
            yield i, torch.rand(()) if info is None else torch.tensor(i / 12)


def add_noise(x):
    return x + 0.01 * torch.randn(4)


def main():
    torch.manual_seed(0)
    data = ConcatDataset([Points(90, 1.0, add_noise), Points(30, -1.0, add_noise)])
    train, held = random_split(data, [0.75, 0.25])
    labels = torch.tensor([int(train[i]["y"]) for i in range(len(train))])
    weights = 1.0 / torch.bincount(labels).float()[labels]
    sampler = WeightedRandomSampler(weights, num_samples=80)
    loader = DataLoader(train, batch_size=16, sampler=sampler, num_workers=2)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    step = 0
    for epoch in range(4):
        for batch in loader:
            loss = nn.functional.cross_entropy(model(batch["x"]), batch["y"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            share = batch["y"].float().mean().item()
            print(f"step {step} loss {loss.item():.7f} share {share:.4f}")
            step += 1
    print("first indices", held[0]["index"], [int(held[i]["index"]) for i in range(4)])

    batches = BatchSampler(RandomSampler(range(10)), batch_size=4, drop_last=False)
    print([len(b) for b in batches], list(batches)[0])
    plain = DataLoader(Subset(data, range(6)), batch_sampler=[[0, 5], [1, 2, 3]])
    print([b["index"].tolist() for b in plain])
    g = torch.Generator().manual_seed(9)
    shuffled = DataLoader(range(12), batch_size=5, shuffle=True, generator=g)
    print([b.tolist() for b in shuffled], len(shuffled))
    for workers in (0, 2):
        stream = DataLoader(Stream(), batch_size=4, num_workers=workers)
        print([i.tolist() for i, _ in stream])
    persistent = DataLoader(data, 40, num_workers=1, persistent_workers=True)
    print([sum(len(b["y"]) for b in persistent) for _ in range(2)])


if __name__ == "__main__":
    main()
