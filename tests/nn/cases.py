"""Layers to compare: constructor, inputs, and what to look at."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Case:
    """``name(*args, **kwargs)`` run on inputs of these shapes.

    An input is a shape (normal numbers), or ``ints(high, *shape)`` and the like.
    ``draws``: the forward pass draws random numbers; only run in training from a seed.
    """

    name: str
    args: tuple = ()
    inputs: tuple = ((3, 4),)
    kwargs: dict = field(default_factory=dict)
    seed: int = 0
    grad: bool = True
    eps: float | None = None

    def __str__(self):
        kwargs = [f"{k}={v}" for k, v in self.kwargs.items()]
        return f"{self.name}({', '.join([*map(str, self.args), *kwargs])})"


class ints(tuple):
    """Integers below ``high``, of a shape."""

    def __new__(cls, high, *shape):
        made = super().__new__(cls, shape)
        made.high = high
        return made


class positive(tuple):
    """Numbers between 0.05 and 0.95."""

    def __new__(cls, *shape):
        return super().__new__(cls, shape)


class signs(tuple):
    """-1.0 or 1.0."""

    def __new__(cls, *shape):
        return super().__new__(cls, shape)


def array(shape, rng) -> np.ndarray:
    if isinstance(shape, ints):
        return rng.integers(0, shape.high, tuple(shape))
    if isinstance(shape, positive):
        return rng.uniform(0.05, 0.95, tuple(shape)).astype(np.float32)
    if isinstance(shape, signs):
        return np.sign(rng.standard_normal(tuple(shape))).astype(np.float32)
    return rng.standard_normal(shape).astype(np.float32)


def C(name, *args, inputs=((3, 4),), seed=0, grad=True, **kwargs):
    return Case(name, args, inputs, kwargs, seed, grad)


IMAGE = ((2, 4, 6, 7),)
SIGNAL = ((2, 4, 9),)
VOLUME = ((2, 4, 5, 4, 6),)

LINEAR = [
    C("Identity", 5, a=3),
    C("Linear", 4, 5),
    C("Linear", 4, 5, bias=False, inputs=((2, 3, 4),)),
    C("Linear", 4, 5, inputs=((4,),)),
    C("Bilinear", 4, 3, 5, inputs=((2, 4), (2, 3))),
    C("Flatten", inputs=IMAGE),
    C("Flatten", 0, 1, inputs=IMAGE),
    C("Unflatten", 1, (2, 2)),
    C("LazyLinear", 5),
]
ACTIVATIONS = [
    C(name)
    for name in (
        *("CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh"),
        *("LeakyReLU", "LogSigmoid", "Mish", "PReLU", "ReLU", "ReLU6", "SELU"),
        *("SiLU", "Sigmoid", "Softplus", "Softshrink", "Softsign", "Tanh"),
        *("Tanhshrink", "GLU"),
    )
] + [
    C("Threshold", 0.1, 20.0),
    C("LeakyReLU", 0.3),
    C("ELU", alpha=0.5),
    C("CELU", 2.0),
    C("GELU", "tanh"),
    C("PReLU", 4, init=0.1),
    C("Softplus", 2.0, 1.0),
    C("Hardtanh", -0.5, 0.5),
    C("Hardshrink", 0.2),
    C("GLU", 0, inputs=((4, 3),)),
    C("Softmax", 1),
    C("Softmin", dim=0),
    C("LogSoftmax", -1),
    C("Softmax2d", inputs=IMAGE),
    C("RReLU", grad=False),
]
CONVOLUTIONS = [
    C("Conv1d", 4, 6, 3, inputs=SIGNAL),
    C("Conv1d", 4, 6, 3, padding="same", dilation=2, inputs=SIGNAL),
    C("Conv1d", 4, 6, 3, padding=1, padding_mode="circular", inputs=SIGNAL),
    C("Conv2d", 4, 6, 3, inputs=IMAGE),
    C("Conv2d", 4, 6, (3, 2), (2, 1), (1, 0), groups=2, inputs=IMAGE),
    C("Conv2d", 4, 6, 3, padding=2, padding_mode="reflect", inputs=IMAGE),
    C("Conv2d", 4, 6, 3, padding=(1, 2), padding_mode="replicate", inputs=IMAGE),
    C("Conv2d", 4, 6, 3, bias=False, dilation=2, padding="valid", inputs=IMAGE),
    C("Conv2d", 4, 6, 3, inputs=((4, 6, 7),)),
    C("Conv3d", 4, 3, 2, stride=2, inputs=VOLUME),
    C("ConvTranspose1d", 4, 6, 3, stride=2, output_padding=1, inputs=SIGNAL),
    C("ConvTranspose2d", 4, 6, 3, 2, 1, groups=2, inputs=IMAGE),
    C("ConvTranspose2d", 4, 6, 3, dilation=2, bias=False, inputs=IMAGE),
    C("ConvTranspose3d", 4, 3, 2, inputs=VOLUME),
    C("LazyConv2d", 6, 3, inputs=IMAGE),
    C("LazyConvTranspose1d", 6, 3, inputs=SIGNAL),
]
NORMS = [
    C("BatchNorm1d", 4),
    C("BatchNorm1d", 4, inputs=SIGNAL),
    C("BatchNorm1d", 4, affine=False, track_running_stats=False),
    C("BatchNorm2d", 4, eps=1e-3, momentum=0.3, inputs=IMAGE),
    C("BatchNorm2d", 4, momentum=None, bias=False, inputs=IMAGE),
    C("BatchNorm3d", 4, inputs=VOLUME),
    C("SyncBatchNorm", 4, inputs=IMAGE),
    C("LazyBatchNorm1d"),
    C("InstanceNorm1d", 4, inputs=SIGNAL),
    C("InstanceNorm2d", 4, affine=True, track_running_stats=True, inputs=IMAGE),
    C("InstanceNorm2d", 4, affine=True, inputs=((4, 6, 7),)),
    C("InstanceNorm3d", 4, inputs=VOLUME),
    C("LayerNorm", 4),
    C("LayerNorm", (6, 7), 1e-3, inputs=IMAGE),
    C("LayerNorm", 4, bias=False),
    C("LayerNorm", 4, elementwise_affine=False),
    C("RMSNorm", 4),
    C("RMSNorm", (6, 7), eps=1e-2, inputs=IMAGE),
    C("RMSNorm", 4, elementwise_affine=False),
    C("GroupNorm", 2, 4, inputs=IMAGE),
    C("GroupNorm", 4, 4, affine=False, inputs=SIGNAL),
    C("GroupNorm", 2, 4, bias=False, inputs=SIGNAL),
    C("LocalResponseNorm", 3, inputs=IMAGE),
]
DROPOUTS = [
    C("Dropout", 0.5, inputs=((20, 30),)),
    C("Dropout", 0.2, inputs=((20, 30),)),
    C("Dropout", 0.0),
    C("Dropout", 1.0),
    C("Dropout1d", 0.5, inputs=SIGNAL),
    C("Dropout2d", 0.3, inputs=IMAGE),
    C("Dropout3d", 0.5, inputs=VOLUME),
    C("AlphaDropout", 0.5),
    C("FeatureAlphaDropout", 0.5, inputs=IMAGE),
]
TABLES = [
    C("Embedding", 7, 3, inputs=(ints(7, 2, 5),)),
    C("Embedding", 7, 3, padding_idx=-1, inputs=(ints(7, 2, 5),)),
    C("Embedding", 7, 3, scale_grad_by_freq=True, inputs=(ints(7, 2, 5),)),
    C("Embedding", 7, 3, max_norm=1.0, inputs=(ints(7, 2, 5),)),
    C("EmbeddingBag", 7, 3, inputs=(ints(7, 2, 5),)),
    C("EmbeddingBag", 7, 3, mode="sum", padding_idx=2, inputs=(ints(7, 2, 5),)),
    C("EmbeddingBag", 7, 3, mode="max", inputs=(ints(7, 2, 5),)),
]
POOLS = [
    C("MaxPool1d", 2, inputs=SIGNAL),
    C("MaxPool1d", 3, 2, 1, 2, inputs=SIGNAL),
    C("MaxPool2d", (3, 2), stride=(2, 1), ceil_mode=True, inputs=IMAGE),
    C("MaxPool2d", 2, return_indices=True, inputs=IMAGE),
    C("MaxPool3d", 2, inputs=VOLUME),
    C("AvgPool1d", 3, 2, 1, inputs=SIGNAL),
    C("AvgPool2d", 3, 2, 1, True, False, inputs=IMAGE),
    C("AvgPool2d", 2, divisor_override=3, inputs=IMAGE),
    C("AvgPool3d", 2, inputs=VOLUME),
    C("LPPool1d", 2, 3, inputs=SIGNAL),
    C("LPPool2d", 2, 2, stride=1, inputs=IMAGE),
    C("AdaptiveMaxPool1d", 3, inputs=SIGNAL),
    C("AdaptiveMaxPool2d", (3, None), inputs=IMAGE),
    C("AdaptiveMaxPool3d", 2, inputs=VOLUME),
    C("AdaptiveAvgPool1d", 4, inputs=SIGNAL),
    C("AdaptiveAvgPool2d", (1, 1), inputs=IMAGE),
    C("AdaptiveAvgPool2d", (4, 3), inputs=IMAGE),
    C("AdaptiveAvgPool3d", (2, None, 3), inputs=VOLUME),
]
PADS = [
    C(f"{kind}Pad{dims}d", 1, inputs=inputs)
    for kind in ("Zero", "Reflection", "Replication", "Circular")
    for dims, inputs in ((1, SIGNAL), (2, IMAGE), (3, VOLUME))
] + [
    C("ConstantPad1d", (1, 2), 3.5, inputs=SIGNAL),
    C("ConstantPad2d", (1, 0, -1, 2), 3.5, inputs=IMAGE),
    C("ConstantPad3d", 1, 0.5, inputs=VOLUME),
]
SHAPES = [
    C("PixelShuffle", 2, inputs=IMAGE),
    C("PixelUnshuffle", 2, inputs=((1, 2, 4, 6),)),
    C("ChannelShuffle", 2, inputs=IMAGE),
    C("Unfold", 2, inputs=IMAGE),
    C("Unfold", (3, 2), dilation=2, padding=1, stride=2, inputs=IMAGE),
    C("Fold", (4, 5), (2, 2), inputs=((2, 12, 12),)),
    C("Upsample", scale_factor=2, inputs=IMAGE),
    C("Upsample", (9, 5), mode="bilinear", inputs=IMAGE),
    C("Upsample", scale_factor=2, mode="linear", align_corners=True, inputs=SIGNAL),
    C("Upsample", scale_factor=1.5, mode="bicubic", inputs=IMAGE),
    C("UpsamplingNearest2d", scale_factor=2, inputs=IMAGE),
    C("UpsamplingBilinear2d", size=(9, 5), inputs=IMAGE),
]
PAIR = ((5, 4), (5, 4))
DISTANCES = [
    C("CosineSimilarity", inputs=PAIR),
    C("CosineSimilarity", dim=0, eps=1e-3, inputs=PAIR),
    C("PairwiseDistance", inputs=PAIR),
    C("PairwiseDistance", 1.0, keepdim=True, inputs=PAIR),
]
LOSSES = [
    C(name, **kwargs, inputs=inputs)
    for name, inputs in (
        ("L1Loss", PAIR),
        ("MSELoss", PAIR),
        ("SmoothL1Loss", PAIR),
        ("HuberLoss", PAIR),
        ("PoissonNLLLoss", ((5, 4), positive(5, 4))),
        ("GaussianNLLLoss", ((5, 4), (5, 4), positive(5, 4))),
        ("NLLLoss", ((5, 4), ints(4, 5))),
        ("CrossEntropyLoss", ((5, 4), ints(4, 5))),
        ("BCELoss", (positive(5, 4), positive(5, 4))),
        ("BCEWithLogitsLoss", ((5, 4), positive(5, 4))),
        ("KLDivLoss", ((5, 4), positive(5, 4))),
        ("SoftMarginLoss", ((5, 4), signs(5, 4))),
        ("MultiLabelSoftMarginLoss", ((5, 4), positive(5, 4))),
        ("HingeEmbeddingLoss", ((5, 4), signs(5, 4))),
        ("MultiLabelMarginLoss", ((5, 4), ints(4, 5, 4))),
        ("MultiMarginLoss", ((5, 4), ints(4, 5))),
        ("CosineEmbeddingLoss", ((5, 4), (5, 4), signs(5))),
        ("MarginRankingLoss", ((5,), (5,), signs(5))),
        ("TripletMarginLoss", ((5, 4), (5, 4), (5, 4))),
        ("TripletMarginWithDistanceLoss", ((5, 4), (5, 4), (5, 4))),
    )
    for kwargs in ({}, {"reduction": "sum"}, {"reduction": "none"})
] + [
    C("CrossEntropyLoss", inputs=((2, 4, 3), ints(4, 2, 3)), ignore_index=1),
    C("CrossEntropyLoss", inputs=((5, 4), positive(5, 4)), label_smoothing=0.1),
    C("SmoothL1Loss", beta=0.3, inputs=PAIR),
    C("HuberLoss", delta=0.3, inputs=PAIR),
    C("KLDivLoss", reduction="batchmean", inputs=((5, 4), positive(5, 4))),
    C("L1Loss", False, inputs=PAIR),
    C("MSELoss", None, False, inputs=PAIR),
    C("CosineEmbeddingLoss", 0.2, inputs=((5, 4), (5, 4), signs(5))),
    C("TripletMarginLoss", swap=True, p=1.0, inputs=((5, 4), (5, 4), (5, 4))),
    C("MultiMarginLoss", p=2, margin=0.5, inputs=((5, 4), ints(4, 5))),
]
SEQUENCE = ((7, 2, 4),)
RECURRENT = (
    [C(n, 4, 5, inputs=SEQUENCE) for n in ("RNN", "LSTM", "GRU")]
    + [
        C(n, 4, 5, 2, batch_first=True, bidirectional=True, inputs=((2, 7, 4),))
        for n in ("RNN", "LSTM", "GRU")
    ]
    + [
        C("RNN", 4, 5, nonlinearity="relu", bias=False, inputs=((7, 4),)),
        C("LSTM", 4, 5, 2, proj_size=3, bidirectional=True, inputs=SEQUENCE),
        C("LSTM", 4, 5, bias=False, proj_size=2, inputs=SEQUENCE),
        C("GRU", 4, 5, inputs=(*SEQUENCE, (1, 2, 5))),
        C("GRU", 4, 5, inputs=((7, 4), (1, 5))),
        C("RNNCell", 4, 5, inputs=((2, 4),)),
        C("RNNCell", 4, 5, nonlinearity="relu", inputs=((2, 4), (2, 5))),
        C("RNNCell", 4, 5, bias=False, inputs=((4,), (5,))),
        C("GRUCell", 4, 5, inputs=((2, 4), (2, 5))),
        C("LSTMCell", 4, 5, inputs=((2, 4),)),
    ]
)
ATTENTION = [
    C("MultiheadAttention", 8, 2, inputs=((5, 3, 8),) * 3),
    C("MultiheadAttention", 8, 2, batch_first=True, inputs=((3, 5, 8),) * 3),
    C("MultiheadAttention", 8, 2, bias=False, inputs=((5, 8),) * 3),
    C(
        "MultiheadAttention",
        8,
        4,
        kdim=6,
        vdim=5,
        add_bias_kv=True,
        add_zero_attn=True,
        inputs=((4, 3, 8), (5, 3, 6), (5, 3, 5)),
    ),
    C("TransformerEncoderLayer", 8, 2, 16, 0.0, inputs=((5, 3, 8),)),
    C(
        "TransformerEncoderLayer",
        *(8, 2, 16, 0.0, "gelu"),
        batch_first=True,
        norm_first=True,
        inputs=((3, 5, 8),),
    ),
    C("TransformerDecoderLayer", 8, 2, 16, 0.0, inputs=((5, 3, 8), (4, 3, 8))),
    C("Transformer", 8, 2, 1, 2, 16, 0.0, inputs=((4, 3, 8), (5, 3, 8))),
]

REST = [
    C("FractionalMaxPool2d", 2, (3, 2), inputs=((2, 3, 7, 6),)),
    C("FractionalMaxPool2d", (3, 2), inputs=((3, 9, 8),), output_ratio=(0.5, 0.4)),
    C("FractionalMaxPool2d", 3, 3, inputs=((2, 3, 9, 8),), return_indices=True),
    C("FractionalMaxPool3d", 2, (3, 2, 4), inputs=((2, 3, 7, 6, 8),)),
    C("FractionalMaxPool3d", 2, 1, inputs=((3, 4, 5, 3),)),
    C("CrossMapLRN2d", 3, 0.5, 0.75, 1.3, inputs=((2, 6, 3, 2),)),
    C("CrossMapLRN2d", 4, 0.1, inputs=((2, 5, 3, 2),)),
    C("AdaptiveLogSoftmaxWithLoss", 8, 12, [4, 7], inputs=((9, 8), ints(12, 9))),
    C(
        "AdaptiveLogSoftmaxWithLoss",
        *(8, 12, [2, 5, 9], 2.0, True),
        inputs=((16, 8), ints(12, 16)),
    ),
    C("LinearCrossEntropyLoss", 4, 5, inputs=((6, 4), ints(5, 6))),
    C(
        "LinearCrossEntropyLoss",
        *(4, 5),
        inputs=((6, 4), ints(5, 6, 2)),
        out_features=(2,),
        bias=True,
        label_smoothing=0.1,
        reduction="none",
    ),
]

ALL = (
    LINEAR
    + ACTIVATIONS
    + CONVOLUTIONS
    + NORMS
    + DROPOUTS
    + TABLES
    + POOLS
    + PADS
    + SHAPES
    + DISTANCES
    + LOSSES
    + RECURRENT
    + ATTENTION
    + REST
)

# Layers that ask for their mode, or hold a layer that does.
WITH_MODES = (
    NORMS
    + DROPOUTS
    + RECURRENT
    + ATTENTION
    + [case for case in ACTIVATIONS if case.name == "RReLU"]
)
