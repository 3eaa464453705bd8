x = torch.empty(5, 3)  # 초기화되지 않은 텐서
x = torch.rand(5, 3)   # 랜덤 값으로 초기화
x = torch.zeros(5, 3)  # 0으로 초기화
x = torch.ones(5, 3)   # 1로 초기화
x = torch.tensor([5.5, 3.0])  # 직접 값 할당
