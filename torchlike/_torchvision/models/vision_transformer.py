"""The vision transformer (Dosovitskiy et al. 2020)."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from functools import partial

import torchlike as torch
from torchlike import Tensor, nn

from ..ops.misc import MLP
from ._api import builder
from ._init import xavier_linear
from ._weights import weights

_Norm = partial(nn.LayerNorm, eps=1e-6)


class MLPBlock(MLP):
    """Two linear layers with GELU between."""

    def __init__(self, in_dim: int, mlp_dim: int, dropout: float) -> None:
        super().__init__(
            in_dim, [mlp_dim, in_dim], activation_layer=nn.GELU, inplace=None,
            dropout=dropout,
        )  # fmt: skip
        xavier_linear(self)


class EncoderBlock(nn.Module):
    """Attention and the linear layers, each behind a norm and beside a shortcut."""

    def __init__(
        self,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float,
        attention_dropout: float,
        norm_layer: Callable[..., nn.Module] = _Norm,
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.ln_1 = norm_layer(hidden_dim)
        self.self_attention = nn.MultiheadAttention(
            hidden_dim, num_heads, dropout=attention_dropout, batch_first=True
        )
        self.dropout = nn.Dropout(dropout)
        self.ln_2 = norm_layer(hidden_dim)
        self.mlp = MLPBlock(hidden_dim, mlp_dim, dropout)

    def forward(self, input: Tensor) -> Tensor:
        x = self.ln_1(input)
        x, _ = self.self_attention(x, x, x, need_weights=False)
        x = self.dropout(x) + input
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    """The blocks, with learned positions before and a norm behind."""

    def __init__(
        self,
        seq_length: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float,
        attention_dropout: float,
        norm_layer: Callable[..., nn.Module] = _Norm,
    ) -> None:
        super().__init__()
        place = torch.empty(1, seq_length, hidden_dim).normal_(std=0.02)
        self.pos_embedding = nn.Parameter(place)
        self.dropout = nn.Dropout(dropout)
        sizes = (num_heads, hidden_dim, mlp_dim, dropout, attention_dropout, norm_layer)
        self.layers = nn.Sequential(
            OrderedDict(
                (f"encoder_layer_{index}", EncoderBlock(*sizes))
                for index in range(num_layers)
            )
        )
        self.ln = norm_layer(hidden_dim)

    def forward(self, input: Tensor) -> Tensor:
        return self.ln(self.layers(self.dropout(input + self.pos_embedding)))


class VisionTransformer(nn.Module):
    """A transformer over patches and one class token.

    Shape: (N, 3, image_size, image_size) -> (N, num_classes).
    """

    def __init__(
        self,
        image_size: int,
        patch_size: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        num_classes: int = 1000,
        representation_size: int | None = None,
        norm_layer: Callable[..., nn.Module] = _Norm,
    ) -> None:
        super().__init__()
        if image_size % patch_size:
            raise AssertionError("Input shape indivisible by patch size!")
        self.image_size = image_size
        self.patch_size = patch_size
        self.hidden_dim = hidden_dim
        self.mlp_dim = mlp_dim
        self.attention_dropout = attention_dropout
        self.dropout = dropout
        self.num_classes = num_classes
        self.representation_size = representation_size
        self.norm_layer = norm_layer
        self.conv_proj = nn.Conv2d(
            3, hidden_dim, kernel_size=patch_size, stride=patch_size
        )
        self.class_token = nn.Parameter(torch.zeros(1, 1, hidden_dim))
        self.seq_length = (image_size // patch_size) ** 2 + 1
        self.encoder = Encoder(
            self.seq_length, num_layers, num_heads, hidden_dim, mlp_dim, dropout,
            attention_dropout, norm_layer,
        )  # fmt: skip
        self.heads = nn.Sequential(_heads(hidden_dim, representation_size, num_classes))
        self._initialize()

    def _initialize(self) -> None:
        fan_in = self.conv_proj.in_channels * self.patch_size**2
        nn.init.trunc_normal_(self.conv_proj.weight, std=math.sqrt(1 / fan_in))
        nn.init.zeros_(self.conv_proj.bias)
        if hasattr(self.heads, "pre_logits"):
            before = self.heads.pre_logits
            nn.init.trunc_normal_(before.weight, std=math.sqrt(1 / before.in_features))
            nn.init.zeros_(before.bias)
        nn.init.zeros_(self.heads.head.weight)
        nn.init.zeros_(self.heads.head.bias)

    def _process_input(self, x: Tensor) -> Tensor:
        """Patches as a sequence: (N, 3, H, W) -> (N, L, hidden_dim)."""
        size = self.image_size
        for name, found in (("height", x.shape[2]), ("width", x.shape[3])):
            if found != size:
                raise AssertionError(
                    f"Wrong image {name}! Expected {size} but got {found}!"
                )
        return self.conv_proj(x).flatten(2).permute(0, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self._process_input(x)
        token = self.class_token.expand(x.shape[0], -1, -1)
        x = self.encoder(torch.cat([token, x], dim=1))
        return self.heads(x[:, 0])


def _heads(hidden_dim: int, middle: int | None, num_classes: int) -> OrderedDict:
    if middle is None:
        return OrderedDict(head=nn.Linear(hidden_dim, num_classes))
    return OrderedDict(
        pre_logits=nn.Linear(hidden_dim, middle),
        act=nn.Tanh(),
        head=nn.Linear(middle, num_classes),
    )


def _make(image_size: int = 224, **kwargs) -> VisionTransformer:
    return VisionTransformer(image_size=image_size, **kwargs)


def interpolate_embeddings(
    image_size: int,
    patch_size: int,
    model_state,
    interpolation_mode: str = "bicubic",
    reset_heads: bool = False,
):
    """A state_dict whose positions fit another image size."""
    place = model_state["encoder.pos_embedding"]
    n, length, width = place.shape
    if n != 1:
        raise ValueError(f"Unexpected position embedding shape: {place.shape}")
    side, new = math.isqrt(length - 1), image_size // patch_size
    if side * side != length - 1:
        raise ValueError(f"seq_length is not a perfect square: {length - 1}")
    if side == new:
        return model_state
    grid = place[:, 1:].permute(0, 2, 1).reshape(1, width, side, side)
    grid = nn.functional.interpolate(
        grid, size=new, mode=interpolation_mode, align_corners=True
    )
    tokens = grid.reshape(1, width, new * new).permute(0, 2, 1)
    state = OrderedDict(
        (key, value)
        for key, value in model_state.items()
        if not (reset_heads and key.startswith("heads"))
    )
    state["encoder.pos_embedding"] = torch.cat([place[:, :1], tokens], dim=1)
    return state


def _vit(name, enum, patch, layers, heads, hidden, mlp):
    return builder(
        name, enum, _make, patch_size=patch, num_layers=layers, num_heads=heads,
        hidden_dim=hidden, mlp_dim=mlp,
    )  # fmt: skip


ViT_B_16_Weights = weights("ViT_B_16_Weights", "vit_b_16-c867db91.pth")
ViT_B_32_Weights = weights("ViT_B_32_Weights", "vit_b_32-d86f8d99.pth")
ViT_L_16_Weights = weights("ViT_L_16_Weights", "vit_l_16-852ce7e3.pth", resize_size=242)
ViT_L_32_Weights = weights("ViT_L_32_Weights", "vit_l_32-c7638314.pth")
vit_b_16 = _vit("vit_b_16", ViT_B_16_Weights, 16, 12, 12, 768, 3072)
vit_b_32 = _vit("vit_b_32", ViT_B_32_Weights, 32, 12, 12, 768, 3072)
vit_l_16 = _vit("vit_l_16", ViT_L_16_Weights, 16, 24, 16, 1024, 4096)
vit_l_32 = _vit("vit_l_32", ViT_L_32_Weights, 32, 24, 16, 1024, 4096)
vit_h_14 = _vit("vit_h_14", None, 14, 32, 16, 1280, 5120)
