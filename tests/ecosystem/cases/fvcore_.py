# packages: fvcore iopath
import torch
from fvcore.nn import giou_loss, sigmoid_focal_loss, smooth_l1_loss

torch.manual_seed(0)
x, y = torch.randn(6, requires_grad=True), torch.randint(2, (6,)).float()
loss = sigmoid_focal_loss(x, y, reduction="mean") + smooth_l1_loss(x, y, 0.5, "mean")
boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0]], requires_grad=True)
loss = loss + giou_loss(boxes, torch.tensor([[1.0, 1.0, 3.0, 3.0]]), reduction="sum")
loss.backward()
print(loss.item(), *x.grad.tolist(), *boxes.grad.flatten().tolist())
