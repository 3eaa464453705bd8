"""``torch.save`` and ``torch.load`` on tensors and modules, beside real PyTorch."""

import collections
import io
import os
import pathlib
import pickle
import subprocess
import sys
import textwrap
import zipfile

import ml_dtypes
import numpy as np
import pytest
import torch

import torchlike
from torchlike import serialization
from torchlike._tensor import Tensor, from_array
from torchlike.nn.module import Module
from torchlike.nn.parameter import Parameter
from torchlike.serialization import load, save

WAYS = ["orbax", "pytorch", "buffer", "old"]


def around(obj, way, tmp_path, **options):
    """Save in one of the four ways and load again."""
    path = tmp_path / "model.pth"
    if way in ("orbax", "pytorch"):
        save(obj, path, format=way)
        assert path.is_dir() == (way == "orbax")
        return load(path, **options)
    buffer = io.BytesIO()
    save(obj, buffer, _use_new_zipfile_serialization=way != "old")
    buffer.seek(0)
    return load(buffer, **options)


def same(ours, theirs) -> bool:
    """Whether a tensor of ours equals PyTorch's in everything a file holds."""
    return (
        str(ours.dtype) == str(theirs.dtype)
        and tuple(ours.shape) == tuple(theirs.shape)
        and repr(ours) == repr(theirs)
        and ours.requires_grad == theirs.requires_grad
        and isinstance(ours, Parameter) == isinstance(theirs, torch.nn.Parameter)
    )


DTYPES = [d for d in torchlike._dtypes.ALL if "float8" not in d.name]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_tensors(way, dtype, tmp_path):
    if way == "old" and dtype.name in ("uint16", "uint32", "uint64"):
        pytest.skip("not part of the older format")
    values = np.arange(6) * 1.25 - 2
    arrays = [values.astype(dtype.numpy_dtype).reshape(s) for s in ((6,), (2, 3))]
    arrays += [arrays[0][3], arrays[0][:0].reshape(0, 2)]
    found = around([from_array(np.asarray(a)) for a in arrays], way, tmp_path)
    for tensor, array in zip(found, arrays, strict=True):
        assert type(tensor) is Tensor and tensor.dtype is dtype
        assert tensor.shape == array.shape
        assert np.array_equal(tensor._numpy(), array)


@pytest.mark.parametrize("way", WAYS)
def test_flags(way, tmp_path):
    given = {
        "leaf": from_array(np.ones(2), requires_grad=True),
        "parameter": Parameter(from_array(np.ones(2))),
        "frozen": Parameter(from_array(np.ones(2)), requires_grad=False),
        "result": from_array(np.ones(2), requires_grad=True) * 2,
        "size": torchlike.Size([2, 3]),
        "dtype": torchlike.bfloat16,
        "device": torchlike.device("cuda", 1),
    }
    found = around(given, way, tmp_path)
    for name in ("leaf", "parameter", "frozen", "result"):
        assert type(found[name]) is type(given[name]) and found[name].is_leaf
        assert found[name].requires_grad == given[name].requires_grad
    for name in ("size", "dtype", "device"):
        assert found[name] == given[name] and type(found[name]) is type(given[name])


@pytest.mark.parametrize("way", WAYS)
def test_memory_stays_shared(way, tmp_path):
    base = from_array(np.arange(6.0))
    given = [base, base[2:], base.view(2, 3).t(), base, base.detach()]
    found = around(given, way, tmp_path)
    assert found[3] is found[0]
    found[0][2] = 100
    assert found[1].tolist() == [100, 3, 4, 5] and found[4][2] == 100
    assert found[2].tolist() == [[0, 3], [1, 4], [100, 5]]
    assert found[2].stride() == (1, 3)
    found[1][1] = -1
    assert found[0][3] == -1


def test_a_view_alone(tmp_path):
    base = from_array(np.arange(6.0))
    for way in WAYS:
        assert around(base[2:4], way, tmp_path).tolist() == [2, 3]
        part = from_array(np.array([1 + 2j, 3 - 4j])).imag
        assert around(part, way, tmp_path).tolist() == [2, -4]


