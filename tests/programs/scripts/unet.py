"""Segmentation of circles: a small U-Net with skips, dice loss and IoU."""

import torch
import torch.nn as nn
import torch.nn.functional as F


def double_conv(n_in, n_out):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, padding=1, bias=False),
        nn.GroupNorm(2, n_out),
        nn.ReLU(inplace=True),
        nn.Conv2d(n_out, n_out, 3, padding=1),
        nn.ReLU(inplace=True),
    )


class UNet(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.down1 = double_conv(1, width)
        self.down2 = double_conv(width, 2 * width)
        self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.up1 = double_conv(3 * width, width)
        self.outc = nn.Conv2d(width, 1, kernel_size=1)

    def forward(self, x):
        x1 = self.down1(x)
        x2 = self.up(self.down2(F.max_pool2d(x1, 2)))
        dy, dx = x1.size(2) - x2.size(2), x1.size(3) - x2.size(3)
        x2 = F.pad(x2, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        return self.outc(self.up1(torch.cat([x1, x2], dim=1)))


def circles(n, size=17):
    grid = torch.arange(size, dtype=torch.float32)
    centre = 4 + 9 * torch.rand(n, 2, 1, 1)
    radius = 2 + 3 * torch.rand(n, 1, 1)
    yy, xx = torch.meshgrid(grid, grid, indexing="ij")
    mask = (yy - centre[:, 0]) ** 2 + (xx - centre[:, 1]) ** 2 < radius**2
    mask = mask.unsqueeze(1).float()
    return mask + 0.4 * torch.randn(n, 1, size, size), mask


def dice_loss(logits, mask, eps=1.0):
    p = torch.sigmoid(logits)
    inter = 2 * (p * mask).sum((1, 2, 3)) + eps
    return (1 - inter / (p.sum((1, 2, 3)) + mask.sum((1, 2, 3)) + eps)).mean()


torch.manual_seed(0)
model = UNet()
optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-4, momentum=0.5, eps=1e-3)
for step in range(30):
    image, mask = circles(12)
    logits = model(image)
    loss = F.binary_cross_entropy_with_logits(logits, mask) + dice_loss(logits, mask)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")
model.eval()
with torch.no_grad():
    image, mask = circles(20)
    found = model(image) > 0
    both = (found & mask.bool()).sum()
    iou = both / (found | mask.bool()).sum()
print(f"IoU {iou.item():.1f}", tuple(found.shape), found.dtype)
