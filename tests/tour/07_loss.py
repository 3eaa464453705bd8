criterion = nn.MSELoss()  # 평균 제곱 오차 (MSE)
optimizer = optim.SGD(model.parameters(), lr=0.01)
