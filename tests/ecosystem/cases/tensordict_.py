# packages: tensordict pyvers
import torch
from tensordict import TensorDict
from tensordict.nn import TensorDictModule

torch.manual_seed(0)
data = TensorDict({"x": torch.randn(4, 3), "y": torch.randn(4, 1)}, batch_size=[4])
module = TensorDictModule(torch.nn.Linear(3, 1), in_keys=["x"], out_keys=["out"])
optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
for step in range(3):
    optimizer.zero_grad()
    held = module(data.clone())
    loss = (held["out"] - held["y"]).pow(2).mean()
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
print(data[:2].batch_size, torch.stack([data, data]).shape, data["x"].sum().item())
