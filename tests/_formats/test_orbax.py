"""Orbax checkpoints: what goes in comes out; damage is named; a kill harms nothing."""

import collections
import json
import math
import os
import signal
import subprocess
import sys
import textwrap
import time

import ml_dtypes
import numpy as np
import pytest

from tests._formats.plain import Size, bits, is_size
from torchlike import _devices, _dtypes
from torchlike._formats import orbax
from torchlike._formats.pytorch_write import stored_as_is
from torchlike._formats.stored import PlainMaker, StoredTensor


class Maker(PlainMaker):
    size = Size


def save(obj, path):
    orbax.save(obj, str(path), stored_as_is, is_size)


def load(path):
    return orbax.load(str(path), Maker())


def around(obj, path):
    save(obj, path)
    return load(path)


VALUES = [
    *(None, True, False, 0, -7, 2**200, 0.1, -0.0, 1e-320, 1.7976931348623157e308),
    *(math.inf, -math.inf, 1 + 2j, complex(math.inf, -0.0), "", "é\n\0", "\ud800"),
    *(b"", b"\x00\xff", bytearray(b"x"), [], [[]], (), ((),), (1,), {}, {"a": {}}),
    *(set(), {1, "a"}, frozenset({(1, 2)}), Size((2, 3)), Size()),
    *(_dtypes.bfloat16, _devices.device("cuda", 1), _devices.device("cpu")),
    {"tuple": 1, "dict": [2], "again": 0, "tensor": {"array": "x"}},
    {1: "int", "1": "text", 1.5: "float", None: 0, (1, "a"): 2, b"k": 4},
    collections.OrderedDict([("b", 1), ("a", 2)]),
    collections.Counter("aab"),
    collections.defaultdict(list, {"a": [1]}),
    collections.defaultdict(None, {"a": 1}),
    np.float64(1.5),
    np.int8(-3),
    np.bool_(True),
]


# Names by position: a set has no fixed text.
NAMES = [f"{i}-{type(value).__name__}" for i, value in enumerate(VALUES)]


@pytest.mark.parametrize("value", VALUES, ids=NAMES)
def test_plain_values(value, tmp_path):
    found = around(value, tmp_path / "a")
    assert found == value and repr(found) == repr(value)
    assert type(found) is type(value)


def test_nan(tmp_path):
    found = around([math.nan, complex(0, math.nan)], tmp_path / "a")
    assert math.isnan(found[0]) and math.isnan(found[1].imag)


@pytest.mark.parametrize("dtype", _dtypes.ALL, ids=str)
def test_every_dtype(dtype, tmp_path):
    arrays = [(np.arange(n) * 1.5).astype(dtype.numpy_dtype) for n in (6, 1, 0)]
    arrays = [arrays[0].reshape(2, 3), arrays[1].reshape(()), arrays[2].reshape(0, 4)]
    given = [StoredTensor.of(a) for a in arrays] + arrays
    found = around(given, tmp_path / "a")
    for array, stored, plain in zip(arrays, found, found[3:], strict=False):
        assert stored.dtype is dtype and plain.dtype == array.dtype
        assert stored.shape == plain.shape == array.shape
        assert np.array_equal(bits(stored.array()), bits(array))
        assert np.array_equal(bits(plain), bits(array))


def test_identity_and_sharing(tmp_path):
    whole = StoredTensor.of(np.arange(6.0))
    part = StoredTensor(whole.storage, whole.dtype, 1, (2, 2), (1, 2))
    items, table = [whole, part], {}
    items.append(items)
    table["items"], table["me"] = items, table
    found = around([table, items, part, (whole,), {whole: 1}], tmp_path / "a")
    table, items = found[:2]
    assert table["items"] is items and table["me"] is table and items[2] is items
    assert found[2] is items[1] and found[3][0] is items[0] and items[0] in found[4]
    assert items[0].storage is items[1].storage
    assert items[1].array().tolist() == [[1, 3], [2, 4]]


def test_flags_and_devices(tmp_path):
    given = [
        StoredTensor.of(np.ones(2), requires_grad=True),
        StoredTensor.of(np.ones(2), requires_grad=True, is_parameter=True),
        StoredTensor.of(np.ones(2), is_parameter=True),
        StoredTensor.of(np.ones(2), "cuda:1"),
        StoredTensor.of(np.ones(0), "cuda:1"),
    ]
    meta = StoredTensor(None, _dtypes.float32, 0, (2, 3), (3, 1))
    found = around([*given, meta], tmp_path / "a")
    for a, b in zip(given, found, strict=False):
        assert a.requires_grad == b.requires_grad and a.is_parameter == b.is_parameter
        assert a.storage.location == b.storage.location
    assert found[-1].storage is None and found[-1].shape == (2, 3)


def test_metadata_of_a_state_dict(tmp_path):
    state = collections.OrderedDict(w=StoredTensor.of(np.ones(1)))
    state._metadata = collections.OrderedDict({"": {"version": 1}})
    found = around(state, tmp_path / "a")
    assert found._metadata == state._metadata


def test_orbax_alone_reads_the_arrays(tmp_path):
    import orbax.checkpoint as ocp

    state = {"fc.weight": StoredTensor.of(np.ones((2, 3), ml_dtypes.bfloat16))}
    save({"model": state, "a/b": np.arange(3), "a_b": np.arange(2)}, tmp_path / "a")
    with ocp.Checkpointer(ocp.PyTreeCheckpointHandler()) as checkpointer:
        found = checkpointer.restore(tmp_path / "a")
    assert sorted(found) == ["a_b", "a_b-2", "model.fc.weight"]
    assert found["model.fc.weight"].shape == (2, 3)


