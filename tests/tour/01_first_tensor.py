import torch

tensor = torch.tensor([[1, 2], [3, 4]])
print(tensor)
