# packages: torchsde trampoline
import torch
import torchsde

torch.manual_seed(0)


class SDE(torch.nn.Module):
    noise_type, sde_type = "diagonal", "ito"

    def __init__(self):
        super().__init__()
        self.drift = torch.nn.Linear(2, 2)

    def f(self, t, y):
        return self.drift(y)

    def g(self, t, y):
        return torch.zeros_like(y)


sde = SDE()
y = torchsde.sdeint(sde, torch.ones(3, 2), torch.linspace(0, 1, 3), dt=0.1)
y.pow(2).mean().backward()
print(y.sum().item(), sde.drift.weight.grad.abs().sum().item())
