import torch.optim as optim

optimizer = optim.SGD(model.parameters(), lr=0.01)
