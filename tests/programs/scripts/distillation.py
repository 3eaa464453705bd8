"""Knowledge distillation: a wide teacher, a narrow student, softened targets."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


def network(width):
    return nn.Sequential(
        nn.Linear(64, width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(width, 10)
    )


def distillation_loss(student, teacher, labels, T=3.0, alpha=0.7):
    soft = F.kl_div(
        F.log_softmax(student / T, dim=1),
        F.softmax(teacher / T, dim=1),
        reduction="batchmean",
    ) * (T * T)
    return alpha * soft + (1.0 - alpha) * F.cross_entropy(student, labels)


def accuracy(model):
    model.eval()
    with torch.no_grad():
        return (model(x[1500:]).argmax(1) == y[1500:]).sum().item()


torch.manual_seed(0)
images, labels = load_digits(return_X_y=True)
x, y = torch.tensor(images).float() / 16, torch.tensor(labels)
teacher, student = network(128), network(12)
optimizer = torch.optim.Adam(teacher.parameters(), lr=5e-3)
for step in range(60):
    index = torch.randint(1500, (100,))
    loss = F.cross_entropy(teacher(x[index]), y[index])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step < 25:
        print(f"step {step} teacher {loss.item():.7f}")

teacher.eval()
for p in teacher.parameters():
    p.requires_grad = False
optimizer = torch.optim.RAdam(student.parameters(), lr=2e-2)
student.train()
for step in range(60):
    index = torch.randint(1500, (100,))
    with torch.no_grad():
        targets = teacher(x[index])
    loss = distillation_loss(student(x[index]), targets, y[index])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step < 50:
        print(f"step {step} student {loss.item():.7f}")
print(
    "right of 297, to the nearest ten:",
    *(round(accuracy(m), -1) for m in (teacher, student)),
)
print(all(p.grad is None or not p.requires_grad for p in teacher.parameters()))
