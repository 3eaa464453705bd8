# packages: pytorch-tabnet
import torch
from pytorch_tabnet.tab_network import TabNet

torch.manual_seed(0)
model = TabNet(
    6, 2, n_d=4, n_a=4, n_steps=2, virtual_batch_size=8,
    group_attention_matrix=torch.eye(6),
)  # fmt: skip
model.train()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x, y = torch.randn(16, 6), torch.randint(2, (16,))
for step in range(3):
    optimizer.zero_grad()
    output, sparsity = model(x)
    loss = torch.nn.functional.cross_entropy(output, y) - 1e-3 * sparsity
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
