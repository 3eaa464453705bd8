"""A GPT like nanoGPT's, AdamW, gradients clipped: gpt.py nano | small | large [bf16].

| | layers | width | heads | tokens | vocabulary |
| --- | --- | --- | --- | --- | --- |
| nano | 4 | 128 | 4 | 8 × 128 | 65 |
| small | 6 | 384 | 6 | 2 × 256 | 65 |
| large | 6 | 768 | 12 | 8 × 512 | 50,304 |

With `bf16` the forward pass runs under autocast.
"""

import sys

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.nn import functional as F

LAYERS, WIDTH, HEADS, BATCH, LENGTH, VOCABULARY = {
    "nano": (4, 128, 4, 8, 128, 65),
    "small": (6, 384, 6, 2, 256, 65),
    "large": (6, 768, 12, 8, 512, 50_304),
}[sys.argv[1]]
BF16 = "bf16" in sys.argv


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)

    def forward(self, x):  # (N, T, C)
        n, t, c = x.shape
        q, k, v = self.qkv(x).split(c, dim=2)
        q, k, v = (y.view(n, t, HEADS, -1).transpose(1, 2) for y in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).contiguous().view(n, t, c))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attn = Attention()
        self.mlp = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
        )

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(VOCABULARY, WIDTH)
        self.wpe = nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.ln_f = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        self.head.weight = self.wte.weight
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.02)

    def forward(self, tokens, targets):  # (N, T) both -> the loss
        x = self.wte(tokens) + self.wpe(torch.arange(LENGTH, device=tokens.device))
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.ln_f(x))
        return F.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1))


torch.manual_seed(0)
model = prepare(GPT())
decay = [p for p in model.parameters() if p.dim() > 1]
plain = [p for p in model.parameters() if p.dim() <= 1]
groups = [{"params": decay}, {"params": plain, "weight_decay": 0.0}]
optimizer = optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
tokens = torch.randint(0, VOCABULARY, (BATCH, LENGTH + 1), device=DEVICE)
x, y = tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()


def step():
    with torch.autocast(DEVICE, torch.bfloat16, enabled=BF16):
        loss = model(x, y)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


measure(step)
