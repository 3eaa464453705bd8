# packages: pytorch-ignite
import torch
from ignite.engine import Events, create_supervised_evaluator, create_supervised_trainer
from ignite.metrics import Accuracy, Loss

torch.manual_seed(0)
model = torch.nn.Linear(4, 3)
data = [(torch.randn(8, 4), torch.randint(3, (8,))) for _ in range(4)]
loss = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
trainer = create_supervised_trainer(model, optimizer, loss)
evaluator = create_supervised_evaluator(
    model, {"accuracy": Accuracy(), "loss": Loss(loss)}
)


@trainer.on(Events.EPOCH_COMPLETED)
def log(engine):
    evaluator.run(data)
    print(engine.state.output, *evaluator.state.metrics.values())


trainer.run(data, max_epochs=2)
