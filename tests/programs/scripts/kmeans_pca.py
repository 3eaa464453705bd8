"""Tensor maths without a network: PCA, k-means, k nearest neighbours, regression."""

import torch
from sklearn.datasets import load_iris

torch.manual_seed(0)
data, target = load_iris(return_X_y=True)
x, y = torch.from_numpy(data), torch.from_numpy(target)
x = (x - x.mean(dim=0)) / x.std(dim=0, unbiased=True)


def pca(x, k):
    u, s, vh = torch.linalg.svd(x, full_matrices=False)
    explained = s**2 / (s**2).sum()
    return x @ vh[:k].T, explained[:k]


def kmeans(x, k, rounds=20):
    centres = x[torch.randperm(len(x))[:k]]
    for step in range(rounds):
        distance = torch.cdist(x, centres)
        assignment = distance.argmin(dim=1)
        inertia = distance.gather(1, assignment[:, None]).pow(2).sum()
        print(f"step {step} inertia {inertia.item():.8f}")
        new = torch.stack([x[assignment == i].mean(0) for i in range(k)])
        if torch.allclose(new, centres):
            break
        centres = new
    return centres, assignment


projected, explained = pca(x, 2)
print([f"{e:.4f}" for e in explained.tolist()], f"{projected.norm():.5f}")
covariance = torch.cov(x.T)
values, _ = torch.linalg.eigh(covariance)
print([f"{v:.4f}" for v in values.flip(0)], f"{torch.trace(covariance):.6f}")

centres, assignment = kmeans(x, 3)
sizes = torch.bincount(assignment, minlength=3)
print("clusters", sorted(sizes.tolist()))
table = torch.zeros(3, 3, dtype=torch.long)
table.index_put_((assignment, y), torch.ones_like(y), accumulate=True)
print("purity", table.max(dim=1).values.sum().item() / 150)

order = torch.randperm(150)
train, test = order[:100], order[100:]
near = torch.cdist(x[test], x[train]).topk(7, largest=False).indices
knn = y[train][near].mode(1).values
print("7-nn accuracy", (knn == y[test]).double().mean().item())

design = torch.cat([x[:, :3], torch.ones(150, 1, dtype=x.dtype)], dim=1)
solution = torch.linalg.lstsq(design, x[:, 3:]).solution.squeeze()
normal = torch.linalg.solve(design.T @ design, design.T @ x[:, 3])
print(torch.allclose(solution, normal), [f"{v:.4f}" for v in normal[:3].tolist()])

v = torch.ones(4, dtype=x.dtype)
for _ in range(100):
    v = covariance @ v
    v /= v.norm()
print(f"largest eigenvalue {(v @ covariance @ v).item():.6f} {values[-1].item():.6f}")
einsum = torch.einsum("bi,bj->ij", x, x) / 149
print(torch.allclose(einsum, covariance), torch.triu(einsum, 1).abs().max().item() < 1)
quantiles = torch.quantile(x[:, 0], torch.tensor([0.25, 0.5, 0.75], dtype=x.dtype))
print([f"{q:.4f}" for q in quantiles.tolist()], torch.histc(x[:, 1], bins=5).tolist())
