"""Downloads that are checked, and archives."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tarfile
import urllib.error
import urllib.request
import zipfile

_BLOCK = 1 << 20  # bytes


def calculate_md5(fpath: str, chunk_size: int = _BLOCK) -> str:
    """The MD5 of a file, in hexadecimal."""
    digest = hashlib.md5(usedforsecurity=False)
    with open(fpath, "rb") as file:
        while block := file.read(chunk_size):
            digest.update(block)
    return digest.hexdigest()


def check_md5(fpath: str, md5: str, **kwargs) -> bool:
    """Whether a file has this MD5."""
    return md5 == calculate_md5(fpath, **kwargs)


def check_integrity(fpath: str, md5: str | None = None) -> bool:
    """Whether a file is there and, if its MD5 is known, whole."""
    if not os.path.isfile(fpath):
        return False
    return True if md5 is None else check_md5(fpath, md5)


def _fetch(url: str, path: str) -> None:
    """``url`` into ``path``, whole or not at all."""
    request = urllib.request.Request(url, headers={"User-Agent": "torchvision"})
    partial = f"{path}.partial"
    try:
        with urllib.request.urlopen(request) as source, open(partial, "wb") as file:
            shutil.copyfileobj(source, file, _BLOCK)
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.remove(partial)


def download_url(
    url: str,
    root: str,
    filename: str | None = None,
    md5: str | None = None,
    max_redirect_hops: int = 3,
) -> None:
    """Fetch a file into ``root`` unless it is there and whole.

    RuntimeError if what arrives has another MD5.
    """
    root = os.path.expanduser(root)
    path = os.path.join(root, filename or os.path.basename(url))
    os.makedirs(root, exist_ok=True)
    if check_integrity(path, md5):
        return
    try:
        print(f"Downloading {url} to {path}")
        _fetch(url, path)
    except (urllib.error.URLError, OSError) as error:
        if not url.startswith("https:"):
            raise
        plain = url.replace("https:", "http:", 1)
        print(f"Failed download ({error}). Trying {plain}")
        _fetch(plain, path)
    if not check_integrity(path, md5):
        raise RuntimeError("File not found or corrupted.")


def _unpack_zip(path: str, folder: str) -> None:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)


def _unpack_tar(path: str, folder: str) -> None:
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")


def extract_archive(
    from_path: str, to_path: str | None = None, remove_finished: bool = False
) -> str:
    """Unpack a tar, zip or gzip file beside itself or into ``to_path``."""
    from_path = str(from_path)
    to_path = os.path.dirname(from_path) if to_path is None else str(to_path)
    if from_path.endswith((".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz", ".tbz")):
        _unpack_tar(from_path, to_path)
    elif from_path.endswith(".zip"):
        _unpack_zip(from_path, to_path)
    elif from_path.endswith(".gz"):
        name = os.path.basename(from_path).removesuffix(".gz")
        to_path = os.path.join(to_path, name)
        with gzip.open(from_path) as source, open(to_path, "wb") as file:
            shutil.copyfileobj(source, file)
    else:
        raise RuntimeError(
            f"File '{os.path.basename(from_path)}' has no suffixes that could be used "
            "to detect the archive type and compression."
        )
    if remove_finished:
        os.remove(from_path)
    return to_path


def download_and_extract_archive(
    url: str,
    download_root: str,
    extract_root: str | None = None,
    filename: str | None = None,
    md5: str | None = None,
    remove_finished: bool = False,
) -> None:
    """:func:`download_url`, then :func:`extract_archive`."""
    download_root = os.path.expanduser(str(download_root))
    filename = filename or os.path.basename(url)
    download_url(url, download_root, filename, md5)
    archive = os.path.join(download_root, filename)
    print(f"Extracting {archive} to {extract_root or download_root}")
    extract_archive(archive, extract_root or download_root, remove_finished)


def verify_str_arg(value, arg=None, valid_values=None, custom_msg=None) -> str:
    """``value`` if it is one of ``valid_values``; ValueError says which there are."""
    if not isinstance(value, str):
        raise ValueError(
            f"Expected type str for argument {arg}, but got type {type(value)}."
        )
    if valid_values is not None and value not in valid_values:
        raise ValueError(
            custom_msg
            or f"Unknown value '{value}' for argument {arg}. Valid values are "
            f"{{{', '.join(map(str, valid_values))}}}."
        )
    return value
