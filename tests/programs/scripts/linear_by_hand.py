"""Linear and polynomial regression with nothing but tensors and autograd."""

import math

import torch

torch.manual_seed(1)
true_w = torch.tensor([2.0, -3.4, 0.7])
features = torch.randn(256, 3)
labels = features @ true_w + 4.2 + torch.normal(0.0, 0.01, (256,))

w = torch.zeros(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
order = torch.randperm(256)
step = 0
for epoch in range(3):
    for index in order.split(32):
        loss = ((features[index] @ w + b - labels[index]) ** 2 / 2).mean()
        loss.backward()
        with torch.no_grad():
            for param in (w, b):
                param -= 0.1 * param.grad
                param.grad.zero_()
        print(f"step {step} loss {loss.item():.8g}")
        step += 1
print("weights", [round(v, 1) for v in w.tolist()], "bias", round(b.item(), 1))

# A third-order polynomial for the sine, its gradients written out by hand.
x = torch.linspace(-math.pi, math.pi, 500, dtype=torch.float64)
y = torch.sin(x)
a, b, c, d = torch.randn(4, dtype=torch.float64)
for t in range(600):
    y_pred = a + b * x + c * x**2 + d * x**3
    grad = 2.0 * (y_pred - y)
    if t % 20 == 0:
        print(f"step {t} loss {(y_pred - y).pow(2).sum().item():.10g}")
    a = a - 2e-6 * grad.sum()
    b = b - 2e-6 * (grad * x).sum()
    c = c - 2e-6 * (grad * x**2).sum()
    d = d - 2e-6 * (grad * x**3).sum()
print(f"y = {a:.3f} + {b:.3f} x + {c:.3f} x^2 + {d:.3f} x^3")