PLAIN = {
    "numbers": [1, 2.5, True, None, 1 + 2j, 2**80],
    "text": "é",
    "bytes": b"\x00\xff",
    "nested": [[], {}, (1, (2,)), {1: {2: {3}}}],
    "ordered": collections.OrderedDict(a=1),
}


@pytest.mark.parametrize("way", WAYS)
def test_nested_values(way, tmp_path):
    assert around(PLAIN, way, tmp_path) == PLAIN


def test_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("a", "a.pth", pathlib.Path("b.pt"), os.path.join("sub", "c")):
        os.makedirs("sub", exist_ok=True)
        save({"x": 1}, path)
        save({"x": 2}, path)
        assert load(path) == {"x": 2}
    save({"x": 1}, "a.pth", format="pytorch")
    assert load("a.pth") == {"x": 1} and os.path.isfile("a.pth")
    save({"x": 3}, "a.pth")
    assert load("a.pth") == {"x": 3} and os.path.isdir("a.pth")
    assert sorted(os.listdir()) == ["a", "a.pth", "b.pt", "sub"]


def test_a_device_file_is_written_through():
    save({"x": 1}, os.devnull)
    assert not os.path.isdir(os.devnull) and not os.path.isfile(os.devnull)


# ----- between the two libraries -----


def test_pytorch_loads_what_we_write(tmp_path):
    given = {
        "a": from_array(np.arange(6, dtype=np.float32).reshape(2, 3)).t(),
        "b": from_array(np.ones(2, ml_dtypes.bfloat16)),
        "p": Parameter(from_array(np.ones(2))),
        "size": torchlike.Size([1]),
        "dtype": torchlike.int8,
    }
    save(given, tmp_path / "a.pth", format="pytorch")
    found = torch.load(tmp_path / "a.pth", weights_only=True)
    assert all(same(given[k], found[k]) for k in "abp")
    assert found["size"] == torch.Size([1]) and found["dtype"] is torch.int8


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])
def test_we_load_what_pytorch_writes(zipped, tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.ones(4, 3)).sum().backward()
    optimizer.step()
    given = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    path = tmp_path / "a.pth"
    torch.save(given, path, _use_new_zipfile_serialization=zipped)
    found = load(path)
    for name, tensor in given["model"].items():
        assert same(found["model"][name], tensor)
    assert found["optimizer"]["param_groups"] == given["optimizer"]["param_groups"]
    state = found["optimizer"]["state"][0]["momentum_buffer"]
    assert same(state, given["optimizer"]["state"][0]["momentum_buffer"])


def test_mapped_files(tmp_path):
    torch.save(torch.arange(1000.0), tmp_path / "a.pth")
    assert load(tmp_path / "a.pth", mmap=True).tolist() == list(range(1000))


class Net(Module):
    """A module of the user's."""

    def __init__(self):
        super().__init__()
        self.weight = Parameter(from_array(np.ones((2, 2), np.float32)))
        self.register_buffer("count", from_array(np.array(3)))
        self.note = "kept"

    def forward(self, x):
        return x @ self.weight


def test_whole_modules(tmp_path):
    net, buffer = Net(), io.BytesIO()
    save(net, buffer)
    buffer.seek(0)
    with pytest.raises(pickle.UnpicklingError, match="GLOBAL .*Net was not an allowed"):
        load(buffer)
    buffer.seek(0)
    found = load(buffer, weights_only=False)
    assert type(found) is Net and found.note == "kept" and found.count == 3
    assert type(found.weight) is Parameter and found.weight.requires_grad
    assert list(found.state_dict()) == ["weight", "count"]
    x = from_array(np.ones((1, 2), np.float32))
    assert found(x).tolist() == net(x).tolist()
    save(net, tmp_path / "a", format="pytorch")
    assert load(tmp_path / "a", weights_only=False).note == "kept"
    with pytest.raises(TypeError, match=r"Save its state_dict\(\) instead"):
        save(net, tmp_path / "b", format="orbax")
    assert not (tmp_path / "b").exists()


