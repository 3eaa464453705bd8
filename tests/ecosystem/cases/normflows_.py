# packages: normflows
import normflows as nf
import torch

torch.manual_seed(0)
flows = []
for _ in range(2):
    flows.append(nf.flows.AffineCouplingBlock(nf.nets.MLP([1, 8, 2], init_zeros=True)))
    flows.append(nf.flows.Permute(2, mode="swap"))
model = nf.NormalizingFlow(nf.distributions.DiagGaussian(2), flows)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randn(16, 2)
for step in range(3):
    optimizer.zero_grad()
    loss = model.forward_kld(x)
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
