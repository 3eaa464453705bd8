# packages: jaxtyping wadler-lindig
import torch
from jaxtyping import Float, Int

x = torch.ones(2, 3)
print(
    isinstance(x, Float[torch.Tensor, "2 3"]), isinstance(x, Int[torch.Tensor, "2 3"])
)
print(isinstance(x, Float[torch.Tensor, "a b c"]), torch.relu(x).sum().item())