def test_a_path_gets_a_pickle_of_what_orbax_cannot_hold(tmp_path):
    net = Net()
    save({"x": 1}, tmp_path / "a")
    save({"epoch": 3, "net": net}, tmp_path / "a")
    assert (tmp_path / "a").is_file()
    found = load(tmp_path / "a", weights_only=False)
    assert found["epoch"] == 3 and found["net"].note == "kept"
    with pytest.raises((AttributeError, pickle.PicklingError), match="lambda"):
        save(lambda: 1, tmp_path / "a")
    save({"x": 2}, tmp_path / "a")
    assert (tmp_path / "a").is_dir() and load(tmp_path / "a") == {"x": 2}


def test_user_attributes_of_tensors(tmp_path):
    plain, weight = torchlike.ones(2), Parameter(torchlike.ones(3))
    plain.note, weight.tags = "mine", ["a", plain]
    save([plain, weight], tmp_path / "a")
    save([plain, weight], tmp_path / "b", format="pytorch")
    again = pickle.loads(pickle.dumps([plain, weight]))
    theirs = torch.load(tmp_path / "b")
    for p, w in (load(tmp_path / "a"), load(tmp_path / "b"), again, theirs):
        assert p.note == "mine" and w.tags[0] == "a" and w.tags[1] is p
        assert p.tolist() == [1.0] * 2 and type(w).__name__ == "Parameter"


def layers(library):
    """The same small model from either library."""
    nn = library.nn
    layers = [nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)]
    return nn.Sequential(*layers).eval()


def test_whole_models_of_pytorch():
    theirs, buffer = layers(torch), io.BytesIO()
    torch.save(theirs, buffer)
    x = np.ones((2, 3), np.float32)
    wanted = theirs(torch.from_numpy(x)).detach().numpy()
    nn = torchlike.nn
    with serialization.safe_globals(
        [nn.Sequential, nn.Linear, nn.ReLU, nn.BatchNorm1d]
    ):
        buffer.seek(0)
        ours = [load(buffer)]
    buffer.seek(0)
    ours.append(load(buffer, weights_only=False))
    for model in ours:
        assert type(model) is nn.Sequential and not model.training
        result = model(from_array(x)).detach().numpy()
        np.testing.assert_allclose(result, wanted, rtol=1e-5, atol=1e-6)


def test_pytorch_loads_our_whole_models():
    ours, buffer = layers(torchlike), io.BytesIO()
    save(ours, buffer)
    buffer.seek(0)
    theirs = torch.load(buffer, weights_only=False)
    assert type(theirs) is torch.nn.Sequential and not theirs.training
    x = np.ones((2, 3), np.float32)
    result = theirs(torch.from_numpy(x)).detach().numpy()
    wanted = ours(from_array(x)).detach().numpy()
    np.testing.assert_allclose(result, wanted, rtol=1e-5, atol=1e-6)
    theirs.train()(torch.from_numpy(x)).sum().backward()
    assert theirs[0].weight.grad is not None


@pytest.mark.parametrize("way", WAYS)
def test_state_dict_round_trip(way, tmp_path):
    net, other = Net(), Net()
    with torchlike.no_grad():
        net.weight.mul_(5)
    other.load_state_dict(around(net.state_dict(), way, tmp_path))
    assert other.weight.tolist() == net.weight.tolist()
    assert around(net.state_dict(), way, tmp_path)._metadata == {"": {"version": 1}}


# ----- where things go -----