class Model:
    def state_dict(self):
        return {}


REFUSED = [
    (Model(), "Model (obj) to an Orbax checkpoint. Save its state_dict()"),
    ({"a": [Model()]}, "(obj['a'][0])"),
    (object(), "Pass format='pytorch'"),
    ([lambda: 1], "builtins.function (obj[0])"),
    (np.array(["a"]), "numpy.ndarray"),
    (np.array([None]), "numpy.ndarray"),
    (np.datetime64("2020-01-01"), "numpy.ndarray"),
    (collections.namedtuple("P", "x")(1), "P (obj)"),
    (collections.defaultdict(lambda: 1), "builtins.function"),
]


@pytest.mark.parametrize("value, words", REFUSED, ids=lambda v: type(v).__name__)
def test_what_cannot_be_saved_is_named_and_nothing_touched(value, words, tmp_path):
    save("old", tmp_path / "a")
    with pytest.raises(TypeError) as error:
        save([1, value], tmp_path / "a")
    assert words.replace("(obj", "(obj[1]") in str(error.value)
    assert load(tmp_path / "a") == "old" and os.listdir(tmp_path) == ["a"]


def test_a_directory_with_other_things_is_never_replaced(tmp_path):
    place = tmp_path / "a"
    place.mkdir()
    (place / "thesis.tex").touch()
    with pytest.raises(IsADirectoryError, match="not a checkpoint"):
        save(1, place)
    (place / "thesis.tex").rename(tmp_path / "thesis.tex")
    with pytest.raises(IsADirectoryError, match="not a checkpoint"):
        save(1, place)
    place.rmdir()
    save({"w": StoredTensor.of(np.ones(1))}, place)
    save(2, place / "inner.pth")
    with pytest.raises(IsADirectoryError, match=r"inner\.pth"):
        save(1, place)
    assert load(place / "inner.pth") == 2


def test_every_missing_or_cut_file_is_damage_or_harmless(tmp_path):
    place = tmp_path / "a"
    save({"w": StoredTensor.of(np.arange(300.0)), "b": np.ones(3)}, place)
    hit = 0
    for folder, _, names in os.walk(place):
        for name in names:
            file = os.path.join(folder, name)
            with open(file, "rb") as opened:
                data = opened.read()
            flipped = bytearray(data)
            if data:
                flipped[len(data) // 2] ^= 1
            for change in (
                None,
                flipped,
                data[: len(data) // 2],
                b"",
                b"\0" * len(data),
            ):
                os.remove(file)
                if change is not None:
                    with open(file, "wb") as opened:
                        opened.write(change)
                else:
                    hit += name == orbax.STRUCTURE
                hit += _is_damaged(place)
                with open(file, "wb") as opened:
                    opened.write(data)
    assert hit > 8 and load(place)["w"].array().sum() == 44850


def _is_damaged(place) -> bool:
    try:
        assert load(place)["w"].array().sum() == 44850
        return False
    except FileNotFoundError:
        return not orbax.is_checkpoint(place)
    except RuntimeError as error:
        assert "is damaged" in str(error)
        return True


STRUCTURES = [
    {"bytes": "*"},
    {"again": 5},
    {"__class__": 1},
    {"decode": 1},
    {"tensor": {"dtype": "float99", "shape": []}},
    {"tensor": {"dtype": "float32", "shape": [4], "array": "nothing"}},
    {"tensor": {"dtype": "float32", "shape": "x"}},
    {"dict": [1]},
    {"set": [[]]},
    {"default_dict": [], "factory": "system"},
    {},
]


@pytest.mark.parametrize("value", STRUCTURES, ids=str)
def test_damaged_structures(value, tmp_path):
    save(1, tmp_path / "a")
    text = json.dumps({"format": 1, "value": value, "checksums": {}})
    (tmp_path / "a" / orbax.STRUCTURE).write_text(text)
    with pytest.raises(RuntimeError, match="is damaged"):
        load(tmp_path / "a")


def test_newer_format(tmp_path):
    save(1, tmp_path / "a")
    text = json.dumps({"format": 9, "value": 1, "checksums": {}})
    (tmp_path / "a" / orbax.STRUCTURE).write_text(text)
    with pytest.raises(RuntimeError, match="written by a newer torchlike"):
        load(tmp_path / "a")


CHILD = """
    import itertools, sys
    import numpy as np
    from tests._formats.test_orbax import save
    from torchlike._formats.stored import StoredTensor
    first = int(sys.argv[2])
    for n in itertools.count(first):
        save({"w": StoredTensor.of(np.full(1000, n)), "n": n}, sys.argv[1])
        if n == first:
            print("ready", flush=True)
"""


def test_kill_while_saving(tmp_path):
    seen = set()
    for turn in range(3):
        code, path = textwrap.dedent(CHILD), str(tmp_path / "a")
        command = [sys.executable, "-c", code, path, str(1000 * turn)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        child.stdout.readline()
        time.sleep(0.8 + 0.113 * turn)  # seconds
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        found = load(tmp_path / "a")
        assert set(found["w"].array().tolist()) == {found["n"]}
        seen.add(found["n"] // 1000)
    assert seen == {0, 1, 2}
    save("end", tmp_path / "a")
    assert load(tmp_path / "a") == "end" and os.listdir(tmp_path) == ["a"]
