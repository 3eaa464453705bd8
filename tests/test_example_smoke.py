"""Every example runs for a few steps on torchlike and draws its picture."""

from __future__ import annotations

import gzip
import re
import struct

import numpy as np
import pytest

from tests.test_examples import run
from tests.tour_programs import ROOT

# Example, its arguments, the file it makes.
SMOKE = [
    ("vae.py", "--epochs 2", "vae.png"),
    ("dcgan.py", "--epochs 1 --width 8", "dcgan.png"),
    (
        "time_sequence_prediction.py",
        "--epochs 1 --length 12 --future 5",
        "time_sequence.png",
    ),
    ("reinforce.py", "--epochs 3", "reinforce.png"),
    ("actor_critic.py", "--epochs 3 --carts 4", "actor_critic.png"),
    ("super_resolution.py", "--epochs 1 --batch-size 2", "super_resolution.png"),
    ("neural_style.py", "--epochs 1 --size 60", "neural_style.png"),
    ("graph_attention.py", "--epochs 10", "graph_attention.png"),
    ("nanogpt.py", "--epochs 1 --steps 3 --letters 5 --width 32", "nanogpt.png"),
    ("word_language_model.py", "--epochs 1 --words 5 --width 32", "written.txt"),
    ("fine_tuning.py", "--epochs 1", "fine_tuning.png"),
]
ALL = {"digits.py", "mnist.py", *(name for name, _, _ in SMOKE)}


@pytest.mark.slow
@pytest.mark.parametrize("name, arguments, made", SMOKE)
def test_runs(name, arguments, made, tmp_path):
    start = ("-m", "torchlike")
    shown = run(
        name, *arguments.split(), "--out", str(tmp_path), start=start, cwd=tmp_path
    )
    assert not re.search(r"\bnan\b", shown) and shown.count("\n") >= 2
    content = (tmp_path / made).read_bytes()
    if made.endswith(".png"):
        assert content.startswith(b"\x89PNG") and len(content) > 5_000


def write_idx(folder, prefix: str, count: int) -> None:
    """Files of MNIST's format with a bright row at the height of the label."""
    labels = np.arange(count, dtype=np.uint8) % 10
    images = np.zeros((count, 28, 28), np.uint8)
    images[np.arange(count), 2 * labels + 4] = 255
    for array, kind in ((images, "images-idx3"), (labels, "labels-idx1")):
        header = struct.pack(f">HBB{array.ndim}i", 0, 8, array.ndim, *array.shape)
        packed = gzip.compress(header + array.tobytes())
        (folder / f"{prefix}-{kind}-ubyte.gz").write_bytes(packed)


@pytest.mark.slow
def test_mnist_reads_the_classic_files(tmp_path):
    write_idx(tmp_path, "train", 640)
    write_idx(tmp_path, "t10k", 100)
    arguments = ("--data", str(tmp_path), "--epochs", "1", "--out", str(tmp_path))
    shown = run("mnist.py", *arguments, start=("-m", "torchlike"), cwd=tmp_path)
    assert "epoch 1: test accuracy" in shown
    assert (tmp_path / "mnist.png").exists() and (tmp_path / "mnist.pt").exists()


def test_the_examples_are_plain_pytorch_scripts():
    assert len(ALL) >= 12
    for name in ALL:
        text = (ROOT / "examples" / name).read_text()
        assert "\nimport torch\n" in text and "import torchlike" not in text
        for wanted in ("--device", "--epochs", "--out", "tqdm"):
            assert wanted in text, (name, wanted)
