# packages: pytorch-forecasting lightning pytorch-lightning lightning-utilities torchmetrics
import logging
import warnings

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import torch
from pytorch_forecasting import NBeats, TimeSeriesDataSet
from pytorch_forecasting.metrics import MAE, QuantileLoss

warnings.simplefilter("ignore")
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
pl.seed_everything(0, verbose=False)
frame = pd.DataFrame({
    "value": np.sin(np.arange(60, dtype=np.float32) / 5), "time": np.arange(60),
    "series": ["a"] * 60,
})  # fmt: skip
data = TimeSeriesDataSet(
    frame, time_idx="time", target="value", group_ids=["series"],
    max_encoder_length=8, max_prediction_length=4,
    time_varying_unknown_reals=["value"],
)  # fmt: skip
loader = data.to_dataloader(train=False, batch_size=16, num_workers=0)
model = NBeats.from_dataset(data, widths=[8, 8], learning_rate=0.01)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
measure = MAE()
for step, (x, y) in enumerate(loader):
    optimizer.zero_grad()
    loss = measure(model(x)["prediction"], y)
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
print(QuantileLoss()(torch.zeros(2, 4, 7), torch.ones(2, 4)).item())
