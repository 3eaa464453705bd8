# packages: torch-geometric
import torch
from torch_geometric.data import Batch, Data
from torch_geometric.nn import GATConv, GCNConv, global_mean_pool

torch.manual_seed(0)
edges = torch.tensor([[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]])
graphs = [Data(x=torch.randn(4, 3), edge_index=edges) for _ in range(3)]
batch = Batch.from_data_list(graphs)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = GCNConv(3, 8), GATConv(8, 4, heads=2)
        self.out = torch.nn.Linear(8, 2)

    def forward(self, data):
        h = self.first(data.x, data.edge_index).relu()
        h = self.second(h, data.edge_index).relu()
        return self.out(global_mean_pool(h, data.batch))


model, y = Net(), torch.tensor([0, 1, 0])
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(4):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(batch), y)
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
