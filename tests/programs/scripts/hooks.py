"""Forward, backward and tensor hooks: features, Grad-CAM, gradient statistics."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(6, 12, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
    nn.Flatten(), nn.Linear(12, 2),
)  # fmt: skip
x = torch.rand(32, 1, 12, 12)
y = (x[:, 0, :6].mean((1, 2)) > x[:, 0, 6:].mean((1, 2))).long()

activations, gradients, order = {}, {}, []


def save_activation(name):
    def hook(module, inputs, output):
        activations[name] = output.detach()

    return hook


def save_gradient(module, grad_input, grad_output):
    gradients["conv2"] = grad_output[0].detach()


handles = [
    model[0].register_forward_hook(save_activation("conv1")),
    model[3].register_forward_hook(save_activation("conv2")),
    model[3].register_full_backward_hook(save_gradient),
    model[7].register_forward_pre_hook(lambda m, args: order.append("pre")),
    model[7].register_forward_hook(lambda m, args, out: order.append("post")),
]
clipped = model[7].weight.register_hook(lambda grad: grad.clamp(-0.01, 0.01))
optimizer = torch.optim.Rprop(model.parameters(), lr=0.01)
for step in range(30):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    dead = (activations["conv1"] <= 0).float().mean().item()
    size = gradients["conv2"].abs().mean().item()
    print(f"step {step} loss {loss.item():.7f} dead {dead:.7f} gradient {size:.7g}")
print(order[:4], len(order), model[7].weight.grad.abs().max().item() <= 0.01)

# Grad-CAM of the first image
cam = (gradients["conv2"].mean((2, 3), keepdim=True) * activations["conv2"]).sum(1)
print("cam", tuple(cam.relu().shape))
for handle in handles:
    handle.remove()
clipped.remove()
activations.clear()
model(x)
print("hooks left:", len(activations), len(model[3]._forward_hooks))

# A hook may change what flows on.
doubled = model[0].register_forward_hook(lambda m, args, out: out * 0)
print(f"without features {model(x).std(0).sum().item():.1f}")
doubled.remove()
leaf = torch.ones(3, requires_grad=True)
middle = leaf * 3
middle.retain_grad()
middle.register_hook(lambda g: g * 10)
middle.sum().backward()
print(leaf.grad, middle.grad)
