# packages: torchinfo
import torch
from torchinfo import summary

model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten())
print(summary(model, input_size=(1, 3, 8, 8), verbose=0))
