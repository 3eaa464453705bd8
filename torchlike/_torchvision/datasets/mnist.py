"""MNIST and the data sets in its format: handwritten digits, clothes, kana."""

from __future__ import annotations

import gzip
import os
import urllib.error

import numpy as np

import torchlike as torch
from torchlike import Tensor

from .._pillow import Image
from .utils import check_integrity, download_and_extract_archive
from .vision import SplitDataset

_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_sn3_pascalvincent_tensor(path: str, strict: bool = True) -> Tensor:
    """The array in an IDX file, packed or not.

    Four bytes: 0, 0, type, dimensions; then the sizes, then the values, big-endian.
    """
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rb") as file:
        data = file.read()
    kind, dims = data[2], data[3]
    if data[:2] != b"\0\0" or kind not in _TYPES:
        raise ValueError(f"{path} is not an IDX file")
    shape = np.frombuffer(data, dtype=">i4", count=dims, offset=4).tolist()
    values = np.frombuffer(data, dtype=_TYPES[kind], offset=4 * (dims + 1))
    if strict and values.size != np.prod(shape):
        raise ValueError(f"{path} holds {values.size} values, not {shape}")
    native = values.dtype.newbyteorder("=")
    return torch.from_numpy(values.astype(native).reshape(shape))


def read_label_file(path: str) -> Tensor:
    """Labels, int64, (n,)."""
    return read_sn3_pascalvincent_tensor(path, strict=False).long()


def read_image_file(path: str) -> Tensor:
    """Pictures, uint8, (n, height, width)."""
    return read_sn3_pascalvincent_tensor(path, strict=False)


class MNIST(SplitDataset):
    """70,000 digits of 28 × 28 pixels (LeCun et al. 1998), in ``root/MNIST/raw``."""

    mirrors = [
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ]
    resources = [
        ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
        ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ]
    classes = [
        f"{number} - {word}"
        for number, word in enumerate(
            "zero one two three four five six seven eight nine".split()
        )
    ]

    def _load(self) -> None:
        self.data, self.targets = self._load_data()

    def _load_data(self) -> tuple[Tensor, Tensor]:
        part = "train" if self.train else "t10k"
        images = self._path(f"{part}-images-idx3-ubyte")
        labels = self._path(f"{part}-labels-idx1-ubyte")
        return read_image_file(images), read_label_file(labels)

    def _path(self, name: str) -> str:
        """The unpacked file, or the packed one if there is only that."""
        path = os.path.join(self.raw_folder, name)
        return path if os.path.isfile(path) else f"{path}.gz"

    def _arrays(self) -> tuple[np.ndarray, list[int]]:
        """The data on the host: one look-up per picture instead of one program."""
        found = self.__dict__.get("_held")
        if found is None or found[0] is not self.data or found[1] is not self.targets:
            targets = torch.as_tensor(self.targets).tolist()
            held = (np.asarray(self.data), targets)
            found = self._held = (self.data, self.targets, held)
        return found[2]

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k != "_held"}

    def __getitem__(self, index: int):
        images, targets = self._arrays()
        return self._transformed(Image.fromarray(images[index]), targets[index])

    def __len__(self) -> int:
        return len(self.data)

    @property
    def raw_folder(self) -> str:
        """Where the files are."""
        return os.path.join(self.root, self.__class__.__name__, "raw")

    @property
    def processed_folder(self) -> str:
        """Where older versions kept tensors."""
        return os.path.join(self.root, self.__class__.__name__, "processed")

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The numbers of the classes."""
        return {name: index for index, name in enumerate(self.classes)}

    @property
    def train_data(self) -> Tensor:
        """The older name of ``data``."""
        return self.data

    @property
    def train_labels(self) -> Tensor:
        """The older name of ``targets``."""
        return self.targets

    test_data, test_labels = train_data, train_labels

    def _there(self) -> bool:
        return self._check_exists()

    def _check_exists(self) -> bool:
        names = (os.path.splitext(name)[0] for name, _ in self.resources)
        return all(check_integrity(self._path(name)) for name in names)

    def download(self) -> None:
        """Fetch and unpack the files, from the first mirror that has them."""
        if self._check_exists():
            return
        os.makedirs(self.raw_folder, exist_ok=True)
        for filename, md5 in self.resources:
            errors = []
            for mirror in self.mirrors:
                try:
                    download_and_extract_archive(
                        f"{mirror}{filename}", self.raw_folder, None, filename, md5
                    )
                    break
                except (urllib.error.URLError, OSError) as error:
                    errors.append(error)
            else:
                tried = "\n".join(
                    f"Tried {mirror}, got:\n{error}"
                    for mirror, error in zip(self.mirrors, errors, strict=True)
                )
                raise RuntimeError(f"Error downloading {filename}:\n{tried}")


class FashionMNIST(MNIST):
    """70,000 pieces of clothing of 28 × 28 pixels (Xiao et al. 2017)."""

    mirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"]
    resources = [
        ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ]
    classes = [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ]


class KMNIST(MNIST):
    """70,000 kana of 28 × 28 pixels (Clanuwat et al. 2018)."""

    mirrors = ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"]
    resources = [
        ("train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7"),
        ("train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344"),
        ("t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7"),
        ("t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134"),
    ]
    classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
