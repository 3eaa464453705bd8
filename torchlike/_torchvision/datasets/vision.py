"""The base of the data sets of pictures."""

from __future__ import annotations

import os
from collections.abc import Callable

from torchlike.utils.data import Dataset


class VisionDataset(Dataset):
    """A data set in the folder ``root``.

    ``transform`` takes the picture, ``target_transform`` the target, ``transforms``
    both; the last excludes the others.
    """

    _repr_indent = 4

    def __init__(
        self,
        root=None,
        transforms: Callable | None = None,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
    ) -> None:
        self.root = os.path.expanduser(root) if isinstance(root, str) else root
        apart = transform is not None or target_transform is not None
        if transforms is not None and apart:
            raise ValueError(
                "Only transforms or transform/target_transform can be passed as "
                "argument"
            )
        self.transform = transform
        self.target_transform = target_transform
        if apart:
            transforms = StandardTransform(transform, target_transform)
        self.transforms = transforms

    def __getitem__(self, index: int):
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def _transformed(self, img, target):
        return StandardTransform(self.transform, self.target_transform)(img, target)

    def __repr__(self) -> str:
        body = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            body.append(f"Root location: {self.root}")
        body += self.extra_repr().splitlines()
        if self.transforms is not None:
            body.append(repr(self.transforms))
        lines = [f"Dataset {self.__class__.__name__}"]
        return "\n".join(lines + [" " * self._repr_indent + line for line in body])

    def extra_repr(self) -> str:
        """More lines for ``repr``."""
        return ""


class SplitDataset(VisionDataset):
    """A data set of a training and a test part, which can be downloaded.

    A subclass has ``download`` and ``_there``, which tells whether the files are.
    """

    _absent = "Dataset not found."

    def __init__(
        self,
        root,
        train: bool = True,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
    ) -> None:
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        if download:
            self.download()
        if not self._there():
            raise RuntimeError(
                f"{self._absent} You can use download=True to download it"
            )
        self._load()

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train else 'Test'}"


class StandardTransform:
    """A transform of the picture and one of the target."""

    def __init__(
        self,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
    ) -> None:
        self.transform = transform
        self.target_transform = target_transform

    def __call__(self, input, target):
        if self.transform is not None:
            input = self.transform(input)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return input, target

    def __repr__(self) -> str:
        body = [self.__class__.__name__]
        for head, transform in (
            ("Transform: ", self.transform),
            ("Target transform: ", self.target_transform),
        ):
            if transform is not None:
                lines = repr(transform).splitlines()
                body.append(head + lines[0])
                body += [" " * len(head) + line for line in lines[1:]]
        return "\n".join(body)
