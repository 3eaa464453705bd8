# packages: safetensors
import tempfile

import torch
from safetensors.torch import load, load_file, save, save_file

tensors = {"a": torch.arange(6.0).view(2, 3), "b": torch.ones(2, dtype=torch.int64)}
with tempfile.TemporaryDirectory() as folder:
    save_file(tensors, f"{folder}/x.safetensors")
    for name, tensor in sorted(load_file(f"{folder}/x.safetensors").items()):
        print(name, tensor.dtype, *tensor.flatten().tolist())
print(len(load(save(tensors))))
