# packages: nflows
import torch
from nflows.distributions.normal import StandardNormal
from nflows.flows.base import Flow
from nflows.transforms.autoregressive import MaskedAffineAutoregressiveTransform
from nflows.transforms.base import CompositeTransform
from nflows.transforms.permutations import ReversePermutation

torch.manual_seed(0)
layers = []
for _ in range(2):
    layers.append(ReversePermutation(features=2))
    layers.append(MaskedAffineAutoregressiveTransform(features=2, hidden_features=4))
flow = Flow(CompositeTransform(layers), StandardNormal([2]))
optimizer = torch.optim.Adam(flow.parameters())
x = torch.randn(16, 2)
for step in range(3):
    optimizer.zero_grad()
    loss = -flow.log_prob(inputs=x).mean()
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
