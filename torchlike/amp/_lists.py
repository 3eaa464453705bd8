"""Which functions autocast runs in which precision.

``LOWER``: in autocast's dtype; ``FLOAT32``: in float32; ``WIDEST``: in the widest dtype
of their arguments.

**Source** https://pytorch.org/docs/stable/amp.html, checked against PyTorch.
"""

from __future__ import annotations

from .._ops import _registry, recurrent, recurrent_cells

_PRODUCTS = (
    "matmul mm bmm addmm addbmm baddbmm einsum inner tensordot chain_matmul "
    "linalg.multi_dot linalg.vecdot linalg.matmul "
    "nn.functional.linear nn.functional.prelu prelu "
    "nn.functional.scaled_dot_product_attention"
)
_CONVOLUTIONS = " ".join(
    f"nn.functional.conv{kind}{n}d conv{kind}{n}d"
    for kind in ("", "_transpose")
    for n in (1, 2, 3)
)
_LOSSES = " ".join(
    f"nn.functional.{name}"
    for name in (
        "mse_loss l1_loss smooth_l1_loss huber_loss kl_div poisson_nll_loss "
        "binary_cross_entropy_with_logits soft_margin_loss hinge_embedding_loss "
        "cross_entropy nll_loss multi_margin_loss triplet_margin_loss "
        "cosine_embedding_loss margin_ranking_loss ctc_loss multilabel_margin_loss"
    ).split()
)

CPU = {
    "lower": f"{_PRODUCTS} {_CONVOLUTIONS}",
    "float32": f"{_LOSSES} nn.functional.binary_cross_entropy prod cdist trace "
    "nn.functional.avg_pool3d nn.functional.adaptive_avg_pool3d quantile nanquantile "
    "nn.functional.adaptive_max_pool3d nn.functional.grid_sample stft polar "
    "view_as_complex cholesky cholesky_inverse cholesky_solve inverse pinverse qr svd "
    "fft.fft fft.ifft fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.rfft fft.irfft "
    "fft.rfft2 fft.irfft2 fft.rfftn fft.irfftn fft.hfft fft.ihfft linalg.inv "
    "linalg.cholesky linalg.eigh linalg.eigvalsh linalg.svd linalg.svdvals linalg.qr "
    "linalg.solve linalg.lstsq linalg.cond linalg.matrix_rank linalg.eig "
    "linalg.eigvals linalg.tensorinv linalg.tensorsolve linalg.lu_factor",
    "widest": "cat stack index_copy",
}
CUDA = {
    "lower": f"{_PRODUCTS} {_CONVOLUTIONS} mv addmv addr",
    "float32": f"{_LOSSES} acos asin cosh erfinv exp expm1 log log10 log2 log1p "
    "reciprocal rsqrt sinh tan pow cumprod cumsum dist nn.functional.softplus "
    "nn.functional.layer_norm layer_norm nn.functional.group_norm group_norm norm "
    "nn.functional.cosine_similarity cosine_similarity cdist prod sum renorm softmax "
    "nn.functional.softmax nn.functional.softmin log_softmax nn.functional.pdist "
    "nn.functional.log_softmax nn.functional.normalize",
    "widest": "addcdiv addcmul atan2 nn.functional.bilinear cross dot scatter_add "
    "nn.functional.grid_sample index_put cat stack",
}

_RECURRENT = (
    recurrent.lstm,
    recurrent.rnn_tanh,
    recurrent.rnn_relu,
    recurrent_cells.rnn_tanh_cell,
    recurrent_cells.rnn_relu_cell,
)


def rules(lists: dict[str, str]) -> dict:
    """The rule of each function that is there; methods count as their functions."""
    made = {}
    for rule, names in lists.items():
        for path in names.split():
            scope, _, name = path.rpartition(".")
            table = _registry.functions.get(scope or "torch", {})
            for function in (
                table.get(name),
                not scope and _registry.methods.get(name),
            ):
                if function:
                    made[function] = rule
    return made | dict.fromkeys(_RECURRENT, "lower")
