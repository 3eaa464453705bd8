# packages: segmentation_models_pytorch timm torchvision
import segmentation_models_pytorch as smp
import torch

torch.manual_seed(0)
model = smp.Unet(
    "resnet18", encoder_weights=None, encoder_depth=3, decoder_channels=(16, 8, 4)
)
x, y = torch.randn(2, 3, 32, 32), torch.randint(2, (2, 1, 32, 32))
loss_of = smp.losses.DiceLoss("binary")
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(2):
    optimizer.zero_grad()
    loss = loss_of(model(x), y)
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
