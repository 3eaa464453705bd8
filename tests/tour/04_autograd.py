x = torch.tensor(2.0, requires_grad=True)
y = x ** 2

y.backward()  # dy/dx 계산
print(x.grad)  # tensor(4.)
