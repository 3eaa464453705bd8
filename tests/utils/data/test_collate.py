"""default_collate and default_convert, case by case beside PyTorch."""

import collections
import types

import numpy as np
import pytest

from .both import ours, reference, same, tensor

Point = collections.namedtuple("Point", "x y")


class Frozen(collections.abc.Mapping):
    """A mapping that cannot be changed, built from a dict."""

    def __init__(self, items):
        self.items_ = dict(items)

    def __getitem__(self, key):
        return self.items_[key]

    def __iter__(self):
        return iter(self.items_)

    def __len__(self):
        return len(self.items_)

    def __eq__(self, other):
        return repr(self.items_) == repr(other.items_)


BATCHES = {
    "tensors": lambda t: [t([1.0, 2.0]), t([3.0, 4.0])],
    "scalar tensors": lambda t: [t(1), t(2)],
    "sizes differ": lambda t: [t([1.0]), t([1.0, 2.0])],
    "floats": lambda t: [1.5, 2.5],
    "float then int": lambda t: [1.5, 2],
    "ints": lambda t: [1, 2],
    "int then float": lambda t: [1, 2.5],
    "bools": lambda t: [True, False],
    "text": lambda t: ["a", "b"],
    "bytes": lambda t: [b"a", b"b"],
    "float32 arrays": lambda t: [np.ones(2, np.float32)] * 2,
    "int8 arrays": lambda t: [np.ones((2, 1), np.int8)] * 2,
    "bool arrays": lambda t: [np.array([True])] * 2,
    "array dtypes differ": lambda t: [np.ones(2, np.float32), np.ones(2)],
    "array sizes differ": lambda t: [np.ones(2), np.ones(3)],
    "0-d arrays": lambda t: [np.array(3), np.array(4)],
    "text arrays": lambda t: [np.array(["a"])] * 2,
    "object arrays": lambda t: [np.array([None])] * 2,
    "numpy floats": lambda t: [np.float32(1), np.float32(2)],
    "numpy float64": lambda t: [np.float64(1), np.float64(2)],
    "numpy ints": lambda t: [np.int16(1), np.int16(2)],
    "numpy bools": lambda t: [np.bool_(True), np.bool_(False)],
    "pairs": lambda t: [(t([1.0]), 0), (t([2.0]), 1)],
    "lists": lambda t: [[1, "a"], [2, "b"]],
    "lists of other lengths": lambda t: [[1], [1, 2]],
    "tuples of other lengths": lambda t: [(1, 2), (1,)],
    "dicts": lambda t: [{"x": t([1.0]), "y": 1}, {"x": t([2.0]), "y": 2}],
    "missing key": lambda t: [{"x": 1}, {"y": 1}],
    "nested": lambda t: [{"x": [(1, 2.0)]}, {"x": [(3, 4.0)]}],
    "namedtuples": lambda t: [Point(1, 2.0), Point(3, 4.0)],
    "ordered": lambda t: [collections.OrderedDict(b=1, a=2)] * 2,
    "default dict": lambda t: [collections.defaultdict(list, a=1)] * 2,
    "deque": lambda t: [collections.deque([1, 2])] * 2,
    "ranges": lambda t: [range(3), range(3, 6)],
    "read-only": lambda t: [types.MappingProxyType({"a": 1})] * 2,
    "frozen": lambda t: [Frozen({"a": "x"})] * 2,
    "empty": lambda t: [],
    "None": lambda t: [None, None],
    "set": lambda t: [{1}, {2}],
    "object inside": lambda t: [(1, None), (2, None)],
}


@pytest.mark.parametrize("name", BATCHES)
def test_default_collate(name):
    make = BATCHES[name]
    same(lambda m: m.default_collate(make(lambda x: tensor(m, x))))


@pytest.mark.parametrize("name", BATCHES)
def test_default_convert(name):
    make = BATCHES[name]
    same(lambda m: m.default_convert(make(lambda x: tensor(m, x))))


@pytest.mark.parametrize(
    "value",
    [np.float32(2), np.int64(3), np.arange(3), np.str_("a"), np.array(["a"]), 1, "a"],
    ids=repr,
)
def test_default_convert_of_a_single_value(value):
    same(lambda m: m.default_convert(value))


def test_containers_of_the_samples_are_not_changed():
    for module in (ours, reference):
        sample = collections.OrderedDict(a=1)
        batch = module.default_collate([sample, sample])
        assert type(batch) is collections.OrderedDict and sample == {"a": 1}


def test_a_function_of_ones_own_for_a_type():
    from torchlike.utils.data.collate import collate, default_collate_fn_map

    def first(batch, *, collate_fn_map=None):
        return batch[0]

    functions = {(set, frozenset): first, **default_collate_fn_map}
    batch = collate([({1}, 2), ({3}, 4)], collate_fn_map=functions)
    assert batch[0] == {1} and batch[1].tolist() == [2, 4]


def test_a_batch_does_not_share_memory_with_the_dataset():
    rows = np.zeros((4, 2), np.float32)
    batch = next(iter(ours.DataLoader(list(rows), batch_size=2)))
    rows[:] = 1
    assert batch.tolist() == [[0, 0], [0, 0]]
