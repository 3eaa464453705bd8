"""torch.special's names for functions that live elsewhere."""

from __future__ import annotations

from . import _registry, activation, binary, elementary, reduce, special, unary

_SAME = {
    "digamma": special.digamma,
    "erf": special.erf,
    "erfc": special.erfc,
    "erfinv": special.erfinv,
    "exp2": elementary.exp2,
    "expit": elementary.sigmoid,
    "expm1": elementary.expm1,
    "gammainc": special.igamma,
    "gammaincc": special.igammac,
    "gammaln": special.lgamma,
    "i0": special.i0,
    "log1p": elementary.log1p,
    "log_softmax": activation.log_softmax,
    "logit": unary.logit,
    "logsumexp": reduce.logsumexp,
    "multigammaln": special.mvlgamma,
    "polygamma": special.polygamma,
    "psi": special.digamma,
    "round": unary.round,
    "sinc": elementary.sinc,
    "softmax": activation.softmax,
    "xlogy": binary.xlogy,
}

for _name, _function in _SAME.items():
    _registry.add(_name, {"": _function}, None, scope="special", method=False)
