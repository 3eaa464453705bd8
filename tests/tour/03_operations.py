x = torch.rand(3, 3)
y = torch.rand(3, 3)
z = x + y  # 텐서 덧셈
z = torch.add(x, y)  # 동일한 연산
print(z)
