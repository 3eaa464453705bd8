# packages: x-transformers einops einx loguru torch-einops-utils
import torch
from x_transformers import AutoregressiveWrapper, Decoder, TransformerWrapper

torch.manual_seed(0)
model = AutoregressiveWrapper(
    TransformerWrapper(
        num_tokens=20, max_seq_len=16, attn_layers=Decoder(dim=16, depth=1, heads=2)
    )
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.randint(0, 20, (2, 16))
for step in range(3):
    optimizer.zero_grad()
    loss = model(x)
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
