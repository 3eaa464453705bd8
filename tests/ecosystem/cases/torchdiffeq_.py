# packages: torchdiffeq
import torch
from torchdiffeq import odeint, odeint_adjoint

torch.manual_seed(0)


class Field(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(
            torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)
        )

    def forward(self, t, y):
        return self.net(y)


field, y0 = Field(), torch.randn(3, 2)
t = torch.linspace(0, 1, 4)
optimizer = torch.optim.Adam(field.parameters(), lr=0.01)
for solve, method in ((odeint, "rk4"), (odeint_adjoint, "rk4"), (odeint, "dopri5")):
    optimizer.zero_grad()
    loss = solve(field, y0, t, method=method).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(method, loss.item())
