"""ResNet-18 for pictures of 32 × 32, SGD with momentum: resnet.py BATCH."""

import sys

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.nn import functional as F

BATCH = int(sys.argv[1])


def convolution(before, after, size, stride=1):
    pad = size // 2
    return nn.Conv2d(before, after, size, stride, padding=pad, bias=False)


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.conv1 = convolution(before, after, 3, stride)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = convolution(after, after, 3)
        self.bn2 = nn.BatchNorm2d(after)
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut.append(convolution(before, after, 1, stride))
            self.shortcut.append(nn.BatchNorm2d(after))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


def resnet18():
    layers = [convolution(3, 64, 3), nn.BatchNorm2d(64), nn.ReLU()]
    before = 64
    for after in (64, 128, 256, 512):
        layers += [Block(before, after, 1 if after == 64 else 2)]
        layers += [Block(after, after, 1)]
        before = after
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10)
    return nn.Sequential(*layers, *head)


torch.manual_seed(0)
model = prepare(resnet18())
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
images = torch.randn(BATCH, 3, 32, 32, device=DEVICE)
labels = torch.randint(0, 10, (BATCH,), device=DEVICE)


def step():
    optimizer.zero_grad()
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
