"""Typed storages, named results and other names of old scripts, beside PyTorch's."""

from __future__ import annotations

import pickle

import pytest

import torchlike
from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module."""
    PROGRAMS.append(function)
    return function


@program
def what_a_storage_tells(m):
    made = [m.FloatStorage([1.0, 2]), m.LongStorage(0), m.arange(6.0)[2:].storage()]
    made += [m.ones(2, 2).t().storage(), m.ones(2, dtype=m.complex64).storage()]
    facts = [[len(s), s.size(), s.nbytes(), s.element_size(), s.type()] for s in made]
    kinds = [isinstance(s, m.FloatStorage) for s in made]
    kinds += [isinstance(s, m.storage.TypedStorage) for s in made]
    texts = [repr(s) for s in made] + [str(s.dtype) for s in made]
    return facts, kinds, texts, m.ones(2).storage_type() is m.FloatStorage


@program
def writes_reach_the_tensor(m):
    x = m.zeros(3)
    s = x.storage()
    s[1] = 5
    first = x.clone()
    s[0:2] = 1
    last = s[2], s[-1], list(s), s.clone().fill_(4).tolist()
    s.copy_(m.FloatStorage([7, 8, 9]))
    return first, x, last, s.double().tolist(), s.data_ptr() == x.data_ptr()


@program
def tensors_of_storages(m):
    s = m.FloatStorage([1, 2, 3])
    shown = m.FloatTensor(s)
    shown[0] = 6
    return shown, m.tensor([]).set_(s), s.tolist()


@program
def a_slice_of_a_storage(m):
    return m.FloatStorage(3)[0:1]


@program
def outside_of_a_storage(m):
    return m.FloatStorage(3)[5]


@program
def a_name_as_index(m):
    return m.FloatStorage(3)["a"]


@program
def named_results(m):
    found = m.max(m.eye(2), 0), m.linalg.lu(m.eye(2)), m.sort(m.ones(2))
    kinds = [isinstance(found[0], m.return_types.max)]
    kinds += [isinstance(found[2], m.return_types.max)]
    return [repr(x) for x in found], kinds


@program
def names_of_dtypes_and_schemes(m):
    named = m.uint4, m.int3, m.bits16, m.float4_e2m1fn_x2, m.per_tensor_affine
    return [repr(n) for n in named], m.bits16.itemsize, m.int3.is_signed


@program
def restrided_in_place(m):
    return m.as_strided_(m.arange(6.0), (2, 2), (1, 2)), m.wait(m.fork(m.ones, 2))


@program
def an_absent_device(m):
    return m.ones(2).xpu()


@program
def fused_layers(m):
    from importlib import import_module

    fused = import_module(f"{m.__name__}.ao.nn.intrinsic")
    nn = m.nn
    rows = [fused.ConvBnReLU2d(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), nn.ReLU())]
    rows += [fused.ConvAddReLU2d(nn.Conv2d(2, 2, 1), m.add, nn.ReLU())]
    x = m.arange(8.0).reshape(1, 2, 2, 2)
    names = [list(r.state_dict()) for r in rows]
    return [repr(r) for r in rows], names, rows[0](x), rows[1](x, x)


@program
def layers_that_do_not_fit(m):
    from importlib import import_module

    fused = import_module(f"{m.__name__}.ao.nn.intrinsic")
    return fused.ConvReLU2d(m.nn.Linear(2, 2), m.nn.ReLU())


@program
def fake_quantisation(m):
    wide = [float("nan"), 1e30, -1e30, float("inf"), 0.33, -0.7]
    x = m.tensor(wide)
    rows = [m.fake_quantize_per_tensor_affine(x, 0.1, 2, 0, 20)]
    for kind in (m.float16, m.bfloat16, m.float64):
        y = m.linspace(-2, 2, 9).to(kind)
        rows.append(m.fake_quantize_per_tensor_affine(y, 0.1, 5, 0, 20).float())
    scale, point = m.tensor([0.1, 0.2]), m.tensor([5, 7], dtype=m.int32)
    z = m.linspace(-2, 2, 6).reshape(2, 3)
    rows.append(m.fake_quantize_per_channel_affine(z, scale, point, 0, 0, 20))
    return rows


@program
def gradients_of_fake_quantisation(m):
    x = m.linspace(-2, 2, 6).reshape(2, 3).requires_grad_()
    whole = m.fake_quantize_per_tensor_affine(x, m.tensor(0.1), m.tensor(2), 0, 20)
    scale, point = m.tensor([0.1, 0.2, 0.3]), m.tensor([1.0, 2, 3])
    each = m.fake_quantize_per_channel_affine(x, scale, point, 1, 0, 10)
    (whole**2 + each**3).sum().backward()
    return x.grad, whole.detach(), each.detach()


WRONG = [
    lambda m: m.fake_quantize_per_tensor_affine(m.ones(2), 0.1, 2, 20, 0),
    lambda m: m.fake_quantize_per_tensor_affine(m.ones(2), 0.1, 50, 0, 20),
    lambda m: m.fake_quantize_per_tensor_affine(m.ones(2).long(), 0.1, 5, 0, 20),
    lambda m: m.fake_quantize_per_channel_affine(
        m.ones(2, 3), m.ones(2), m.ones(2), 1, 0, 20
    ),
    lambda m: m.fake_quantize_per_channel_affine(
        m.ones(2, 2), m.ones(2), m.ones(2).long(), 1, 0, 20
    ),
]


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_beside_pytorch(function):
    compare(function)


@pytest.mark.parametrize("function", WRONG)
def test_errors_of_fake_quantisation(function):
    compare(function)


def test_named_results_can_be_pickled():
    made = torchlike.max(torchlike.eye(2), 0)
    again = pickle.loads(pickle.dumps(made))
    assert type(again) is type(made)
    assert again.indices.tolist() == [0, 1]


def test_a_file_as_tensor(tmp_path):
    path = tmp_path / "numbers"
    path.write_bytes(torchlike.arange(4.0).numpy().tobytes())

    def read(m):
        return m.from_file(str(path), size=3), m.from_file(str(path), False, 2)

    compare(read)
    compare(lambda m: m.from_file(str(path), size=9))
    compare(lambda m: m.from_file(str(tmp_path / "none"), size=9))
