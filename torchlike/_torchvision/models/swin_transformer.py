"""The Swin transformer (Liu et al. 2021)."""

from __future__ import annotations

from functools import partial

import torchlike as torch
import torchlike.nn.functional as F
from torchlike import Tensor, nn

from ..ops.misc import MLP, Permute
from ..ops.stochastic_depth import StochasticDepth
from ._api import builder
from ._init import xavier_linear
from ._weights import weights


class PatchMerging(nn.Module):
    """Four neighbours become one of twice the width: (N, H, W, C)."""

    def __init__(self, dim: int, norm_layer=nn.LayerNorm) -> None:
        super().__init__()
        self.dim = dim
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = norm_layer(4 * dim)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-3:-1]
        x = F.pad(x, (0, 0, 0, width % 2, 0, height % 2))
        parts = [x[..., i::2, j::2, :] for j in (0, 1) for i in (0, 1)]
        return self.reduction(self.norm(torch.cat(parts, -1)))


def _places(window: list[int]) -> Tensor:
    """For each pair in a window, the row of its offset in the table of biases."""
    coordinates = torch.stack(
        torch.meshgrid(*(torch.arange(w) for w in window), indexing="ij")
    ).flatten(1)
    offsets = coordinates[:, :, None] - coordinates[:, None, :]
    rows = (offsets[0] + window[0] - 1) * (2 * window[1] - 1)
    return (rows + offsets[1] + window[1] - 1).flatten()


def _windows(x: Tensor, window: list[int]) -> Tensor:
    """(N, H, W, C) -> (windows, places in a window, C)."""
    n, height, width, channels = x.shape
    x = x.view(
        n, height // window[0], window[0], width // window[1], window[1], channels
    )
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, window[0] * window[1], channels)


