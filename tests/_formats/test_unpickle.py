"""Hostile and damaged pickles: nothing runs, the refusal says why."""

import builtins
import collections
import io
import os
import pickle
import pickletools

import pytest
import torch

from torchlike._formats import pytorch_read
from torchlike._formats.unpickle import SafeUnpickler

ran = []


def run(*arguments):
    ran.append(arguments)


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()
    yield
    assert not ran


def reduces(function, *arguments):
    class Evil:
        def __reduce__(self):
            return function, arguments

    return Evil()


def read(data: bytes):
    table = pytorch_read._Reader(pytorch_read.PlainMaker(), None, {}, "utf-8").allowed
    return SafeUnpickler(io.BytesIO(data), table, {}, lambda identifier: None).load()


CALLS = [
    (os.system, "touch ran"),
    (run, 1),
    (builtins.eval, "1"),
    (builtins.exec, "1"),
    (builtins.__import__, "os"),
    (builtins.getattr, "", "join"),
    (pickle.loads, b""),
    (io.open, "/etc/passwd"),
    (torch.load, "x"),
    (collections.namedtuple, "a", "b"),
]


@pytest.mark.parametrize("call", CALLS, ids=lambda c: c[0].__qualname__)
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "old"])
def test_calls_are_refused_as_pytorch_refuses_them(call, zipped):
    buffer = io.BytesIO()
    torch.save({"a": reduces(*call)}, buffer, _use_new_zipfile_serialization=zipped)
    buffer.seek(0)
    with pytest.raises(pickle.UnpicklingError) as theirs:
        torch.load(buffer, weights_only=True)
    buffer.seek(0)
    with pytest.raises(pickle.UnpicklingError) as ours:
        pytorch_read.read(buffer)
    assert str(ours.value) in str(theirs.value)


G, T, R, STOP = b"c", b"\x85", b"R", b"."
ORDERED = b"ccollections\nOrderedDict\n"
PROGRAMS = {
    # Attributes of what a file may name must not change.
    "build on a class": ORDERED + b"}X\x01\x00\x00\x00aK\x01sb.",
    "build on a function": b"ctorch._utils\n_rebuild_tensor_v2\n}b.",
    "build on a dtype": b"ctorch\nfloat32\n}X\x04\x00\x00\x00nameK\x01sb.",
    "slots of a dtype": b"ctorch\nfloat32\nN}X\x04\x00\x00\x00nameK\x01s\x86b.",
    "build on a set": b"\x8f}b.",
    "reduce a string": b"X\x01\x00\x00\x00a)R.",
    "reduce a method": b"X\x01\x00\x00\x00aX\x04\x00\x00\x00joinR.",
    "new object of a function": b"c_codecs\nencode\n)\x81.",
    "new object of int": b"K\x01)\x81.",
    "append to a tuple": b")K\x01a.",
    "append to a set": b"\x8fK\x01a.",
    "set an item of a list": b"]K\x00K\x01s.",
    "arguments that are a list": ORDERED + b"]R.",
    "dotted name": b"ccollections\nOrderedDict.__init__.__globals__\n.",
    "os": b"cos\nsystem\n.",
    "sys": b"csys\nmodules\n.",
    "codec with a transform": b"c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00"
    b"\x00rot13\x86R.",
    "persistent id of text": b"X\x01\x00\x00\x00aQ.",
    "persistent id of module": b"X\x06\x00\x00\x00module\x85Q.",
    "extension": b"\x82\x01.",
    "instance": b"(ios\nsystem\n.",
    "object": b"(cos\nsystem\no.",
    "stack global": b"\x8c\x02os\x8c\x06system\x93.",
    "long 4": b"\x8b\x01\x00\x00\x00\x01.",
    # Damage.
    "nothing to stop at": b"N",
    "stop with nothing": b".",
    "unknown memo": b"h\x05.",
    "unmatched mark": b"t.",
    "odd items": b"}(K\x01u.",
    "unhashable key": b"}]K\x01s.",
    "cut number": b"J\x01\x00",
    "cut text": b"X\xff\xff\xff\xff" + b"a" * 10,
    "bad utf-8": b"X\x01\x00\x00\x00\xff.",
    "cut name": b"ctorch",
    "tuple of nothing": b"\x87.",
    "list for a count": ORDERED + b"(N\x85R.",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_are_refused(name):
    try:
        pickletools.dis(PROGRAMS[name], out=io.StringIO())
    except ValueError:
        pass  # some are damaged
    with pytest.raises((pickle.UnpicklingError, EOFError)):
        read(b"\x80\x02" + PROGRAMS[name])


def test_nothing_shared_was_changed():
    from torchlike import _dtypes

    assert _dtypes.float32.name == "float32"
    assert not hasattr(collections.OrderedDict, "a")


def test_protocol_4_warns_like_pytorch():
    with pytest.warns(UserWarning, match="Detected pickle protocol 4"):
        with pytest.raises(pickle.UnpicklingError, match="Unsupported operand 149"):
            read(pickle.dumps({"a": 1}, protocol=4))


@pytest.mark.parametrize("seed", range(20))
def test_random_damage_gives_an_error_or_a_value(seed):
    """Flipped bytes never give anything but these exceptions."""
    import random

    buffer = io.BytesIO()
    model = torch.nn.Linear(3, 2)
    torch.save(model.state_dict(), buffer, _use_new_zipfile_serialization=seed % 2)
    good, rng = buffer.getvalue(), random.Random(seed)
    for _ in range(60):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            pytorch_read.read(io.BytesIO(bytes(data[: rng.choice([None, 700])])))
        except (pickle.UnpicklingError, EOFError, RuntimeError, NotImplementedError):
            pass


OUTSIDE = [((2,), (1,), 9), ((11,), (1,), 0), ((2,), (10,), 0), ((2, 2), (1,), 0)]
OUTSIDE += [((-1,), (1,), 0), ((2,), (-1,), 5), ((2,), (1,), -1), ((2.5,), (1,), 0)]


@pytest.mark.parametrize("layout", OUTSIDE, ids=str)
def test_tensors_outside_their_storage_are_refused(layout):
    shape, strides, offset = layout

    class Evil:
        def __reduce__(self):
            hooks = collections.OrderedDict()
            storage = torch.ones(10).storage()
            args = (storage, offset, shape, strides, False, hooks)
            return torch._utils._rebuild_tensor_v2, args

    buffer = io.BytesIO()
    torch.save(Evil(), buffer)
    buffer.seek(0)
    with pytest.raises((RuntimeError, pickle.UnpicklingError)):
        pytorch_read.read(buffer).array()
