# packages: pytorch-metric-learning
import torch
from pytorch_metric_learning import losses, miners

torch.manual_seed(0)
model = torch.nn.Linear(6, 4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, labels = torch.randn(12, 6), torch.arange(12) % 3
loss_of, miner = losses.TripletMarginLoss(), miners.MultiSimilarityMiner()
for step in range(3):
    optimizer.zero_grad()
    embeddings = model(x)
    loss = loss_of(embeddings, labels, miner(embeddings, labels))
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
print(losses.NTXentLoss()(model(x), labels).item())
