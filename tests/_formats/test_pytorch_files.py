"""Files of PyTorch's format, both ways, against real PyTorch."""

import collections
import io
import pickle
import zipfile

import numpy as np
import pytest
import torch

from tests._formats.plain import Size, from_torch, same, to_torch
from torchlike import _devices, _dtypes
from torchlike._formats import pytorch_read, pytorch_write
from torchlike._formats.stored import StoredTensor

DTYPES = [getattr(torch, d.name) for d in _dtypes.ALL]
BOTH_FORMATS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])


def _typed(dtype: torch.dtype, zipped: bool) -> bool:
    """PyTorch itself cannot load the newer dtypes from its older format."""
    return zipped or dtype in torch.storage._dtype_to_storage_type_map()


@BOTH_FORMATS
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype(dtype, zipped):
    if not _typed(dtype, zipped):
        pytest.skip("not part of the older format")
    base = (torch.arange(24) - 5).to(dtype)
    tensors = [base, base[3], base[2:9:2], base.view(4, 6).T, base[:0].view(0, 3)]
    read = from_torch(tensors, _use_new_zipfile_serialization=zipped)
    assert all(same(a, b) for a, b in zip(read, tensors, strict=True))
    assert read[3].strides == tensors[3].stride()
    back = to_torch(read, zipped=zipped)
    for a, b in zip(back, tensors, strict=True):
        assert a.dtype == b.dtype and a.stride() == b.stride()
        assert all(same(c, a) and same(c, b) for c in [from_torch(a)])


@BOTH_FORMATS
def test_shared_storage_stays_shared(zipped):
    base = torch.arange(6.0)
    read = from_torch([base, base[2:], base], _use_new_zipfile_serialization=zipped)
    assert read[0].storage is read[1].storage and read[0] is read[2]
    back = to_torch(read, zipped=zipped)
    back[0][2] = 100
    assert back[1][0] == 100 and back[0] is back[2]


PLAIN = [
    *(None, True, 3, -5, 2**40, -(2**90), 2.5, 1 + 2j, "text", "é\n", b"\x00\xff", b""),
    *([1, [2, []]], (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), (), {}, {"a": {1: None}}),
    *({1, 2}, bytearray(b"abc"), collections.Counter("aab")),
    collections.OrderedDict([("b", 1), ("a", 2)]),
    list(range(1500)),
    {str(i): i for i in range(1500)},
]


@BOTH_FORMATS
@pytest.mark.parametrize("value", PLAIN, ids=lambda v: repr(v)[:30])
def test_plain_values(value, zipped):
    read = from_torch(value, _use_new_zipfile_serialization=zipped)
    assert read == value and type(read) is type(value)
    back = to_torch(value, zipped=zipped)
    assert back == value and type(back) is type(value)


def test_torch_objects():
    given = [torch.float16, torch.Size([2, 3]), torch.device("cuda", 1)]
    read = from_torch([*given, torch.device("cpu")])
    cuda, cpu = _devices.device("cuda", 1), _devices.device("cpu")
    assert read == [_dtypes.float16, (2, 3), cuda, cpu]
    back = to_torch([_dtypes.float16, Size((2, 3)), _devices.device("cuda", 1)])
    assert back == given and type(back[1]) is torch.Size


def test_shared_and_circular_lists():
    inner = [1]
    outer = {"a": inner, "b": inner}
    outer["me"] = outer
    for result in (from_torch(outer), to_torch(outer)):
        assert result["a"] is result["b"] and result["me"] is result


def test_state_dicts():
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    model[1].weight = torch.nn.Parameter(model[1].bias)  # tied
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 1, 5, 5)).sum().backward()
    optimizer.step()
    given = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    read = from_torch(given)
    assert read["model"]._metadata == given["model"]._metadata
    for name, tensor in given["model"].items():
        assert same(read["model"][name], tensor)
    back = to_torch(read)
    model.load_state_dict(back["model"])
    optimizer.load_state_dict(back["optimizer"])
    assert back["optimizer"]["param_groups"] == given["optimizer"]["param_groups"]
    assert back["model"]._metadata == given["model"]._metadata


def test_parameters_and_flags():
    given = [
        torch.nn.Parameter(torch.ones(2)),
        torch.nn.Parameter(torch.ones(2), requires_grad=False),
        torch.ones(2, requires_grad=True),
    ]
    read = from_torch(given)
    assert all(same(a, b) for a, b in zip(read, given, strict=True))
    for a, b in zip(to_torch(read), given, strict=True):
        assert type(a) is type(b) and a.requires_grad == b.requires_grad


def test_lazy_views_of_complex_numbers():
    z = torch.tensor([1 + 2j, 3 - 1j])
    for given in (z.conj(), z.conj().imag, z.imag):
        assert same(from_torch(given), given)


