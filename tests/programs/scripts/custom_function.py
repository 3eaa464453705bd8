"""autograd.Function: an activation, a straight-through estimator, two outputs."""

import torch
from torch import nn
from torch.autograd import Function


class LegendrePolynomial3(Function):
    @staticmethod
    def forward(ctx, input):
        ctx.save_for_backward(input)
        return 0.5 * (5 * input**3 - 3 * input)

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * input**2 - 1)


class BinarySign(Function):
    """sign() forwards, identity inside [-1, 1] backwards."""

    @staticmethod
    def forward(ctx, input, bound):
        ctx.bound = bound
        ctx.save_for_backward(input)
        return input.sign()

    @staticmethod
    def backward(ctx, grad_output):
        (input,) = ctx.saved_tensors
        grad = grad_output.clone()
        grad[input.abs() > ctx.bound] = 0
        return grad, None


class SinCos(Function):
    @staticmethod
    def forward(ctx, x):
        sin, cos = x.sin(), x.cos()
        ctx.save_for_backward(sin, cos)
        ctx.mark_non_differentiable()
        return sin, cos

    @staticmethod
    def backward(ctx, grad_sin, grad_cos):
        sin, cos = ctx.saved_tensors
        if ctx.needs_input_grad[0]:
            return grad_sin * cos - grad_cos * sin


class BinaryNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        return self.out(BinarySign.apply(self.hidden(x), 1.0)).squeeze(1)


torch.manual_seed(0)
x = torch.linspace(-1, 1, 100)
y = torch.sin(3 * x + 0.4) + 0.2
a, b, c, d = (torch.full((), v, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3))
for step in range(50):
    y_pred = a + b * LegendrePolynomial3.apply(c + d * x)
    loss = (y_pred - y).pow(2).sum()
    print(f"step {step} loss {loss.item():.7g}")
    loss.backward()
    with torch.no_grad():
        for p in (a, b, c, d):
            p -= 1e-4 * p.grad
            p.grad = None
print(f"y = {a.item():.2f} + {b.item():.2f} P3({c.item():.2f} + {d.item():.2f} x)")

net = BinaryNet()
inputs = torch.randn(128, 4)
labels = (inputs[:, 0] * inputs[:, 1] > 0).float()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for step in range(50):
    loss = nn.functional.binary_cross_entropy_with_logits(net(inputs), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")

theta = torch.tensor([0.3, 1.2], dtype=torch.float64, requires_grad=True)
sin, cos = SinCos.apply(theta)
(sin * cos).sum().backward()
print(torch.allclose(theta.grad, torch.cos(2 * theta.detach())), sin.grad_fn.name())
