"""L-BFGS with a closure: a sine predicted by LSTM cells, and Rosenbrock's valley."""

import torch
from torch import nn, optim


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTMCell(1, 12)
        self.linear = nn.Linear(12, 1)

    def forward(self, input, future=0):
        outputs = []
        h_t = torch.zeros(input.size(0), 12, dtype=torch.double)
        c_t = torch.zeros(input.size(0), 12, dtype=torch.double)
        for input_t in input.split(1, dim=1):
            h_t, c_t = self.lstm1(input_t, (h_t, c_t))
            output = self.linear(h_t)
            outputs += [output]
        for _ in range(future):
            h_t, c_t = self.lstm1(output, (h_t, c_t))
            output = self.linear(h_t)
            outputs += [output]
        return torch.cat(outputs, dim=1)


torch.manual_seed(0)
shift = torch.randint(-80, 80, (6, 1))
data = torch.sin((torch.arange(41, dtype=torch.double) + shift) / 8.0)
model = Sequence().double()
criterion = nn.MSELoss()
optimizer = optim.LBFGS(model.parameters(), lr=0.8, max_iter=5)
calls = 0
for _ in range(3):

    def closure():
        global calls
        optimizer.zero_grad()
        loss = criterion(model(data[3:, :-1]), data[3:, 1:])
        if calls < 50:
            print(f"step {calls} loss {loss.item():.9f}")
        calls += 1
        loss.backward()
        return loss

    optimizer.step(closure)
with torch.no_grad():
    pred = model(data[:3, :-1], future=10)
    print(f"test loss {criterion(pred[:, :-10], data[:3, 1:]).item():.3f}", pred.shape)

point = torch.tensor([-1.5, 1.5], dtype=torch.float64, requires_grad=True)
search = optim.LBFGS([point], lr=1, line_search_fn="strong_wolfe", max_iter=60)


def rosenbrock():
    search.zero_grad()
    x, y = point
    value = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    value.backward()
    return value


print(f"step 0 value {search.step(rosenbrock).item():.9f}")
print([round(v, 4) for v in point.tolist()], search.state[point]["n_iter"])
