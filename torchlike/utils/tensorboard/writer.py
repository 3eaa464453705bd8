"""``SummaryWriter``: tensorboardX's, given NumPy arrays where users give tensors."""

from __future__ import annotations

import functools
import os
import time

from ..._tensor import Tensor

try:
    import tensorboardX
except ImportError as error:
    raise ImportError(
        "torch.utils.tensorboard needs tensorboardX: pip install tensorboardX"
    ) from error

from tensorboardX.writer import FileWriter as FileWriter

from .graph import graph_of


def _plain(item):
    """Tensors as NumPy arrays, in containers too."""
    if isinstance(item, Tensor):
        return item.detach().cpu().numpy()
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    if isinstance(item, (list, tuple)) and not hasattr(item, "_fields"):
        return type(item)(_plain(value) for value in item)
    return item


def _number(item):
    """Tensors and arrays of one element as numbers."""
    item = _plain(item)
    return item.item() if hasattr(item, "item") and item.size == 1 else item


def _with_arrays(method):
    @functools.wraps(method)
    def call(self, *args, **kwargs):
        return method(self, *_plain(args), **_plain(kwargs))

    return call


class _Writer(tensorboardX.SummaryWriter):
    """tensorboardX's writer, of tensors."""


for _name, _method in vars(tensorboardX.SummaryWriter).items():
    if _name.startswith("add_"):
        setattr(_Writer, _name, _with_arrays(_method))


class SummaryWriter(_Writer):
    """Writes event files to ``log_dir`` (default: ``runs/`` and the time)."""

    def __init__(
        self,
        log_dir=None,
        comment: str = "",
        purge_step=None,
        max_queue: int = 10,
        flush_secs: int = 120,
        filename_suffix: str = "",
    ) -> None:
        where = None if log_dir in (None, "") else os.fspath(log_dir)
        super().__init__(
            where, comment, purge_step, max_queue, flush_secs, filename_suffix
        )
        self.log_dir = self.logdir
        self.purge_step = purge_step

    def get_logdir(self) -> str:
        """Where the files are."""
        return self.logdir

    def add_scalar(
        self, tag, scalar_value, global_step=None, walltime=None, new_style=False,
        double_precision=False,
    ) -> None:  # fmt: skip
        """A point of a curve; both styles are stored as tensorboardX's float32."""
        super().add_scalar(tag, _number(scalar_value), global_step, walltime)

    def add_hparams(
        self, hparam_dict, metric_dict, hparam_domain_discrete=None, run_name=None,
        global_step=None,
    ) -> None:  # fmt: skip
        """A run's settings and results, for TensorBoard's table of runs."""
        super().add_hparams(
            {key: _number(value) for key, value in hparam_dict.items()},
            {key: _number(value) for key, value in metric_dict.items()},
            run_name or str(time.time()),
            global_step,
        )

    def add_figure(
        self, tag, figure, global_step=None, close=True, walltime=None
    ) -> None:
        """A figure of Matplotlib, or a list of them, as a picture."""
        super().add_figure(tag, figure, global_step, close, walltime)

    def add_image_with_boxes(
        self, tag, img_tensor, box_tensor, global_step=None, walltime=None, rescale=1,
        dataformats="CHW", labels=None,
    ) -> None:  # fmt: skip
        """A picture with boxes, given as the corners ``(xmin, ymin, xmax, ymax)``."""
        super().add_image_with_boxes(
            tag, img_tensor, box_tensor, global_step, walltime, dataformats, labels,
            rescale=rescale,
        )  # fmt: skip

    def add_graph(
        self, model, input_to_model=None, verbose=False, use_strict_trace=True
    ) -> None:
        """The layers of ``model`` and what flows between them, as FX traces them."""
        graph = graph_of(model, input_to_model, verbose)
        self._get_file_writer().add_onnx_graph(graph)  # that is: without run times
