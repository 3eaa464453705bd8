"""Sparse tensors beside PyTorch's: making, converting, arithmetic, gradients, text."""

from __future__ import annotations

import pytest

from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module."""
    PROGRAMS.append(function)
    return function


def _sparse(m, dtype="float64"):
    i = m.tensor([[0, 1, 1], [2, 0, 2]])
    return m.sparse_coo_tensor(
        i, m.tensor([3.0, 4, 5], dtype=getattr(m, dtype)), (2, 3)
    )


def _dense(m):
    return m.arange(6, dtype=m.float64).reshape(3, 2)


@program
def text(m):
    s = _sparse(m, "float32")
    i = s._indices()
    v = m.ones(3).requires_grad_()
    grown = m.sparse_coo_tensor(i, m.ones(3, 2))
    made = [s, s.coalesce().requires_grad_(), s.to_sparse_csr(), grown, s.double()]
    made += [s.to_sparse_csc(), m.sparse_coo_tensor(i, v, (2, 3))]
    made += [m.sparse_coo_tensor((2, 3))]
    return [repr(t) for t in made]


@program
def parts(m):
    s = m.sparse_coo_tensor(m.tensor([[1, 0, 1], [0, 1, 0]]), m.tensor([1.0, 2, 3]))
    c = s.coalesce()
    facts = [s.is_coalesced(), c.is_coalesced(), s._nnz(), c._nnz(), s.is_sparse]
    facts += [s.sparse_dim(), s.dense_dim(), s.numel(), s.is_sparse_csr]
    row = c.to_sparse_csr()
    return [
        *facts,
        tuple(s.shape),
        s._indices(),
        s._values(),
        c.indices(),
        c.values(),
        row.crow_indices(),
        row.col_indices(),
        c.to_sparse_csc().ccol_indices(),
        c.to_sparse_csc().row_indices(),
        m.ones(2).is_sparse,
    ]


@program
def conversions(m):
    x = m.tensor([[0.0, 2, 0], [3, 0, 4]])
    made = [x.to_sparse(), x.to_sparse(1), x.to_sparse_csr(), x.to_sparse_csc()]
    made += [x.to_sparse(layout=m.sparse_csr), x.to_sparse_csr().to_sparse()]
    made += [x.to_sparse().t(), x.to_sparse().transpose(0, 1), x.to_dense()]
    made += [m.sparse_csr_tensor([0, 1, 3], [1, 0, 2], [2.0, 3.0, 4.0])]
    made += [m.tensor([True, False]).to_sparse(), m.tensor(3.0).to_sparse()]
    return made


@program
def arithmetic(m):
    s, d = _sparse(m), _dense(m)
    return [
        s + s,
        s - s,
        s * 2,
        s / 2,
        -s,
        d.t() + s,
        s.abs(),
        s.sqrt(),
        s.sin(),
        s.float(),
        s.bool(),
        s @ d,
        s.mm(d),
        m.mv(s, d[:, 0]),
        m.addmm(m.ones(2, 2, dtype=m.float64), s, d),
        s.to_sparse_csr() @ d,
        s.sum(),
        s.norm(),
        s.clone(),
        s.detach(),
        s.coalesce().values(),
        m.ones(2, 3).sparse_mask(s.coalesce()),
        s.sparse_mask(s.coalesce()),
        m.smm(s, d),
        m.hspmm(s, d),
    ]


@program
def module(m):
    s, d, P = _sparse(m), _dense(m), m.sparse
    return [
        P.mm(s, d),
        P.mm(s, s.t()),
        P.addmm(m.ones(2, 2, dtype=m.float64), s, d, beta=2.0, alpha=3.0),
        P.sum(s),
        P.sum(s, 0),
        P.sum(s, 1),
        P.sum(s, (0, 1)),
        P.softmax(s, 1),
        P.log_softmax(s, 0),
        P.spdiags(m.ones(2, 3), m.tensor([0, 1]), (3, 3)),
        P.mm(s.to_sparse_csr(), d, "mean"),
        P.mm(s.to_sparse_csr(), d, "amax"),
        P.sampled_addmm(s.to_sparse_csr(), d.t() @ d, d.t(), beta=0.5, alpha=2.0),
    ]


@program
def gradients_of_values(m):
    v = m.tensor([3.0, 4, 5], dtype=m.float64, requires_grad=True)
    i, d = _sparse(m)._indices(), _dense(m).requires_grad_()
    (m.sparse.mm(m.sparse_coo_tensor(i, v, (2, 3)), d) ** 2).sum().backward()
    first = v.grad.clone(), d.grad
    (m.sparse_coo_tensor(i, v, (2, 3)).to_dense() ** 3).sum().backward()
    s = m.sparse_coo_tensor(m.tensor([[0, 0, 1]]), v, (2,)).coalesce()
    (s.values() ** 2).sum().backward()
    return first, v.grad


@program
def gradients_of_sparse_leaves(m):
    grads = []
    for use in (
        lambda s: (m.sparse.mm(s, _dense(m)) ** 2).sum(),
        lambda s: m.sparse.sum(s, 1).to_dense().sum(),
        lambda s: (s.coalesce().values() ** 2).sum(),
        lambda s: (s.to_dense() ** 2).sum(),
    ):
        s = _sparse(m).requires_grad_()
        use(s).backward()
        grads.append(s.grad)
    x = m.tensor([[0.0, 2], [3, 0]], dtype=m.float64, requires_grad=True)
    (x.to_sparse().to_dense() ** 2).sum().backward()
    return grads, x.grad


@program
def sparse_embedding(m):
    table = m.nn.Embedding(4, 2, padding_idx=0, sparse=True, dtype=m.float64)
    out = table(m.tensor([[1, 3], [1, 0]]))
    (out * m.arange(8.0).reshape(2, 2, 2)).sum().backward()
    grad = table.weight.grad
    text = repr(grad)
    again = table(m.tensor([3]))
    again.sum().backward()
    moved = m.zeros(4, 2, dtype=m.float64)
    moved.add_(grad, alpha=-0.5)
    return text, grad.coalesce(), table.weight.grad.to_dense(), moved


@program
def sgd_steps_on_sparse_gradients(m):
    table = m.nn.Embedding(4, 2, sparse=True, dtype=m.float64)
    step = m.optim.SGD(table.parameters(), lr=0.1)
    for i in range(3):
        step.zero_grad()
        (table(m.tensor([i, 1])) ** 2).sum().backward()
        step.step()
    return table.weight.detach()


def _leaf(m, layout):
    x = m.tensor([[0.0, 2, 0], [3, 0, 4]], dtype=m.float64)
    return x.to_sparse(layout=layout).requires_grad_()


_USES = [
    lambda m, s: s @ _dense(m),
    lambda m, s: m.mm(s, _dense(m)),
    lambda m, s: m.mv(s, _dense(m)[:, 0]),
    lambda m, s: m.addmm(m.ones(2, 2, dtype=m.float64), s, _dense(m)),
    lambda m, s: s.t() @ m.ones(2, 2, dtype=m.float64),
    lambda m, s: m.ones(2, 2, dtype=m.float64) @ s,
    lambda m, s: m.nn.functional.linear(m.ones(2, 3, dtype=m.float64), s),
    lambda m, s: _dense(m).t() + s,
    lambda m, s: s.sum(),
    lambda m, s: s.to_dense(),
]
# Where the result is sparse, PyTorch's gradient is sparse too, and ours dense.
_SPARSE_USES = [lambda m, s: s * 2, lambda m, s: s * s, lambda m, s: s + s]


@program
def gradients_through_operators(m):
    grads = []
    for layout in (m.sparse_coo, m.sparse_csr):
        for use in _USES + _SPARSE_USES:
            s = _leaf(m, layout)
            y = use(m, s)
            ((y.to_dense() if use in _SPARSE_USES else y) ** 2).sum().backward()
            grads.append(s.grad.to_dense())
    return grads


@program
def compressed_gradients(m):
    v = m.tensor([1.0, 2, 3], dtype=m.float64, requires_grad=True)
    rows, columns = m.tensor([0, 1, 3]), m.tensor([1, 0, 2])
    d = _dense(m).requires_grad_()
    a = m.sparse_csr_tensor(rows, columns, v, (2, 3))
    (m.sparse.mm(a, d) ** 2).sum().backward()
    first = v.grad.clone(), d.grad
    (m.sparse_csr_tensor(rows, columns, v, (2, 3)).to_dense() ** 2).sum().backward()
    return first, v.grad


@program
def transposed_rows_are_columns(m):
    a = m.tensor([[0.0, 2, 0], [3, 0, 4]]).to_sparse_csr()
    t = a.t()
    parts = t.ccol_indices(), t.row_indices(), t.values()
    return t, parts, t.t(), t.to_sparse(), (t @ m.ones(2, 2)), str(t.t().layout)


def _wrong_rows(crow, columns, size):
    def function(m):
        given = m.tensor(crow), m.tensor(columns), m.ones(len(columns)), size
        return m.sparse_csr_tensor(*given, check_invariants=True)

    function.__name__ = f"wrong_rows_{'_'.join(map(str, crow + columns))}"
    return program(function)


_wrong_rows([1, 1, 3], [1, 0, 2], (2, 3))
_wrong_rows([0, 1, 4], [1, 0, 2], (2, 3))
_wrong_rows([0, 4, 3], [1, 0, 2], (2, 3))
_wrong_rows([0, 1, 3], [1, 0, 3], (2, 3))
_wrong_rows([0, 1, 3], [1, 2, 0], (2, 3))
_wrong_rows([0, 1, 3, 3], [1, 0, 2], (2, 3))
_wrong_rows([0, 1, 3], [1, 0, 2], (2, 3))


@program
def uncoalesced_indices(m):
    return _sparse(m).indices()


@program
def indices_of_a_dense_tensor(m):
    return m.ones(2).indices()


@program
def wrong_number_of_values(m):
    return m.sparse_coo_tensor(m.tensor([[0, 1]]), m.ones(3), (2,))


@program
def sparse_plus_dense(m):
    return _sparse(m) + m.ones(2, 3)


@program
def sparse_as_numpy(m):
    return _sparse(m).numpy()


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_beside_pytorch(function):
    compare(function)
