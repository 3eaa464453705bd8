# packages: captum
import torch
from captum.attr import GradientShap, IntegratedGradients, LayerConductance, Saliency

torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)
)
x = torch.randn(2, 4)
given, delta = IntegratedGradients(model).attribute(
    x, target=1, return_convergence_delta=True, n_steps=10
)
print("ig", *given.flatten().tolist(), delta.abs().max().item() < 1e-2)
print("saliency", *Saliency(model).attribute(x, target=0).flatten().tolist())
layer = LayerConductance(model, model[1]).attribute(x, target=2, n_steps=10)
print("conductance", layer.sum().item())
print(GradientShap(model).attribute(x, torch.zeros(2, 4), target=0).shape)
