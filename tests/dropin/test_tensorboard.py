"""``torch.utils.tensorboard``: what is written is read back from the files."""

from __future__ import annotations

import importlib.util
import struct

import numpy as np
import pytest

import torchlike as torch
from torchlike import nn

pytest.importorskip("tensorboardX")
from torchlike.utils.tensorboard import SummaryWriter  # noqa: E402


def events(folder) -> list:
    """The events of all files in ``folder``, in TensorFlow's record format."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for path in sorted(folder.rglob("events.out.tfevents.*")):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack_from("<Q", data)
            found.append(Event.FromString(data[12 : 12 + length]))
            data = data[16 + length :]
    return found


def values(folder) -> dict:
    return {(v.tag, e.step): v for e in events(folder) for v in e.summary.value}


def test_a_training_loop(tmp_path):
    with SummaryWriter(log_dir=tmp_path) as writer:
        for step in range(3):
            loss = torch.tensor(2.0, requires_grad=True) / (step + 1)
            writer.add_scalar("loss", loss, step)
            writer.add_scalar("lr", 0.5**step, global_step=step, new_style=True)
        writer.add_histogram("weights", torch.arange(10.0), 2)
        writer.add_text("note", "hello", 1)
        assert writer.get_logdir() == writer.log_dir == str(tmp_path)
    found = values(tmp_path)
    shown = [found["loss", step].simple_value for step in range(3)]
    np.testing.assert_allclose(shown, [2, 1, 2 / 3], rtol=1e-6)
    assert found["lr", 2].simple_value == 0.25
    histogram = found["weights", 2].histo
    assert (histogram.min, histogram.max, histogram.num) == (0, 9, 10)
    assert found["note/text_summary", 1].tensor.string_val == [b"hello"]


def picture(value) -> np.ndarray:
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(value.image.encoded_image_string)))


def test_pictures(tmp_path):
    pytest.importorskip("PIL")
    image = torch.zeros(3, 4, 6)
    image[0, 1] = 1.0
    with SummaryWriter(tmp_path) as writer:
        writer.add_image("one", image, 0)
        writer.add_image("bytes", (255 * image).to(torch.uint8), 0)
        writer.add_image("grey", image[0], 0, dataformats="HW")
        writer.add_images("many", torch.stack([image, image]), 0)
    found = values(tmp_path)
    expected = np.zeros((4, 6, 3), np.uint8)
    expected[1, :, 0] = 255
    for tag in ("one", "bytes"):
        assert (picture(found[tag, 0]) == expected).all()
    assert (picture(found["grey", 0])[1, :] == 255).all()
    assert found["many", 0].image.height * found["many", 0].image.width == 48


def test_figures_curves_and_runs(tmp_path):
    plt = pytest.importorskip("matplotlib.pyplot")
    figure = plt.figure(figsize=(2, 1), dpi=50)
    labels, scores = torch.tensor([0, 1, 1]), torch.tensor([0.1, 0.9, 0.6])
    with SummaryWriter(tmp_path) as writer:
        writer.add_figure("figure", figure, 0)
        writer.add_pr_curve("curve", labels, scores, 0)
        writer.add_scalars("both", {"a": torch.tensor(1.0), "b": 2.0}, 0)
        writer.add_embedding(torch.eye(3), metadata=["a", "b", "c"])
        settings = {"lr": torch.tensor(0.5), "kind": "sgd", "bias": True}
        writer.add_hparams(settings, {"accuracy": torch.tensor(0.75)}, run_name="r")
    found = values(tmp_path)
    assert found["figure", 0].image.width == 100
    assert found["curve", 0].metadata.plugin_data.plugin_name == "pr_curves"
    assert found["accuracy", 0].simple_value == 0.75
    assert (tmp_path / "r").is_dir() and (tmp_path / "both" / "b").is_dir()
    assert any(tmp_path.rglob("tensors.tsv"))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return torch.softmax(self.head(self.body(x)) * 2, 1)


def test_graph(tmp_path):
    from tensorboardX.proto.graph_pb2 import GraphDef

    with SummaryWriter(tmp_path) as writer:
        writer.add_graph(Net(), torch.ones(5, 3))
    (text,) = [e.graph_def for e in events(tmp_path) if e.graph_def]
    nodes = {n.name: n for n in GraphDef.FromString(text).node}
    first = nodes["Net/body/0"]
    assert first.op == "Linear" and b"in_features=3" in first.attr["attr"].s
    (shape,) = first.attr["_output_shapes"].list.shape
    assert [d.size for d in shape.dim] == [5, 4]
    assert nodes["Net/body/1"].input == ["Net/body/0"]
    assert nodes["Net/softmax"].op == "softmax"
    assert nodes["Net/output"].input == ["Net/softmax"]


@pytest.mark.skipif(
    importlib.util.find_spec("tensorboard") is None,
    reason="the package tensorboard is not installed",
)
def test_tensorboard_itself_reads_the_files(tmp_path):
    from tensorboard.backend.event_processing import event_accumulator

    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("loss", torch.tensor(1.5), 7)
        writer.add_image("one", torch.rand(3, 4, 6), 0)
        writer.add_graph(Net(), torch.ones(5, 3))
    read = event_accumulator.EventAccumulator(str(tmp_path))
    read.Reload()
    (scalar,) = read.Scalars("loss")
    assert (scalar.step, scalar.value) == (7, 1.5)
    assert read.Images("one")[0].width == 6
    assert "Net/head" in {node.name for node in read.Graph().node}
