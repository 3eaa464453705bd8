"""torch.fft, stft and istft."""

import numpy as np

from ..table import array, complexes, error, ints, normal, row

_X = normal(3, 6)
_Z = complexes(3, 5)
_ONE_TO_ONE = ("fft", "ifft", "hfft", "irfft")
_ND = ("fftn", "ifftn", "irfftn", "hfftn")
_HANN = array(np.hanning(10)[1:-1], grad=True)

ROWS = [
    *[row(f"fft.{name}", _Z, dtypes="complex64") for name in _ONE_TO_ONE],
    *[
        row(f"fft.{name}", _X, dtypes="float32 int64 float16")
        for name in (*_ONE_TO_ONE, "rfft", "ihfft")
    ],
    *[
        row(f"fft.{name}", _X, n, 0, norm, second=False)
        for name, n, norm in (
            ("fft", 2, "ortho"),
            ("ifft", 5, "forward"),
            ("rfft", 5, "ortho"),
            ("irfft", 5, "forward"),
            ("hfft", 5, "ortho"),
            ("ihfft", 4, "forward"),
        )
    ],
    *[row(f"fft.{name}", _Z) for name in _ND],
    *[row(f"fft.{name}", _X) for name in ("rfftn", "ihfftn")],
    *[row(f"fft.{name[:-1]}2", _Z, second=False) for name in _ND],
    *[row(f"fft.{name}", _X, second=False) for name in ("rfft2", "ihfft2")],
    row("fft.fftn", complexes(2, 3, 2, 2, 3), second=False),
    row("fft.fftn", _X, s=(4, -1), norm="ortho"),
    row("fft.rfftn", normal(3, 4, 5), s=(2, 6), dim=(2, 0), norm="forward"),
    row("fft.irfftn", complexes(3, 4, 5), s=(3, 7), dim=(1, 0)),
    row("fft.hfft2", complexes(3, 4, 5), s=(3, 7), dim=(1, 0), second=False),
    row("fft.fftn", _X, dim=()),
    *[row("fft.fftfreq", n, 0.5) for n in (0, 1, 4, 5)],
    *[row("fft.rfftfreq", n, 0.1) for n in (1, 4, 5)],
    row("fft.fftshift", _X, dtypes="int32"),
    row("fft.ifftshift", normal(3, 5, 4), dim=(0, 1)),
    error("fft.fft", _X, 0),
    error("fft.fft", array(1.0)),
    error("fft.fft", _X, norm="foo"),
    error("fft.fft", _X, 3, 2),
    error("fft.rfft", _Z),
    error("fft.ihfft", _Z),
    error("fft.rfftn", _Z),
    error("fft.ihfftn", _Z),
    error("fft.irfft", normal(3, 1)),
    error("fft.fftn", _X, dim=(0, 0)),
    error("fft.fftn", _X, s=(2,), dim=(0, 1)),
    error("fft.fftn", _X, s=(2, 2, 2)),
    error("fft.rfftn", _X, dim=()),
    error("fft.irfftn", _X, dim=()),
    error("fft.fftn", array(1.0), dim=(0,)),
    error("fft.fftshift", array(1.0)),
    error("fft.fftfreq", -1),
    # ----- frames
    row("stft", normal(2, 30), 8, window=_HANN, return_complex=True),
    row("stft", normal(30), 8, 3, 6, return_complex=False, second=False),
    row("stft", normal(50), 40, 1, center=False, return_complex=True, second=False),
    row("stft", complexes(30), 7, 3, normalized=True, second=False),
    row("stft", normal(30), 8, onesided=False, return_complex=True, second=False),
    row("Tensor.stft", normal(30), 8, pad_mode="constant", return_complex=True),
    row("istft", complexes(5, 9), 8, window=_HANN),
    row("istft", complexes(2, 5, 9), 8, 3, second=False),
    row("istft", complexes(8, 9), 8, 3, return_complex=True, second=False),
    row("istft", complexes(5, 9), 8, length=40, normalized=True, second=False),
    row("istft", complexes(21, 9), 40, 1, second=False),
    error("stft", normal(30), 8),
    error("stft", complexes(30), 8, onesided=True, return_complex=True),
    error("stft", ints(30), 8, return_complex=True),
    error("stft", normal(2, 2, 30), 8, return_complex=True),
    error("stft", normal(30), 40, center=False, return_complex=True),
    error("stft", normal(30), 8, 0, return_complex=True),
    error("stft", normal(30), 8, 2, 9, return_complex=True),
    error("stft", normal(30), 8, window=normal(3), return_complex=True),
    error("istft", normal(5, 9), 8),
    error("istft", complexes(4, 9), 8),
    error("istft", complexes(5, 9), 8, 9),
    error("istft", complexes(5, 9), 8, window=normal(3)),
    error("istft", complexes(5, 9), 8, window=array(np.hanning(8)), center=False),
    error("istft", complexes(5, 9), 8, return_complex=True),
]
