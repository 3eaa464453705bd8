"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009): colour pictures of 32 × 32 pixels."""

from __future__ import annotations

import os
import pickle

import numpy as np

from .._pillow import Image
from .utils import check_integrity, download_and_extract_archive
from .vision import SplitDataset


class CIFAR10(SplitDataset):
    """60,000 pictures of 10 classes, in ``root/cifar-10-batches-py``."""

    base_folder = "cifar-10-batches-py"
    url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    filename = "cifar-10-python.tar.gz"
    tgz_md5 = "c58f30108f718f92721af3b95e74349a"
    train_list = [
        ["data_batch_1", "c99cafc152244af753f735de768cd75f"],
        ["data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"],
        ["data_batch_3", "54ebc095f3ab1f0389bbae665268c751"],
        ["data_batch_4", "634d18415352ddfa80567beed471001a"],
        ["data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"],
    ]
    test_list = [["test_batch", "40351d587109b95175f43aff81a1287e"]]
    meta = {
        "filename": "batches.meta",
        "key": "label_names",
        "md5": "5ff9c542aee3614f3951f8cda6e48888",
    }

    _absent = "Dataset not found or corrupted."

    def _load(self) -> None:
        batches = [
            self._read(name)
            for name, _ in (self.train_list if self.train else self.test_list)
        ]
        data = np.vstack([batch["data"] for batch in batches])
        # (N, height, width, channels)
        self.data = data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        self.targets: list[int] = []
        for batch in batches:
            self.targets += batch.get("labels", batch.get("fine_labels"))
        self.classes = self._read(self.meta["filename"])[self.meta["key"]]
        self.class_to_idx = {name: index for index, name in enumerate(self.classes)}

    def _read(self, name: str) -> dict:
        with open(os.path.join(self.root, self.base_folder, name), "rb") as file:
            return pickle.load(file, encoding="latin1")

    def __getitem__(self, index: int):
        return self._transformed(Image.fromarray(self.data[index]), self.targets[index])

    def __len__(self) -> int:
        return len(self.data)

    def _there(self) -> bool:
        return self._check_integrity()

    def _check_integrity(self) -> bool:
        # The files are pickles: they are opened only if they are the known ones.
        listed = [*self.train_list, *self.test_list]
        listed.append([self.meta["filename"], self.meta["md5"]])
        folder = os.path.join(self.root, self.base_folder)
        return all(check_integrity(os.path.join(folder, n), md5) for n, md5 in listed)

    def download(self) -> None:
        """Fetch and unpack the archive unless its files are there."""
        if not self._check_integrity():
            download_and_extract_archive(
                self.url, self.root, filename=self.filename, md5=self.tgz_md5
            )


class CIFAR100(CIFAR10):
    """60,000 pictures of 100 classes, in ``root/cifar-100-python``."""

    base_folder = "cifar-100-python"
    url = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
    filename = "cifar-100-python.tar.gz"
    tgz_md5 = "eb9058c3a382ffc7106e4002c42a8d85"
    train_list = [["train", "16019d7e3df5f24257cddd939b257f8d"]]
    test_list = [["test", "f0ef6b0ae62326f3e7ffdfab6717acfc"]]
    meta = {
        "filename": "meta",
        "key": "fine_label_names",
        "md5": "7973b15100ade9c7d40fb424638fde48",
    }
