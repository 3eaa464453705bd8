"""What the tables of ops and the sweep share: tolerances, gradients of combinations.

Both compare the gradients of a fixed random combination of an op's results.
"""

from __future__ import annotations

import numpy as np

# By result dtype: the largest difference relative to the value, and the absolute one.
TOLERANCE = {
    "float64": (1e-9, 1e-11),
    "complex128": (1e-9, 1e-11),
    "float32": (3e-5, 3e-6),
    "complex64": (3e-5, 3e-6),
    "bfloat16": (8e-3, 1e-3),
    "float16": (1e-3, 1e-4),
}


def weights(shape, kind: str, seed: int) -> np.ndarray:
    """Fixed cotangents."""
    rng = np.random.default_rng(100 + seed)
    made = rng.normal(size=shape)
    if "complex" in kind:
        made = made + 1j * rng.normal(size=shape)
    return np.asarray(made, kind)


def kind(tensor) -> str:
    """The name of a tensor's dtype, in either library."""
    return str(tensor.dtype).removeprefix("torch.")


def tensors(result) -> list:
    """What a result holds, in order."""
    if isinstance(result, (tuple, list)):
        return [t for item in result for t in tensors(item)]
    return [result]


def gradients(library, results, leaves, orders: int, *, through=False) -> list[list]:
    """Gradients of fixed combinations of the results, of each order.

    With ``through`` those of the second order are taken by the first one's cotangents
    as well as by the leaves.
    """
    level, sources, found = _numbered(tensors(results)), list(leaves), []
    for step in range(orders):
        if not level:
            break
        cotangents = [
            library.from_numpy(weights(tuple(t.shape), kind(t), i + 7 * step))
            for i, t in level.items()
        ]
        if through:
            cotangents = [c.requires_grad_() for c in cotangents]
            leaves = [*sources, *cotangents]
        made = library.autograd.grad(
            list(level.values()),
            sources,
            cotangents,
            create_graph=step + 1 < orders,
            allow_unused=True,
        )
        found.append(list(made))
        level, sources = _numbered(made), list(leaves)
    return found


def _numbered(found) -> dict[int, object]:
    """The tensors that have a gradient, by position."""
    return {i: t for i, t in enumerate(found) if getattr(t, "requires_grad", False)}
