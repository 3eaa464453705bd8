# packages: tab-transformer-pytorch einops hyper-connections
import torch
from tab_transformer_pytorch import FTTransformer

torch.manual_seed(0)
model = FTTransformer(
    categories=(4, 3), num_continuous=2, dim=8, dim_out=1, depth=1, heads=2
)
category = torch.stack([torch.randint(4, (6,)), torch.randint(3, (6,))], -1)
number, y = torch.randn(6, 2), torch.randn(6, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(3):
    optimizer.zero_grad()
    loss = (model(category, number) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