def test_meta_tensors():
    read = from_torch(torch.empty(2, 3, device="meta", dtype=torch.int8))
    assert read.storage is None and read.shape == (2, 3)
    back = to_torch(read)
    assert back.is_meta and back.shape == (2, 3) and back.dtype == torch.int8


def test_tensor_with_attributes():
    buffer = torch.nn.Buffer(torch.ones(2))
    buffer.shape_note = "mine"
    read = from_torch({"b": buffer})["b"]
    assert same(read, buffer) and read.shape_note == "mine" and read._is_buffer


def test_big_endian_file():
    values = torch.tensor([1.5, -2.0]), torch.tensor([1 + 2j]), torch.tensor([7])
    odd = torch.tensor([258], dtype=torch.uint16)
    torch.serialization.set_default_load_endianness(None)
    buffer = io.BytesIO()
    torch.save([*values, odd], buffer)
    swapped = io.BytesIO()
    sizes = {"data/0": 4, "data/1": 4, "data/2": 8, "data/3": 2}
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(swapped, "w") as new:
        for name in old.namelist():
            data, key = old.read(name), name.split("/", 1)[1]
            if key in sizes:
                data = np.frombuffer(data, f"u{sizes[key]}").byteswap().tobytes()
            new.writestr(name, b"big" if key == "byteorder" else data)
    swapped.seek(0)
    read = pytorch_read.read(swapped)
    given = [*values, odd]
    assert all(same(a, b) for a, b in zip(read, given, strict=True))


def test_archive_is_laid_out_as_pytorch_does():
    buffer, theirs = io.BytesIO(), io.BytesIO()
    tensor = StoredTensor.of(np.arange(100.0))
    pytorch_write.write({"a": tensor}, buffer)
    torch.save({"a": torch.arange(100.0, dtype=torch.float64)}, theirs)
    with zipfile.ZipFile(buffer) as ours, zipfile.ZipFile(theirs) as other:
        assert ours.namelist() == other.namelist()
        for name in ("version", "byteorder", ".format_version", ".storage_alignment"):
            assert ours.read("archive/" + name) == other.read("archive/" + name)
        for info in ours.infolist():
            buffer.seek(info.header_offset + 26)
            name_size, extra_size = np.frombuffer(buffer.read(4), "<u2").astype(int)
            assert (info.header_offset + 30 + name_size + extra_size) % 64 == 0
            assert info.compress_type == zipfile.ZIP_STORED
        assert len(ours.read("archive/.data/serialization_id")) == 40


def test_pytorch_maps_our_files(tmp_path):
    path = tmp_path / "a.pth"
    with open(path, "wb") as file:
        pytorch_write.write([StoredTensor.of(np.arange(1000.0))], file, name="a")
    assert torch.load(path, mmap=True)[0].sum() == 499500


def test_we_map_their_files(tmp_path):
    path = tmp_path / "a.pth"
    torch.save([torch.arange(1000.0), torch.empty(0)], path)
    with open(path, "rb") as file:
        read = pytorch_read.read(file, mmap=str(path))
    assert isinstance(read[0].storage.data, np.memmap)
    assert read[0].array().sum() == 499500 and read[1].shape == (0,)


def test_same_object_gives_the_same_file():
    files = []
    for _ in range(2):
        buffer = io.BytesIO()
        pytorch_write.write({"a": StoredTensor.of(np.ones(3))}, buffer)
        files.append(buffer.getvalue())
    assert files[0] == files[1]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_higher_protocols_are_loaded_by_pytorch(protocol):
    buffer = io.BytesIO()
    given = {"a": StoredTensor.of(np.ones(3)), "t": _dtypes.int8}
    pytorch_write.write(given, buffer, protocol=protocol)
    buffer.seek(0)
    back = torch.load(buffer, weights_only=False)
    assert torch.equal(back["a"], torch.ones(3, dtype=torch.float64))
    assert back["t"] is torch.int8


class Plain:
    """A class of the user's, for ordinary pickling."""

    def __init__(self):
        self.weight = StoredTensor.of(np.ones(2, np.float32))


def test_ordinary_pickles_of_trusted_files():
    buffer = io.BytesIO()
    pytorch_write.write(Plain(), buffer)
    with pytest.raises(pickle.UnpicklingError, match=r"GLOBAL .*\.Plain was not"):
        buffer.seek(0)
        pytorch_read.read(buffer)
    buffer.seek(0)
    assert pytorch_read.read(buffer, full=True).weight.array().sum() == 2
    buffer.seek(0)
    assert torch.load(buffer, weights_only=False).weight.sum() == 2
    name = f"{Plain.__module__}.Plain"
    buffer.seek(0)
    assert type(pytorch_read.read(buffer, trusted={name: Plain})) is Plain