def _unwindowed(x: Tensor, window: list[int], shape) -> Tensor:
    n, height, width, channels = shape
    x = x.view(n, height // window[0], width // window[1], *window, channels)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(n, height, width, channels)


def _region_mask(height: int, width: int, window, shift, like: Tensor) -> Tensor:
    """What may not look at what, after the shift: (windows, places, places)."""
    regions, count = like.new_zeros((height, width)), 0
    rows, columns = (
        (slice(0, -w), slice(-w, -s), slice(-s, None))
        for w, s in zip(window, shift, strict=True)
    )
    for row in rows:
        for column in columns:
            regions[row, column] = count
            count += 1
    regions = _windows(regions[None, :, :, None], window).squeeze(-1)
    apart = regions.unsqueeze(1) - regions.unsqueeze(2)
    return torch.where(apart != 0, -100.0, 0.0).to(like.dtype)


class ShiftedWindowAttention(nn.Module):
    """Attention within windows, which every second block moves by half of one."""

    def __init__(
        self,
        dim: int,
        window_size: list[int],
        shift_size: list[int],
        num_heads: int,
        qkv_bias: bool = True,
        proj_bias: bool = True,
        attention_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if len(window_size) != 2 or len(shift_size) != 2:
            raise ValueError("window_size and shift_size must be of length 2")
        self.window_size = window_size
        self.shift_size = shift_size
        self.num_heads = num_heads
        self.attention_dropout = attention_dropout
        self.dropout = dropout
        self.qkv = nn.Linear(dim, dim * 3, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim, bias=proj_bias)
        offsets = (2 * window_size[0] - 1) * (2 * window_size[1] - 1)
        self.relative_position_bias_table = nn.Parameter(
            torch.zeros(offsets, num_heads)
        )
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        self.register_buffer("relative_position_index", _places(window_size))

    def get_relative_position_bias(self) -> Tensor:
        """(1, heads, places, places)."""
        places = self.window_size[0] * self.window_size[1]
        bias = self.relative_position_bias_table[self.relative_position_index]
        return bias.view(places, places, -1).permute(2, 0, 1).unsqueeze(0)

    def forward(self, x: Tensor) -> Tensor:
        _, height, width, _ = x.shape
        window = self.window_size
        below, right = (-height % window[0], -width % window[1])
        x = F.pad(x, (0, 0, 0, right, 0, below))
        shape = x.shape
        # One window that covers everything is not moved.
        shift = [
            0 if w >= size else s
            for w, size, s in zip(window, shape[1:3], self.shift_size, strict=True)
        ]
        if any(shift):
            x = torch.roll(x, (-shift[0], -shift[1]), (1, 2))
        x = self._attend(_windows(x, window), shape, shift)
        x = _unwindowed(x, window, shape)
        if any(shift):
            x = torch.roll(x, tuple(shift), (1, 2))
        return x[:, :height, :width, :].contiguous()

    def _attend(self, x: Tensor, shape, shift) -> Tensor:
        count, places, channels = x.shape
        heads = self.num_heads
        qkv = self.qkv(x).reshape(count, places, 3, heads, channels // heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        weights = (q * (channels // heads) ** -0.5).matmul(k.transpose(-2, -1))
        weights = weights + self.get_relative_position_bias()
        if any(shift):
            mask = _region_mask(*shape[1:3], self.window_size, shift, x)
            weights = weights.view(-1, len(mask), heads, places, places)
            weights = weights + mask.unsqueeze(1).unsqueeze(0)
            weights = weights.view(-1, heads, places, places)
        weights = F.softmax(weights, dim=-1)
        weights = F.dropout(weights, self.attention_dropout, self.training)
        x = weights.matmul(v).transpose(1, 2).reshape(count, places, channels)
        return F.dropout(self.proj(x), self.dropout, self.training)


class SwinTransformerBlock(nn.Module):
    """Windowed attention and linear layers, each beside a shortcut."""

    def __init__(
        self,
        dim: int,
        num_heads: int,
        window_size: list[int],
        shift_size: list[int],
        mlp_ratio: float = 4.0,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        stochastic_depth_prob: float = 0.0,
        norm_layer=nn.LayerNorm,
    ) -> None:
        super().__init__()
        self.norm1 = norm_layer(dim)
        self.attn = ShiftedWindowAttention(
            dim, window_size, shift_size, num_heads,
            attention_dropout=attention_dropout, dropout=dropout,
        )  # fmt: skip
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")
        self.norm2 = norm_layer(dim)
        self.mlp = MLP(
            dim, [int(dim * mlp_ratio), dim], activation_layer=nn.GELU, inplace=None,
            dropout=dropout,
        )  # fmt: skip
        xavier_linear(self.mlp)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.stochastic_depth(self.attn(self.norm1(x)))
        return x + self.stochastic_depth(self.mlp(self.norm2(x)))


class SwinTransformer(nn.Module):
    """A transformer over windows at four scales.

    Shape: (N, 3, H, W) -> (N, num_classes).
    """

    def __init__(
        self,
        patch_size: list[int],
        embed_dim: int,
        depths: list[int],
        num_heads: list[int],
        window_size: list[int],
        mlp_ratio: float = 4.0,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        stochastic_depth_prob: float = 0.1,
        num_classes: int = 1000,
        norm_layer=None,
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        norm_layer = norm_layer or partial(nn.LayerNorm, eps=1e-5)
        layers: list[nn.Module] = [
            nn.Sequential(
                nn.Conv2d(3, embed_dim, tuple(patch_size), tuple(patch_size)),
                Permute([0, 2, 3, 1]),
                norm_layer(embed_dim),
            )
        ]
        total, index, dim = sum(depths), 0, embed_dim
        for stage, (depth, heads) in enumerate(zip(depths, num_heads, strict=True)):
            if stage:
                layers.append(PatchMerging(dim, norm_layer))
                dim *= 2
            blocks = []
            for number in range(depth):
                shift = [0 if number % 2 == 0 else w // 2 for w in window_size]
                blocks.append(
                    SwinTransformerBlock(
                        dim, heads, window_size, shift, mlp_ratio, dropout,
                        attention_dropout, stochastic_depth_prob * index / (total - 1),
                        norm_layer,
                    )
                )  # fmt: skip
                index += 1
            layers.append(nn.Sequential(*blocks))
        self.features = nn.Sequential(*layers)
        self.norm = norm_layer(dim)
        self.permute = Permute([0, 3, 1, 2])
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.head = nn.Linear(dim, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.permute(self.norm(self.features(x)))
        return self.head(self.flatten(self.avgpool(x)))


def _variant(size: str, file: str, resize: int, width, depths, heads, drop):
    enum = weights(
        f"Swin_{size.upper()}_Weights",
        file,
        resize_size=resize,
        interpolation="bicubic",
    )
    return enum, builder(
        f"swin_{size}", enum, SwinTransformer, patch_size=[4, 4], embed_dim=width,
        depths=depths, num_heads=heads, window_size=[7, 7], stochastic_depth_prob=drop,
    )  # fmt: skip


Swin_T_Weights, swin_t = _variant(
    "t", "swin_t-704ceda3.pth", 232, 96, [2, 2, 6, 2], [3, 6, 12, 24], 0.2
)
Swin_S_Weights, swin_s = _variant(
    "s", "swin_s-5e29d889.pth", 246, 96, [2, 2, 18, 2], [3, 6, 12, 24], 0.3
)
Swin_B_Weights, swin_b = _variant(
    "b", "swin_b-68c6b09e.pth", 238, 128, [2, 2, 18, 2], [4, 8, 16, 32], 0.5
)
