"""gradcheck and gradgradcheck of a function with a formula of its own."""

import torch
from torch import nn
from torch.autograd import Function, gradcheck, gradgradcheck


class Swish(Function):
    @staticmethod
    def forward(ctx, x, beta):
        gate = torch.sigmoid(beta * x)
        ctx.save_for_backward(x, beta)
        return x * gate

    @staticmethod
    def backward(ctx, grad):
        x, beta = ctx.saved_tensors
        gate = torch.sigmoid(beta * x)
        slope = gate * (1 - gate)
        return grad * (gate + beta * x * slope), (grad * x * x * slope).sum()


class Wrong(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * x


torch.manual_seed(0)
x = torch.randn(3, 2, dtype=torch.double, requires_grad=True)
beta = torch.tensor(0.7, dtype=torch.double, requires_grad=True)
print(gradcheck(Swish.apply, (x, beta)), gradgradcheck(Swish.apply, (x, beta)))
layer = nn.Linear(2, 3).double()
print(gradcheck(lambda v: layer(v).tanh(), (x,), eps=1e-6, atol=1e-4))
print(gradcheck(Wrong.apply, (x,), raise_exception=False))
try:
    gradcheck(Wrong.apply, (x,))
except RuntimeError as error:
    print(type(error).__name__)

model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).double()
optimizer = torch.optim.Adam([*model.parameters(), beta], lr=0.05)
inputs = torch.randn(40, 2, dtype=torch.double)
for step in range(20):
    out = Swish.apply(model(inputs).squeeze(1), beta)
    loss = nn.functional.mse_loss(out, inputs.prod(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.9f} beta {beta.item():.9f}")
