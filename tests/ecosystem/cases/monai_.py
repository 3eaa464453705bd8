# packages: monai
import torch
from monai.losses import DiceLoss
from monai.metrics import DiceMetric
from monai.networks.nets import UNet

torch.manual_seed(0)
model = UNet(2, 1, 2, channels=(4, 8), strides=(2,), num_res_units=1)
x, y = torch.randn(2, 1, 8, 8), torch.randint(2, (2, 1, 8, 8))
loss_of = DiceLoss(to_onehot_y=True, softmax=True)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(3):
    optimizer.zero_grad()
    loss = loss_of(model(x), y)
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
metric = DiceMetric()
metric(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 4, 4))
print(metric.aggregate().item())
