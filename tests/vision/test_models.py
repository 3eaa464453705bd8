"""Models: published parameter counts, names of weights, outputs equal to PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import torchlike
from tests.vision import on_torch
from torchlike._torchvision import models

theirs = on_torch.load()

# Parameters as published in torchvision's table of models.
PARAMETERS = {
    "alexnet": 61100840,
    "convnext_base": 88591464,
    "convnext_large": 197767336,
    "convnext_small": 50223688,
    "convnext_tiny": 28589128,
    "densenet121": 7978856,
    "densenet161": 28681000,
    "densenet169": 14149480,
    "densenet201": 20013928,
    "efficientnet_b0": 5288548,
    "efficientnet_b1": 7794184,
    "efficientnet_b2": 9109994,
    "efficientnet_b3": 12233232,
    "efficientnet_b4": 19341616,
    "efficientnet_b5": 30389784,
    "efficientnet_b6": 43040704,
    "efficientnet_b7": 66347960,
    "efficientnet_v2_l": 118515272,
    "efficientnet_v2_m": 54139356,
    "efficientnet_v2_s": 21458488,
    "googlenet": 13004888,  # 6624904 without the second classifiers
    "mnasnet0_5": 2218512,
    "mnasnet0_75": 3170208,
    "mnasnet1_0": 4383312,
    "mnasnet1_3": 6282256,
    "mobilenet_v2": 3504872,
    "mobilenet_v3_large": 5483032,
    "mobilenet_v3_small": 2542856,
    "resnet101": 44549160,
    "resnet152": 60192808,
    "resnet18": 11689512,
    "resnet34": 21797672,
    "resnet50": 25557032,
    "resnext101_32x8d": 88791336,
    "resnext101_64x4d": 83455272,
    "resnext50_32x4d": 25028904,
    "shufflenet_v2_x0_5": 1366792,
    "shufflenet_v2_x1_0": 2278604,
    "shufflenet_v2_x1_5": 3503624,
    "shufflenet_v2_x2_0": 7393996,
    "squeezenet1_0": 1248424,
    "squeezenet1_1": 1235496,
    "swin_b": 87768224,
    "swin_s": 49606258,
    "swin_t": 28288354,
    "vgg11": 132863336,
    "vgg11_bn": 132868840,
    "vgg13": 133047848,
    "vgg13_bn": 133053736,
    "vgg16": 138357544,
    "vgg16_bn": 138365992,
    "vgg19": 143667240,
    "vgg19_bn": 143678248,
    "vit_b_16": 86567656,
    "vit_b_32": 88224232,
    "vit_h_14": 632045800,
    "vit_l_16": 304326632,
    "vit_l_32": 306535400,
    "wide_resnet101_2": 126886696,
    "wide_resnet50_2": 68883240,
}

# Names (and shapes) in the published files of weights.
ENTRIES = {
    "alexnet": {"features.10.weight": (256, 256, 3, 3), "classifier.6.bias": (1000,)},
    "resnet18": {
        "conv1.weight": (64, 3, 7, 7),
        "bn1.num_batches_tracked": (),
        "layer2.0.downsample.0.weight": (128, 64, 1, 1),
        "layer4.1.bn2.running_var": (512,),
        "fc.weight": (1000, 512),
    },
    "resnet50": {"layer1.0.conv3.weight": (256, 64, 1, 1), "fc.bias": (1000,)},
    "vgg16": {
        "features.28.weight": (512, 512, 3, 3),
        "classifier.0.weight": (4096, 25088),
    },
    "squeezenet1_1": {
        "features.12.expand3x3.weight": (256, 64, 3, 3),
        "classifier.1.weight": (1000, 512, 1, 1),
    },
    "densenet121": {
        "features.denseblock4.denselayer16.conv2.weight": (32, 128, 3, 3),
        "features.transition3.conv.weight": (512, 1024, 1, 1),
        "features.norm5.running_mean": (1024,),
        "classifier.weight": (1000, 1024),
    },
    "mobilenet_v2": {
        "features.0.0.weight": (32, 3, 3, 3),
        "features.1.conv.0.0.weight": (32, 1, 3, 3),
        "features.17.conv.3.weight": (320,),
        "features.18.1.running_var": (1280,),
        "classifier.1.weight": (1000, 1280),
    },
    "mobilenet_v3_large": {
        "features.4.block.2.fc1.weight": (24, 72, 1, 1),
        "features.16.0.weight": (960, 160, 1, 1),
        "classifier.3.weight": (1000, 1280),
    },
    "efficientnet_b0": {
        "features.1.0.block.1.fc2.weight": (32, 8, 1, 1),
        "features.7.0.block.3.1.weight": (320,),
        "features.8.0.weight": (1280, 320, 1, 1),
        "classifier.1.bias": (1000,),
    },
    "efficientnet_v2_s": {"features.1.0.block.0.0.weight": (24, 24, 3, 3)},
    "vit_b_16": {
        "class_token": (1, 1, 768),
        "conv_proj.weight": (768, 3, 16, 16),
        "encoder.pos_embedding": (1, 197, 768),
        "encoder.layers.encoder_layer_11.self_attention.in_proj_weight": (2304, 768),
        "encoder.layers.encoder_layer_0.mlp.3.weight": (768, 3072),
        "encoder.ln.bias": (768,),
        "heads.head.weight": (1000, 768),
    },
    "googlenet": {
        "conv1.conv.weight": (64, 3, 7, 7),
        "inception3a.branch2.1.bn.running_mean": (128,),
        "inception5b.branch3.1.conv.weight": (128, 48, 3, 3),
        "aux1.fc2.weight": (1000, 1024),
        "fc.bias": (1000,),
    },
    "mnasnet1_0": {
        "layers.8.0.layers.3.weight": (48, 1, 3, 3),
        "layers.14.weight": (1280, 320, 1, 1),
        "classifier.1.weight": (1000, 1280),
    },
    "shufflenet_v2_x1_0": {
        "conv1.0.weight": (24, 3, 3, 3),
        "stage2.0.branch1.2.weight": (58, 24, 1, 1),
        "stage4.3.branch2.6.bias": (232,),
        "fc.weight": (1000, 1024),
    },
    "swin_t": {
        "features.0.0.weight": (96, 3, 4, 4),
        "features.1.0.attn.relative_position_bias_table": (169, 3),
        "features.1.1.attn.relative_position_index": (2401,),
        "features.2.reduction.weight": (192, 384),
        "features.7.1.mlp.3.bias": (768,),
        "head.weight": (1000, 768),
    },
    "convnext_tiny": {
        "features.0.1.weight": (96,),
        "features.1.0.layer_scale": (96, 1, 1),
        "features.1.0.block.5.weight": (96, 384),
        "features.2.1.weight": (192, 96, 2, 2),
        "classifier.2.weight": (1000, 768),
    },
}

# Model, side of the picture, options that keep it small.
OUTPUTS = [
    ("alexnet", 63, {}),
    ("vgg11_bn", 32, {}),
    ("resnet18", 33, {}),
    ("resnext50_32x4d", 33, {}),
    ("squeezenet1_1", 33, {}),
    ("densenet121", 33, {}),
    ("mobilenet_v2", 33, {}),
    ("mobilenet_v3_small", 33, {}),
    ("efficientnet_b0", 33, {}),
    ("efficientnet_v2_s", 33, {}),
    ("vit_b_32", 32, {"image_size": 32}),
    ("convnext_tiny", 33, {}),
    ("googlenet", 33, {}),
    ("mnasnet0_5", 33, {}),
    ("shufflenet_v2_x0_5", 33, {}),
    ("swin_t", 65, {}),
]
QUICK = ("resnet18", "mobilenet_v3_small", "squeezenet1_1")


def test_every_model_is_in_the_table():
    assert models.list_models() == sorted(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_has_the_published_number_of_parameters(name):
    with torchlike.device("meta"):
        model = models.get_model(name)
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS[name]


@pytest.mark.parametrize("name", ENTRIES)
def test_state_dict_has_the_published_names(name):
    with torchlike.device("meta"):
        state = models.get_model(name).state_dict()
    found = {key: tuple(state[key].shape) for key in ENTRIES[name]}
    assert found == ENTRIES[name]


@pytest.mark.parametrize(
    "name, side, options",
    [
        case if case[0] in QUICK else pytest.param(*case, marks=pytest.mark.slow)
        for case in OUTPUTS
    ],
)
def test_gives_what_pytorch_gives(name, side, options):
    torch.manual_seed(0)
    reference = theirs.models.get_model(name, num_classes=7, **options).eval()
    mine = models.get_model(name, num_classes=7, **options).eval()
    state = {
        k: torchlike.from_numpy(v.numpy()) for k, v in reference.state_dict().items()
    }
    mine.load_state_dict(state)
    x = torch.randn(2, 3, side, side)
    with torch.no_grad():
        wanted = reference(x).numpy()
    with torchlike.no_grad():
        found = mine(torchlike.from_numpy(x.numpy())).numpy()
    scale = max(abs(wanted).max(), 1.0)
    assert found.shape == wanted.shape
    assert abs(found - wanted).max() < 1e-4 * scale
    assert wanted.std() > 0 or name.startswith("vit")


def test_the_first_values_are_pytorchs():
    torch.manual_seed(3)
    wanted = theirs.models.resnet18().state_dict()
    torchlike.manual_seed(3)
    found = models.resnet18().state_dict()
    assert list(found) == list(wanted)
    for key in ("conv1.weight", "layer4.1.conv2.weight", "fc.bias"):
        assert abs(found[key].numpy() - wanted[key].numpy()).max() < 1e-6


def losses(torch, models, state):
    """Losses of a small ResNet over three steps."""
    net = models.resnet
    model = net.ResNet(net.BasicBlock, [1, 1, 1, 1], num_classes=3)
    model.load_state_dict(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    # Noise: in images of a pattern an input of a ReLU is 0 but for its rounding,
    # and which side it is on decides a gradient's second digit, also of PyTorch's own.
    images = np.random.RandomState(0).standard_normal((4, 3, 64, 64))
    x = torch.from_numpy(images.astype(np.float32))
    found = []
    for _ in range(3):
        optimizer.zero_grad()
        y = torch.arange(4, device=x.device) % 3
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


@pytest.mark.slow
def test_trains_as_on_pytorch():
    torch.manual_seed(0)
    net = theirs.models.resnet
    state = net.ResNet(net.BasicBlock, [1, 1, 1, 1], num_classes=3).state_dict()
    own = {k: torchlike.from_numpy(v.numpy().copy()) for k, v in state.items()}
    wanted = losses(torch, theirs.models, state)
    assert losses(torchlike, models, own) == pytest.approx(wanted, rel=1e-5)
    assert wanted[-1] < wanted[0]


class TestWeights:
    def test_names(self):
        weights = models.get_model_weights("resnet50")
        assert weights is models.ResNet50_Weights
        assert weights.DEFAULT is weights.IMAGENET1K_V2
        assert models.get_weight("ResNet50_Weights.DEFAULT") is weights.DEFAULT
        assert repr(weights.DEFAULT) == "ResNet50_Weights.IMAGENET1K_V2"
        assert weights.DEFAULT.url.endswith("resnet50-11ad3fa6.pth")
        assert weights.DEFAULT.transforms().resize_size == [232]

    def test_a_file_in_the_cache_is_loaded(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TORCH_HOME", str(tmp_path))
        torchlike.hub.set_dir(str(tmp_path / "hub"))
        folder = tmp_path / "hub" / "checkpoints"
        folder.mkdir(parents=True)
        torch.manual_seed(1)
        reference = theirs.models.squeezenet1_1()
        torch.save(reference.state_dict(), folder / "squeezenet1_1-b8a52dc0.pth")
        model = models.squeezenet1_1(weights="DEFAULT")
        found = model.features[0].weight.detach().numpy()
        assert (found == reference.features[0].weight.detach().numpy()).all()

    def test_without_a_network_says_so(self, tmp_path, monkeypatch):
        torchlike.hub.set_dir(str(tmp_path))
        weights = models.ResNet18_Weights.DEFAULT
        monkeypatch.setattr(
            type(weights), "url", property(lambda self: "http://127.0.0.1:9/x.pth")
        )
        with pytest.raises(RuntimeError, match="cannot be fetched from http://127"):
            models.resnet18(weights=weights)

    def test_refuses_other_numbers_of_classes_and_other_models(self):
        with pytest.raises(ValueError, match="expected value 1000 but got 10"):
            models.resnet18(weights="DEFAULT", num_classes=10)
        with pytest.raises(TypeError, match="expected ResNet18_Weights but received"):
            models.resnet18(weights=models.ResNet34_Weights.DEFAULT)
        with pytest.raises(ValueError, match="Unknown model resnet7"):
            models.get_model("resnet7")


def test_lists_by_pattern():
    assert models.list_models(include="vgg1?_bn") == [
        "vgg11_bn",
        "vgg13_bn",
        "vgg16_bn",
        "vgg19_bn",
    ]
    assert "resnet18" not in models.list_models(include="res*", exclude="*18")
