# packages: fastai fastcore fasttransform plum-dispatch torchvision
import pandas as pd
import torch
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import accuracy
from fastai.optimizer import Adam
from fastai.tabular.all import (
    Categorify,
    FillMissing,
    Normalize,
    TabularDataLoaders,
    range_of,
    tabular_learner,
)
from fastai.torch_core import set_seed

set_seed(0)
n = 64
x = torch.randn(n)
frame = pd.DataFrame({
    "a": x.numpy(), "b": torch.rand(n).numpy(), "kind": ["u", "v"] * (n // 2),
    "y": ["yes" if v > 0 else "no" for v in x.tolist()],
})  # fmt: skip
data = TabularDataLoaders.from_df(
    frame, procs=[Categorify, FillMissing, Normalize], cat_names=["kind"],
    cont_names=["a", "b"], y_names="y", valid_idx=list(range_of(n))[48:], bs=16,
    device=torch.device("cpu"), num_workers=0,
)  # fmt: skip
learner = tabular_learner(
    data, layers=[8], metrics=accuracy, loss_func=CrossEntropyLossFlat(), opt_func=Adam
)
with learner.no_bar(), learner.no_logging():
    learner.fit_one_cycle(2, 0.01)
    print("losses", *[float(v) for v in learner.recorder.losses])
    print("valid", *[float(v) for v in learner.validate()])
    print(isinstance(learner, Learner), *learner.predict(frame.iloc[0])[2].tolist())
