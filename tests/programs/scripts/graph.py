"""Graph convolution and graph attention on two communities of nodes."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class GraphConvolution(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x, adj):
        return adj @ (x @ self.weight) + self.bias


class GraphAttention(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.W = nn.Linear(n_in, n_out, bias=False)
        self.a = nn.Parameter(nn.init.xavier_uniform_(torch.empty(2 * n_out, 1)))

    def forward(self, x, adj):
        h = self.W(x)
        n = h.size(1)
        e = F.leaky_relu(h @ self.a[:n] + (h @ self.a[n:]).T, 0.2)
        attention = torch.where(adj > 0, e, torch.full_like(e, -9e15))
        return torch.softmax(attention, dim=1) @ h


class EdgeMean(nn.Module):
    """Message passing over an edge list: gather, then add what arrives."""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.own, self.other = nn.Linear(n_in, n_out), nn.Linear(n_in, n_out)

    def forward(self, x, adj):
        target, source = adj.nonzero(as_tuple=True)
        summed = torch.zeros_like(x).index_add_(0, target, x[source])
        degree = torch.zeros(len(x)).scatter_add_(0, target, torch.ones(len(target)))
        return self.own(x) + self.other(summed / degree.clamp(min=1).unsqueeze(1))


class Net(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.gc1, self.gc2 = layer(8, 12), layer(12, 2)

    def forward(self, x, adj):
        x = F.dropout(F.elu(self.gc1(x, adj)), 0.2, training=self.training)
        return F.log_softmax(self.gc2(x, adj), dim=1)


torch.manual_seed(0)
n = 40
community = (torch.arange(n) >= n // 2).long()
chance = torch.where(community[:, None] == community, 0.4, 0.04)
edges = torch.bernoulli(chance).triu(1)
adj = edges + edges.T + torch.eye(n)
degree = adj.sum(1)
normal = adj / torch.sqrt(degree[:, None] * degree[None, :])
features = torch.randn(n, 8) + 0.3 * community[:, None]
train = torch.randperm(n)[:12]
test = torch.ones(n, dtype=torch.bool).index_fill_(0, train, False)
print(int(edges.sum()), "edges, degrees", degree.min().item(), degree.max().item())
for layer, matrix in (
    (GraphConvolution, normal),
    (GraphAttention, adj),
    (EdgeMean, adj),
):
    torch.manual_seed(3)
    model = Net(layer)
    optimizer = torch.optim.Adam(
        model.parameters(), lr=0.01, weight_decay=5e-4, eps=1e-5
    )
    for step in range(30):
        model.train()
        optimizer.zero_grad()
        out = model(features, matrix)
        loss = F.nll_loss(out[train], community[train])
        loss.backward()
        optimizer.step()
        print(f"step {step} {layer.__name__} {loss.item():.7f}")
    model.eval()
    right = (model(features, matrix).argmax(1) == community)[test].sum().item()
    print(layer.__name__, "right", right, "of", int(test.sum()))
