"""Where the sweep compares less, or more loosely, than usual; each row has its reason.

Patterns are those of ``fnmatch``, over entry names (and dtypes).
"""

from __future__ import annotations

from fnmatch import fnmatch

# Entries that are not run.
SKIPPED = {
    "torch._scaled_mm*": "float8 only, which no CPU dtype of the sweep covers",
    "torch.ops.aten._flash_attention_forward": "an internal of CUDA; no CPU dtype",
    "torch.ops.aten._efficient_attention_forward": "an internal of CUDA; no CPU dtype",
    "nn.functional.batch_norm.without_cudnn": "CUDA only; no CPU dtype",
    "jiterator_*": "CUDA source code compiled at run time",
    "chalf": "complex32, which JAX lacks",
}

# Entries whose values nobody promises: only types, dtypes and shapes are compared.
UNDEFINED = {
    "empty": "uninitialised memory",
    "empty_*": "uninitialised memory",
    "new_empty*": "uninitialised memory",
    "resize_*": "new elements are uninitialised",
}

# Results that are unique up to a choice (signs or phases of vectors, order): compared
# through the function that OpInfo applies before it takes gradients.
GAUGE = {
    "linalg.eigh": "the signs or phases of eigenvectors",
    "linalg.eig": "the phases of eigenvectors",
    "linalg.svd": "the signs or phases of singular vectors",
    "svd": "the signs or phases of singular vectors",
    "svd_lowrank": "the signs of singular vectors",
    "pca_lowrank": "the signs of singular vectors",
}

# Entries whose indices may name any of several equal elements (`stable=False`): of
# values and indices only the values are compared, of indices alone the shape.
TIES = {
    "argsort": "the order of equal elements",
    "sort": "the order of equal elements",
    "topk": "the order of equal elements",
    "kthvalue": "which of equal elements",
    "mode": "which of equal elements",
}

# Entries whose result depends on the strides of what they are given.
STRIDED = {
    "as_strided*": "reads the storage",
    "contiguous": "a copy or not",
    "*_like*": "keeps the order of strides",
    "to": "memory formats",
    "clone": "memory formats",
    "view": "refuses what is not contiguous",
}

# (entries, dtypes, check) -> ((relative, absolute) tolerance, reason); none may exceed
# 1e-3 but for the half precisions, whose eps is as large.
LOOSE: dict[tuple[str, str, str], tuple[tuple[float, float], str]] = {
    ("logsumexp", "complex128", "second"): (
        (1e-9, 1e-9),
        "where one element is all, PyTorch's second gradient is 3e-10 and not 0",
    ),
    ("*_lowrank", "*", "second"): (
        (1e-6, 1e-7),
        "rounding grows through the differences of singular values",
    ),
    ("nn.functional.conv_transpose3d", "bfloat16", "values"): (
        (1.6e-2, 1e-2),
        "PyTorch adds in bfloat16: it is four times as far from float64 as ours",
    ),
    ("nn.functional.multi_head_attention_forward", "float16", "values"): (
        (2e-3, 2e-3),
        "the softmax of scores rounded to float16: both are 0.03 from float64",
    ),
    ("nn.LinearCrossEntropyLoss", "bfloat16", "grads"): (
        (1.6e-2, 1e-2),
        "PyTorch rounds the scores: it is 1.6 times as far from float64 as ours",
    ),
}


def _find(table: dict, name: str):
    for pattern, value in table.items():
        if fnmatch(name, pattern):
            return value
    return None


def skipped(name: str) -> str | None:
    """Why the entry is not run."""
    return _find(SKIPPED, name)


def undefined(name: str) -> bool:
    """Whether the entry's values mean nothing."""
    return _find(UNDEFINED, name) is not None


def gauge(name: str) -> bool:
    """Whether results are compared after OpInfo's own function on them."""
    return _find(GAUGE, name) is not None


def strided(name: str) -> bool:
    """Whether the strides of arguments are kept."""
    return _find(STRIDED, name) is not None


def ties(name: str) -> bool:
    """Whether indices are not compared where the order is free."""
    return _find(TIES, name) is not None


def loose(name: str, dtype: str, check: str):
    """The tolerance of a row instead of the usual one."""
    for (names, dtypes, checks), (tolerance, _) in LOOSE.items():
        matches = fnmatch(name, names) and fnmatch(dtype, dtypes)
        if matches and fnmatch(check, checks):
            return tolerance
    return None
