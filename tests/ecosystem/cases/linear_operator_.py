# packages: linear_operator jaxtyping wadler-lindig
import torch
from linear_operator.operators import DenseLinearOperator, DiagLinearOperator

torch.manual_seed(0)
a = torch.randn(4, 4)
matrix = (a @ a.T + torch.eye(4)).requires_grad_()
operator = DenseLinearOperator(matrix) + DiagLinearOperator(torch.ones(4))
b = torch.randn(4, 1)
x = torch.linalg.solve(operator, b)
x.pow(2).sum().backward()
print(*x.flatten().tolist(), matrix.grad.abs().sum().item())
print(torch.matmul(operator, b).sum().item(), operator.logdet().item())
