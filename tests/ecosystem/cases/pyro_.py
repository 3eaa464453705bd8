# packages: pyro-ppl pyro-api
import pyro
import pyro.distributions as dist
import torch
from pyro.infer import SVI, Trace_ELBO
from pyro.optim import Adam

pyro.set_rng_seed(0)
data = torch.tensor([1.2, 0.8, 1.5, 0.9])


def model(data):
    mean = pyro.sample("mean", dist.Normal(0.0, 2.0))
    with pyro.plate("data", len(data)):
        pyro.sample("obs", dist.Normal(mean, 0.5), obs=data)


def guide(data):
    loc = pyro.param("loc", torch.tensor(0.0))
    scale = pyro.param("scale", torch.tensor(1.0), constraint=dist.constraints.positive)
    pyro.sample("mean", dist.Normal(loc, scale))


svi = SVI(model, guide, Adam({"lr": 0.05}), Trace_ELBO())
for step in range(5):
    print("loss", svi.step(data))
print(pyro.param("loc").item(), pyro.param("scale").item())
