# packages: torchcde torchdiffeq torchsde
import torch
import torchcde

torch.manual_seed(0)


class Field(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 4 * 3)

    def forward(self, t, z):
        return self.linear(z).tanh().view(*z.shape[:-1], 4, 3)


x = torch.randn(2, 6, 3)
path = torchcde.CubicSpline(
    torchcde.hermite_cubic_coefficients_with_backward_differences(x)
)
field = Field()
z = torchcde.cdeint(
    X=path, func=field, z0=torch.randn(2, 4), t=path.interval, method="rk4",
    options={"step_size": 0.5}, adjoint=False,
)  # fmt: skip
z[:, -1].pow(2).mean().backward()
print(z.sum().item(), field.linear.weight.grad.abs().sum().item())
