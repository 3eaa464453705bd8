"""Rows for resize.py, rearrange.py and grid.py."""

import numpy as np

from ..nn_runner import case, const, real

X1, X2, X3 = real(1, 2, 5), real(1, 2, 5, 4), real(1, 2, 5, 4, 3)
NEAR = ("nearest", "nearest-exact", "area")
BY_RANK = {"linear": X1, "bilinear": X2, "bicubic": X2, "trilinear": X3}
SIZES = {"linear": 8, "bilinear": (3, 9), "bicubic": (7, 3), "trilinear": (4, 7, 3)}


def loose(*args, **kwargs):
    return case(*args, **kwargs).with_(tolerance=1e-4)


GRID2, GRID3 = real(1, 3, 4, 2, seed=1), real(1, 2, 3, 2, 3, seed=1)
PADDINGS = ("zeros", "border", "reflection")

ROWS = [
    *(
        case("interpolate", x, scale_factor=2, mode=m)
        for m in NEAR
        for x in (X1, X2, X3)
    ),
    *(case("interpolate", X2, (3, 7), mode=m) for m in NEAR),
    *(case("interpolate", X2, scale_factor=(0.6, 1.7), mode=m) for m in NEAR),
    *(
        loose("interpolate", x, SIZES[m], mode=m, align_corners=a)
        for m, x in BY_RANK.items()
        for a in (None, True)
    ),
    *(loose("interpolate", x, scale_factor=1.7, mode=m) for m, x in BY_RANK.items()),
    loose(
        "interpolate",
        X2,
        scale_factor=1.7,
        mode="bilinear",
        recompute_scale_factor=True,
    ),
    *(
        loose("interpolate", real(1, 1, 9, 8), s, mode=m, antialias=True)
        for m in ("bilinear", "bicubic", "lanczos")
        for s in ((4, 3), (12, 5))
    ),
    case("interpolate", X2, 7, mode="bilinear").with_(half="bfloat16"),
    case("upsample", X2, scale_factor=2),
    case("upsample_bilinear", X2, scale_factor=2),
    case("pixel_shuffle", real(2, 8, 2, 3), 2),
    case("pixel_unshuffle", real(2, 4, 6), 2),
    case("channel_shuffle", real(1, 6, 2, 2), 3),
    case("unfold", X2, 3),
    case("unfold", X2, (2, 3), 1, (1, 0), (2, 1)),
    case("unfold", X2[0], 2, 2),
    case("fold", real(1, 18, 9), (5, 5), 3),
    case("fold", real(8, 4), (4, 4), 2, 1, 0, 2),
    case("fold", real(2, 8, 12), (4, 6), 2, padding=1, stride=2),
    *(
        case("grid_sample", X2, GRID2, m, p, a).with_(second=False, tolerance=1e-4)
        for m in ("bilinear", "nearest", "bicubic")
        for p in PADDINGS
        for a in (False, True)
    ),
    *(
        case("grid_sample", X3, GRID3, m, p).with_(second=False, tolerance=1e-4)
        for m in ("bilinear", "nearest")
        for p in PADDINGS
    ),
    # The grid's own gradient by cubics is 4 % from float64's in bfloat16 and 0.4 % in
    # float16, PyTorch's as well as ours: it is not compared.
    *(
        case("grid_sample", X2, grid, m, p).with_(half=h)
        for m, grid in (("bilinear", GRID2), ("bicubic", const(GRID2)))
        for p in PADDINGS
        for h in ("bfloat16", "float16")
    ),
    *(case("affine_grid", real(2, 2, 3), (2, 1, 3, 4), a) for a in (False, True)),
    case("affine_grid", real(2, 3, 4), (2, 1, 3, 4, 2)),
]
G3 = np.ones((1, 2, 2, 2, 3), np.float32)
ERRORS = [
    case("interpolate", X2, mode="bilinear"),
    case("interpolate", X2, 2, 2, mode="bilinear"),
    case("interpolate", X2, (1, 2, 3), mode="bilinear"),
    case("interpolate", X2, scale_factor=(1, 2, 3), mode="bilinear"),
    case("interpolate", X1, 8, mode="bilinear"),
    case("interpolate", X2, 8, mode="linear"),
    case("interpolate", X2, 8, mode="other"),
    case("interpolate", X2, 8, align_corners=True),
    case("interpolate", X1, 8, mode="linear", antialias=True),
    case("interpolate", real(2, 3), 8),
    case("interpolate", X2, 0),
    case("interpolate", X2, 2, recompute_scale_factor=True),
    case("grid_sample", X2, real(2, 3, 3, 2)),
    case("grid_sample", X2, real(1, 3, 3, 3)),
    case("grid_sample", X2, GRID2, "other"),
    case("grid_sample", X2, GRID2, padding_mode="other"),
    case("grid_sample", X3, G3, "bicubic"),
    case("grid_sample", X2, GRID2.astype(np.float64)),
    case("affine_grid", real(1, 3, 4), (1, 1, 3, 3)),
    case("affine_grid", real(1, 3, 4), (1, 1, 3)),
    case("pixel_shuffle", real(1, 6, 2, 2), 2),
    case("pixel_shuffle", real(8, 2), 2),
    case("pixel_shuffle", real(8, 2, 2), 0),
    case("pixel_unshuffle", real(1, 2, 5, 4), 2),
    case("channel_shuffle", real(1, 3, 2, 2), 2),
    case("channel_shuffle", real(4, 2), 2),
    case("unfold", real(1, 2, 2, 2), 3),
    case("fold", real(1, 17, 9), (5, 5), 3),
    case("fold", real(1, 18, 8), (5, 5), 3),
    case("fold", real(18), (5, 5), 3),
]
