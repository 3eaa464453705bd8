"""Data sets: their formats, downloads from a server of our own, folders."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import pickle
import struct
import tarfile
import threading

import numpy as np
import pytest
import torch
from PIL import Image

import torchlike
from tests.vision import on_torch
from torchlike._torchvision import datasets, transforms
from torchlike._torchvision.datasets import utils
from torchlike._torchvision.datasets.mnist import read_sn3_pascalvincent_tensor


@pytest.fixture
def server(tmp_path):
    """A folder and the address it is served at; what was asked for is in `asked`."""
    folder, asked = tmp_path / "served", []
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *args):
            asked.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{running.server_port}/", asked
        running.shutdown()
        thread.join()


def md5(path) -> str:
    return hashlib.md5(path.read_bytes()).hexdigest()


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    """A file of MNIST's format."""
    head = struct.pack(f">HBB{array.ndim}i", 0, kind, array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


IMAGES = np.arange(4 * 28 * 28, dtype=np.uint8).reshape(4, 28, 28)
LABELS = np.array([3, 1, 0, 2], np.uint8)


@pytest.fixture
def mnist(server, monkeypatch):
    """MNIST served at our address."""
    folder, url, asked = server
    resources = []
    for part in ("train", "t10k"):
        for name, array in (("images-idx3", IMAGES), ("labels-idx1", LABELS)):
            file = folder / f"{part}-{name}-ubyte.gz"
            file.write_bytes(gzip.compress(idx(array)))
            resources.append((file.name, md5(file)))
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/", url])
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    return folder, asked


class TestMNIST:
    def test_download_and_items(self, mnist, tmp_path):
        _, asked = mnist
        data = datasets.MNIST(tmp_path, transform=transforms.ToTensor(), download=True)
        assert (
            len(asked) == 4 and (tmp_path / "MNIST/raw/t10k-labels-idx1-ubyte").exists()
        )
        assert len(data) == 4 and data.data.dtype is torchlike.uint8
        image, target = data[1]
        assert target == 1 and isinstance(target, int)
        np.testing.assert_array_equal(image[0].numpy(), IMAGES[1] / np.float32(255))
        datasets.MNIST(str(tmp_path), download=True)
        assert len(asked) == 4  # nothing was fetched again
        assert "Split: Train" in repr(data) and "datapoints: 4" in repr(data)

    def test_what_the_user_changes_counts(self, mnist, tmp_path):
        data = datasets.MNIST(tmp_path, download=True)
        assert data[0][1] == 3
        data.targets = data.targets + 1
        data.data = 255 - data.data
        picture, target = data[0]
        assert target == 4 and picture.getpixel((1, 0)) == 254
        assert pickle.loads(pickle.dumps(data))[0][1] == 4

    def test_a_damaged_file_is_refused(self, mnist, tmp_path):
        folder, _ = mnist
        (folder / "train-images-idx3-ubyte.gz").write_bytes(b"nonsense")
        with pytest.raises(RuntimeError, match="File not found or corrupted"):
            datasets.MNIST(tmp_path, download=True)

    def test_says_what_is_missing(self, tmp_path):
        with pytest.raises(RuntimeError, match="You can use download=True"):
            datasets.MNIST(tmp_path)
        with pytest.raises(RuntimeError, match="You can use download=True"):
            datasets.CIFAR10(tmp_path)

    def test_says_that_nothing_answered(self, tmp_path, monkeypatch):
        monkeypatch.setattr(datasets.KMNIST, "mirrors", ["http://127.0.0.1:9/"])
        with pytest.raises(RuntimeError, match="Error downloading train-images"):
            datasets.KMNIST(tmp_path, download=True)

    @pytest.mark.parametrize(
        "kind, dtype", [(9, "i1"), (11, "i2"), (12, "i4"), (14, "f8")]
    )
    def test_types_of_the_format(self, kind, dtype, tmp_path):
        array = np.arange(-6, 6).astype(dtype).reshape(3, 4)
        (tmp_path / "file").write_bytes(idx(array, kind))
        found = read_sn3_pascalvincent_tensor(tmp_path / "file").numpy()
        assert found.dtype == array.dtype
        np.testing.assert_array_equal(found, array)

    def test_loader(self, mnist, tmp_path):
        data = datasets.MNIST(tmp_path, transform=transforms.ToTensor(), download=True)
        loader = torchlike.utils.data.DataLoader(data, batch_size=3)
        batches = [(x.shape, y.tolist()) for x, y in loader]
        assert batches == [((3, 1, 28, 28), [3, 1, 0]), ((1, 1, 28, 28), [2])]


def test_names_and_sizes_of_the_others():
    assert datasets.FashionMNIST.classes[9] == "Ankle boot"
    assert len(datasets.FashionMNIST.resources) == len(datasets.KMNIST.resources) == 4
    assert len(datasets.CIFAR10.train_list) == 5


def cifar(folder, base: str, files: dict[str, dict]):
    """An archive of pickles, and the MD5 of each."""
    sums = {}
    with tarfile.open(folder / "cifar.tar.gz", "w:gz") as archive:
        for name, content in files.items():
            data = pickle.dumps(content)
            sums[name] = hashlib.md5(data).hexdigest()
            info = tarfile.TarInfo(f"{base}/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return sums


@pytest.mark.parametrize(
    "kind, labels", [("CIFAR10", "labels"), ("CIFAR100", "fine_labels")]
)
def test_cifar(kind, labels, server, tmp_path, monkeypatch):
    folder, url, asked = server
    family = getattr(datasets, kind)
    rows = np.arange(2 * 3072, dtype=np.uint64).reshape(2, 3072) % 251
    batch = {"data": rows.astype(np.uint8), labels: [1, 0]}
    lists = (family.train_list, family.test_list)
    names = [name for part in lists for name, _ in part]
    files = {name: batch for name in names}
    files[family.meta["filename"]] = {family.meta["key"]: ["cat", "dog"]}
    sums = cifar(folder, family.base_folder, files)
    for attribute, part in zip(("train_list", "test_list"), lists, strict=True):
        monkeypatch.setattr(family, attribute, [[n, sums[n]] for n, _ in part])
    meta = {**family.meta, "md5": sums[family.meta["filename"]]}
    monkeypatch.setattr(family, "meta", meta)
    monkeypatch.setattr(family, "url", url + "cifar.tar.gz")
    monkeypatch.setattr(family, "tgz_md5", md5(folder / "cifar.tar.gz"))

    train = family(tmp_path / "data", download=True)
    test = family(tmp_path / "data", train=False, download=True)
    assert len(asked) == 1 and len(test) == 2
    assert len(train) == 2 * len(family.train_list)
    assert train.class_to_idx == {"cat": 0, "dog": 1}
    picture, target = train[0]
    assert target == 1 and picture.size == (32, 32)
    # Red of the pixel in row 1, column 2; green lies 1024 further.
    assert picture.getpixel((2, 1)) == (34, (1024 + 34) % 251, (2048 + 34) % 251)

    held = tmp_path / "data" / family.base_folder / names[0]
    held.write_bytes(held.read_bytes() + b" ")
    with pytest.raises(RuntimeError, match="not found or corrupted"):
        family(tmp_path / "data")


@pytest.fixture
def pictures(tmp_path):
    for name, color in (("dog/b.png", 10), ("cat/sub/a.JPG", 20), ("cat/z.png", 30)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 3), (color,) * 3).save(path, "PNG")
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    return tmp_path


class TestFolders:
    def test_image_folder(self, pictures):
        data = datasets.ImageFolder(pictures, transform=transforms.PILToTensor())
        assert data.classes == ["cat", "dog"] and data.targets == [0, 0, 1]
        assert [x.max().item() for x, _ in data] == [30, 20, 10]
        assert data.imgs is data.samples and data[2][0].shape == (3, 3, 4)

    def test_dataset_folder_with_own_files(self, pictures):
        data = datasets.DatasetFolder(
            pictures,
            loader=lambda path: open(path).read(),
            is_valid_file=lambda path: path.endswith("txt"),
            allow_empty=True,
            target_transform=lambda target: target + 5,
        )
        assert list(data) == [("no picture", 5)]

    def test_empty_classes_and_folders(self, pictures):
        (pictures / "emu").mkdir()
        with pytest.raises(FileNotFoundError, match="for the classes emu. Supported"):
            datasets.ImageFolder(pictures)
        with pytest.raises(FileNotFoundError, match="Couldn't find any class folder"):
            datasets.ImageFolder(pictures / "emu")


def test_fake_data_is_pytorchs():
    wanted = on_torch.load().datasets.FakeData(size=3, image_size=(3, 8, 9))
    torchlike.manual_seed(0)
    found = datasets.FakeData(size=3, image_size=(3, 8, 9))
    for index in range(3):
        (mine, label), (reference, other) = found[index], wanted[index]
        assert label == other
        apart = np.asarray(mine).astype(int) - np.asarray(reference).astype(int)
        assert (abs(apart) % 255 <= 1).all()
    torch.manual_seed(0)
    assert (
        torchlike.rand(1).item() == torch.rand(1).item()
    )  # the generator is as before
    with pytest.raises(IndexError):
        found[3]


class TestDownloads:
    def test_archives(self, server, tmp_path):
        folder, url, _ = server
        (folder / "a.txt").write_text("hello")
        with tarfile.open(folder / "a.tar.gz", "w:gz") as archive:
            archive.add(folder / "a.txt", "inner/a.txt")
        utils.download_and_extract_archive(url + "a.tar.gz", str(tmp_path / "to"))
        assert (tmp_path / "to" / "inner" / "a.txt").read_text() == "hello"

    def test_an_archive_cannot_write_elsewhere(self, tmp_path):
        with tarfile.open(tmp_path / "bad.tar", "w") as archive:
            archive.addfile(tarfile.TarInfo("../escaped.txt"), io.BytesIO())
        with pytest.raises(tarfile.OutsideDestinationError):
            utils.extract_archive(tmp_path / "bad.tar", tmp_path / "to")
        assert not (tmp_path / "escaped.txt").exists()

    def test_a_wrong_sum_is_refused(self, server, tmp_path):
        folder, url, _ = server
        (folder / "x").write_bytes(b"1")
        with pytest.raises(RuntimeError, match="corrupted"):
            utils.download_url(url + "x", str(tmp_path), md5="0" * 32)
        utils.download_url(url + "x", str(tmp_path), md5=md5(folder / "x"))
        assert utils.check_integrity(tmp_path / "x", md5(folder / "x"))
