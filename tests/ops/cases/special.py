"""torch.special."""

import numpy as np

from ..table import array, error, ints, normal, row, uniform

_WIDE = array([*np.linspace(-12, 12, 25), -20.0, 1e-6, 50.0, -0.0], grad=False)
_EDGES = array([np.inf, -np.inf, np.nan, 1e4], grad=False)
_INSIDE = array(np.linspace(-1.5, 1.5, 13), grad=False)
_DEGREES = array(np.array([-1, 0, 1, 2, 5, 7, 8, 9, 20])[:, None], float, grad=False)

_BESSEL = (
    "airy_ai",
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "spherical_bessel_j0",
)
_CHEBYSHEV = tuple(f"chebyshev_polynomial_{kind}" for kind in "tuvw")
_POLYNOMIALS = (
    *_CHEBYSHEV,
    *(f"shifted_{name}" for name in _CHEBYSHEV),
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
)

ROWS = [
    *[row(f"special.{name}", _WIDE) for name in _BESSEL],
    *[row(f"special.{name}", _EDGES) for name in _BESSEL],
    row("special.bessel_j0", ints(5)),
    *[row(f"special.{name}", _INSIDE, _DEGREES) for name in _POLYNOMIALS],
    *[row(f"special.{name}", _INSIDE, 8.9, grad=False) for name in _POLYNOMIALS],
    *[
        row(f"special.{name}", 0.3, array([7.2, 9.9, -0.5]), grad=False)
        for name in _POLYNOMIALS
    ],
    row("special.legendre_polynomial_p", _INSIDE, 3),
    row("special.hermite_polynomial_h", _INSIDE, 600),
    *[
        row(f"special.{name}", normal(5), second=name != "log_ndtr", dtypes="float32")
        for name in ("i0e", "i1", "i1e", "erfcx", "log_ndtr", "ndtr")
    ],
    row("special.erfcx", array([8.9, 9.1, 11.9, 12.1, 30.0, -2.0, 1e10], grad=False)),
    row("special.ndtri", uniform(5)),
    row("special.entr", uniform(5), dtypes="bfloat16"),
    row("special.xlog1py", normal(5), uniform(5)),
    row("special.zeta", array([2.0, 3.5], grad=False), array([1.5, 0.3], grad=False)),
    row("special.softmax", normal(3, 4), 1),
    row("special.log_softmax", normal(3, 4), 0),
    row("special.logsumexp", normal(3, 4), 1),
    error("special.polygamma", -1, normal(3)),
]
