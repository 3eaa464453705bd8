"""Gradients with respect to the input: FGSM, projected gradient, saliency."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


def fgsm_attack(image, epsilon, data_grad):
    return torch.clamp(image + epsilon * data_grad.sign(), 0, 1)


def pgd(model, x, y, epsilon=0.15, alpha=0.4, rounds=4):
    """Along the gradient itself: a sign near zero is a matter of rounding."""
    delta = torch.zeros_like(x, requires_grad=True)
    for _ in range(rounds):
        F.cross_entropy(model(x + delta), y).backward()
        direction = F.normalize(delta.grad, dim=1)
        delta.data = (delta + alpha * direction).clamp(-epsilon, epsilon)
        delta.grad.zero_()
    return (x + delta.detach()).clamp(0, 1)


def accuracy(x):
    return (model(x).argmax(1) == held_y).float().mean().item()


torch.manual_seed(0)
images, labels = load_digits(return_X_y=True)
x, y = torch.tensor(images).float() / 16, torch.tensor(labels)
held_x, held_y = x[1500:], y[1500:]
model = nn.Sequential(nn.Linear(64, 48), nn.Softplus(beta=4), nn.Linear(48, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for step in range(50):
    index = torch.randint(1500, (64,))
    clean, target = x[index], y[index]
    if step >= 30:
        clean = pgd(model, clean, target, rounds=2)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(clean), target)
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")
print(f"clean accuracy {accuracy(held_x):.1f}")
data = held_x.clone().requires_grad_(True)
loss = F.nll_loss(F.log_softmax(model(data), dim=1), held_y)
model.zero_grad()
loss.backward()
for epsilon in (0.0, 0.1, 0.2):
    attacked = fgsm_attack(data, epsilon, data.grad.data)
    print(
        f"step {epsilon} attacked loss {F.cross_entropy(model(attacked), held_y):.6f}"
    )
print("weaker:", accuracy(pgd(model, held_x, held_y)) < accuracy(held_x))
saliency = data.grad.abs().amax(0).view(8, 8)
print(tuple(saliency.shape), bool((saliency >= 0).all()))
