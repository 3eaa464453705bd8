"""nn.Transformer and MultiheadAttention with causal and padding masks: copy a word."""

import torch
from torch import nn

PAD, BOS, WORDS = 0, 1, 10


class Copier(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.embed = nn.Embedding(WORDS, width, padding_idx=PAD)
        self.place = nn.Parameter(0.1 * torch.randn(8, width))
        self.transformer = nn.Transformer(
            d_model=width, nhead=4, num_encoder_layers=1, num_decoder_layers=1,
            dim_feedforward=48, dropout=0.0, batch_first=True, norm_first=True,
        )  # fmt: skip
        self.out = nn.Linear(width, WORDS)

    def forward(self, source, target):
        causal = nn.Transformer.generate_square_subsequent_mask(target.size(1))
        padding = torch.zeros(source.shape).masked_fill(source == PAD, float("-inf"))
        out = self.transformer(
            self.embed(source) + self.place[: source.size(1)],
            self.embed(target) + self.place[: target.size(1)],
            tgt_mask=causal,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
        )
        return self.out(out)


def words(n):
    source = torch.randint(2, WORDS, (n, 6))
    lengths = torch.randint(3, 7, (n,))
    source = source.masked_fill(torch.arange(6) >= lengths[:, None], PAD)
    return source, torch.cat([torch.full((n, 1), BOS), source], dim=1)


torch.manual_seed(0)
model = Copier()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, betas=(0.9, 0.98), eps=1e-9)
criterion = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=0.1)
for step in range(40):
    source, target = words(24)
    logits = model(source, target[:, :-1])
    loss = criterion(logits.reshape(-1, WORDS), target[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")

attention = nn.MultiheadAttention(16, 4, dropout=0.0, batch_first=True).eval()
query = torch.randn(2, 5, 16)
mask = torch.triu(torch.ones(5, 5, dtype=torch.bool), diagonal=1)
out, weights = attention(query, query, query, attn_mask=mask)
print(tuple(out.shape), tuple(weights.shape), f"{weights[0, 0, 0].item():.4f}")
_, heads = attention(query, query, query, average_attn_weights=False)
print(tuple(heads.shape), torch.allclose(heads.sum(-1), torch.ones(2, 4, 5)))
print(sum(p.numel() for p in model.parameters()), len(list(model.modules())))
