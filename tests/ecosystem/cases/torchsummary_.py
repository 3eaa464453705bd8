# packages: torchsummary
import torch
from torchsummary import summary

model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten())
summary(model, (3, 8, 8), device="cpu")