def on_cuda() -> io.BytesIO:
    """A file with a tensor from a GPU, made on a machine without."""
    buffer = io.BytesIO()
    torch.save(torch.ones(2), buffer)
    swapped = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(swapped, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            text = b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:5"
            new.writestr(name, data.replace(*text))
    swapped.seek(0)
    return swapped


LOCATIONS = {
    "name": "cpu",
    "device": torchlike.device("cpu"),
    "dict": {"cuda:5": "cpu"},
    "function": lambda storage, location: storage,
    "function to cpu": lambda storage, location: storage.cpu(),
}


@pytest.mark.parametrize("name", LOCATIONS)
def test_map_location(name):
    where = LOCATIONS[name]
    if name == "function":
        where = lambda s, at: s.cpu() if at == "cuda:5" and len(s) == 8 else 1 / 0  # noqa: E731
    found = load(on_cuda(), map_location=where)
    assert found.tolist() == [1, 1] and str(found.device) == "cpu"


def test_map_location_to_meta(tmp_path):
    found = load(on_cuda(), map_location="meta")
    assert found.is_meta and found.shape == (2,)
    assert around(found, "orbax", tmp_path).is_meta
    assert around(found, "buffer", tmp_path).is_meta


def test_map_location_of_a_checkpoint(tmp_path):
    save([from_array(np.ones(2))], tmp_path / "a")
    assert load(tmp_path / "a", map_location="meta")[0].is_meta
    seen = []
    load(tmp_path / "a", map_location=lambda s, at: seen.append((len(s), at)))
    assert seen == [(16, "cpu")]


BAD_LOCATIONS = [3, "foo", {"cpu": "foo"}, lambda s, at: {}["mine"]]


@pytest.mark.parametrize("where", BAD_LOCATIONS, ids=["3", "foo", "dict", "function"])
def test_bad_locations_fail_as_in_pytorch(where, tmp_path):
    buffer = io.BytesIO()
    torch.save(torch.ones(2), buffer)
    buffer.seek(0)
    with pytest.raises(Exception) as theirs:
        torch.load(buffer, map_location=where)
    buffer.seek(0)
    save(from_array(np.ones(2)), tmp_path / "a")
    for source in (buffer, tmp_path / "a"):
        with pytest.raises(theirs.type) as ours:
            load(source, map_location=where)
        assert str(ours.value) == str(theirs.value)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("where", [None, "cuda"])
def test_no_gpu(where):
    with pytest.raises(RuntimeError) as theirs:
        torch.load(on_cuda(), map_location=where)
    with pytest.raises(RuntimeError) as ours:
        load(on_cuda(), map_location=where)
    if not torchlike._devices.cuda_devices():
        assert str(ours.value) == str(theirs.value)


# ----- errors -----


def saved() -> bytes:
    buffer = io.BytesIO()
    torch.save({"w": torch.arange(100.0)}, buffer)
    return buffer.getvalue()


def foreign_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return buffer.getvalue()


def old() -> bytes:
    buffer = io.BytesIO()
    torch.save([torch.ones(3)], buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


class Evil:
    def __reduce__(self):
        return os.system, ("exit 1",)


def evil() -> bytes:
    buffer = io.BytesIO()
    torch.save({"x": Evil()}, buffer)
    return buffer.getvalue()


def flipped() -> bytes:
    data = bytearray(saved())
    data[data.find(np.arange(100, dtype=np.float32).tobytes()) + 5] ^= 255
    return bytes(data)


MESSAGES = {
    "empty": (b"", EOFError, "Ran out of input"),
    "half": (saved()[:900], RuntimeError, "failed finding central directory"),
    "four bytes": (b"PK\x03\x04", RuntimeError, "PytorchStreamReader failed reading"),
    "two bytes": (b"PK", pickle.UnpicklingError, "Unsupported operand 80"),
    "flipped bits": (flipped(), RuntimeError, "failed reading file data/0"),
    "other zip": (foreign_zip(), RuntimeError, "locating file data.pkl"),
    "text": (b"hello world\n", pickle.UnpicklingError, "the pickle is damaged"),
    "json": (b'{"a": 1}', pickle.UnpicklingError, "Unsupported operand 123"),
    "plain pickle": (pickle.dumps(1, 2), RuntimeError, "Invalid magic number"),
    "old, cut": (old()[:-4], RuntimeError, "unexpected EOF, expected 4 more bytes"),
    "old, cut early": (old()[:60], EOFError, "Ran out of input"),
    "evil": (evil(), pickle.UnpicklingError, "GLOBAL posix.system whose module posix"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1", None, "git lfs pull"),
    "safetensors": (b"\x08\0\0\0\0\0\0\0{}", None, "a safetensors file"),
    "html": (b"<!DOCTYPE html><html>", None, "a web page"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_damaged_and_foreign_files(name, tmp_path):
    data, kind, words = MESSAGES[name]
    path = tmp_path / "a.pth"
    path.write_bytes(data)
    for source in (path, io.BytesIO(data)):
        with pytest.raises(kind or pickle.UnpicklingError) as error:
            load(source)
        assert words in str(error.value)
    if kind is not None and name not in ("text", "flipped bits", "other zip"):
        with pytest.raises(kind):
            torch.load(path)


def test_errors_of_arguments(tmp_path):
    class Stream:
        def read(self, size):
            return b""

    missing, nowhere = tmp_path / "none.pth", tmp_path / "none" / "a.pth"
    calls = [
        ("load", (missing,), {}),
        ("load", (tmp_path,), {}),
        ("load", (3,), {}),
        ("load", (Stream(),), {}),
        ("load", (io.BytesIO(saved()),), {"mmap": True}),
        ("load", (missing,), {"weights_only": True, "pickle_module": pickle}),
        ("save", ({}, nowhere), {}),
        ("save", ({}, None), {}),
        ("save", ({}, 3), {}),
    ]
    for name, arguments, options in calls:
        with pytest.raises(Exception) as theirs:
            getattr(torch, name)(*arguments, **options)
        with pytest.raises(theirs.type) as ours:
            getattr(serialization, name)(*arguments, **options)
        if not issubclass(theirs.type, IsADirectoryError):
            assert str(ours.value) == str(theirs.value)


def test_other_arguments(tmp_path):
    with pytest.raises(ValueError, match="format must be one of"):
        save(1, tmp_path / "a", format="zip")
    with pytest.raises(ValueError, match="needs a path"):
        save(1, io.BytesIO(), format="orbax")
    with pytest.raises(IsADirectoryError):
        save(1, tmp_path)
    with pytest.raises(TypeError, match="unknown arguments: wrong"):
        load(io.BytesIO(saved()), wrong=1)


def test_safe_globals():
    buffer = io.BytesIO()
    torch.save([np.float64(1.5), frozenset([1])], buffer)
    allowed = [np._core.multiarray.scalar, np.dtype, np.dtypes.Float64DType, frozenset]
    with serialization.safe_globals(allowed):
        buffer.seek(0)
        assert load(buffer) == [1.5, frozenset([1])]
    assert serialization.get_safe_globals() == []
    buffer.seek(0)
    with pytest.raises(pickle.UnpicklingError, match="add_safe_globals"):
        load(buffer)
    serialization.add_safe_globals(allowed)
    buffer.seek(0)
    assert load(buffer)[0] == 1.5
    serialization.clear_safe_globals()


def test_the_name_pytorch_has_for_one_of_our_classes():
    with serialization.safe_globals([Module]):
        names = serialization.trusted_names()
    assert names["torch.nn.module.Module"] is names["torchlike.nn.module.Module"]


SCRIPT = """
    import sys
    sys.modules["torch"] = None  # importing it now fails
    import numpy as np, torchlike
    from torchlike.serialization import load, save
    found = load(sys.argv[1])
    save(found, sys.argv[2], format="pytorch")
    assert load(sys.argv[2])["w"].tolist() == [1, 1]
    assert not any(n.startswith(("flax", "orbax")) for n in sys.modules)
    save(found, sys.argv[2] + ".orbax")
    assert load(sys.argv[2] + ".orbax")["w"].tolist() == [1, 1]
"""


def test_without_pytorch_and_quietly(tmp_path):
    theirs, ours = str(tmp_path / "a.pth"), str(tmp_path / "b.pth")
    torch.save({"w": torch.ones(2)}, theirs)
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(SCRIPT)]
    done = subprocess.run([*command, theirs, ours], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert torch.load(ours)["w"].tolist() == [1, 1]
