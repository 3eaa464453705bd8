"""``torch.masked`` and ``torch.nested`` beside PyTorch's."""

from __future__ import annotations

import pytest

from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module."""
    PROGRAMS.append(function)
    return function


def _data(m):
    x = m.tensor([[-3.0, -2, -1], [0, 1, 2]], dtype=m.float64)
    return x, m.tensor([[True, False, True], [False, False, False]])


@program
def reductions(m):
    x, mask = _data(m)
    M = m.masked
    made = []
    for name in "sum prod amax amin mean logsumexp norm var std argmax argmin".split():
        options = {"dim": 1, "keepdim": True, "mask": mask}
        made.append(getattr(M, name)(x, **options))
    made += [M.sum(x.int(), mask=mask), M.sum(x), M.mean(x, (0, 1)), M.median(x, 1)]
    return [t.nan_to_num(7.0) if t.is_floating_point() else t for t in made]


@program
def normalisations(m):
    x, mask = _data(m)
    M = m.masked
    names = "softmax log_softmax softmin cumsum cumprod".split()
    made = [getattr(M, n)(x, 1, mask=mask) for n in names]
    made += [M.normalize(x, 2.0, 1, mask=mask), M.logaddexp(x, x, input_mask=mask)]
    return [t.nan_to_num(7.0) for t in made]


@program
def gradient(m):
    x, mask = _data(m)
    x.requires_grad_()
    m.masked.mean(x[:1], 1, mask=mask[:1]).sum().backward()
    return x.grad


@program
def mean_of_integers(m):
    return m.masked.mean(m.ones(2, dtype=m.int64))


@program
def masked_tensors(m):
    x, mask = _data(m)
    t = m.masked.masked_tensor(x.float(), mask)
    made = [t, t + t, t.abs() * 2, m.masked.masked_tensor(m.tensor(1.5), mask[0, 0])]
    texts = [repr(u) for u in made]
    return texts, t.get_data(), t.get_mask(), t.to_tensor(9.0)


@program
def nested(m):
    a, b = m.arange(6.0).reshape(2, 3), m.zeros(1, 3)
    n = m.nested.nested_tensor([a, b])
    made = [n.unbind(), n.to_padded_tensor(-1.0), (n * 2 + n).to_padded_tensor(0.0)]
    made.append(m.nested.to_padded_tensor(n.relu(), 0.0, output_size=(2, 3, 4)))
    made.append(m.nn.functional.linear(n, m.ones(2, 3)).to_padded_tensor(0.0))
    return made, repr(n), n.is_nested, n.dim(), a.is_nested


@program
def jagged(m):
    a, b = m.arange(6.0).reshape(2, 3), m.zeros(1, 3)
    n = m.nested.nested_tensor([a, b], layout=m.jagged)
    made = [n.values(), n.offsets(), (n + 1).values(), n.to_padded_tensor(0.0)]
    return made, n.lengths(), list(n.unbind()), n.is_nested


@program
def from_jagged(m):
    rows, offsets = m.arange(10.0).reshape(5, 2), m.tensor([0, 2, 5])
    n = m.nested.nested_tensor_from_jagged(rows, offsets)
    return n.values(), n.offsets(), list(n.unbind())


@program
def nested_gradient(m):
    w = m.ones(2, 2, requires_grad=True)
    n = m.nested.as_nested_tensor([w, w[:1] * 2])
    (n.to_padded_tensor(0.0) ** 2).sum().backward()
    return w.grad


@program
def nested_of_other_ranks(m):
    return m.nested.nested_tensor([m.ones(2, 3), m.ones(2)])


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_beside_pytorch(function):
    compare(function)
