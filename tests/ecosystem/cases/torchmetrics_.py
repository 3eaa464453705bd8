# packages: torchmetrics torchvision
import torch
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score
from torchmetrics.regression import MeanSquaredError

torch.manual_seed(0)
accuracy, f1, mse = MulticlassAccuracy(3), MulticlassF1Score(3), MeanSquaredError()
for step in range(3):
    scores, target = torch.randn(8, 3), torch.randint(3, (8,))
    accuracy.update(scores, target)
    f1.update(scores, target)
    mse.update(scores[:, 0], scores[:, 1])
print(accuracy.compute().item(), f1.compute().item(), mse.compute().item())
