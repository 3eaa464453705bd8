# packages: skorch
import numpy as np
import torch
from skorch import NeuralNetClassifier

torch.manual_seed(0)
rng = np.random.default_rng(0)
x = rng.normal(size=(32, 4)).astype(np.float32)
y = (x.sum(1) > 0).astype(np.int64)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2)
        )

    def forward(self, x):
        return torch.softmax(self.layers(x), -1)


net = NeuralNetClassifier(Net, max_epochs=3, lr=0.1, batch_size=8, verbose=0)
net.fit(x, y)
print(*net.history[:, "train_loss"], *net.history[:, "valid_loss"])
print(*net.predict(x[:5]))
